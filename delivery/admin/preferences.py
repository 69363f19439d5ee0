"""配送设置: how a tenant's deliveries are offered, proved and promised; none means the defaults."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from config.kernel.console import BigTableAdmin
from config.kernel.console.fresh import FreshForm
from config.kernel.console.refusals import ToldRefusals
from config.kernel.console.strict import KnownParameters
from delivery.admin.orders.filters import TenantFilter
from delivery.models import DeliverySettings
from delivery.services.settings import save_settings


class SettingsForm(FreshForm):
    """What differs from tenant to tenant."""

    class Meta:
        model = DeliverySettings
        fields = (
            "tenant", "auto_offer", "offer_seconds", "offer_minutes", "first_radius_m",
            "radius_step_m", "largest_radius_m", "riders_at_once", "needs_pickup_code",
            "needs_delivery_code", "promised_minutes",
        )  # fmt: skip
        help_texts = {
            "auto_offer": _("Otherwise a dispatcher assigns, or riders take what is near them."),
            "offer_minutes": _(
                "After that no rider is asked any more: a dispatcher assigns the order, or has it "
                "offered again."
            ),
            "needs_pickup_code": _("The shop tells it to the rider who picks up."),
            "needs_delivery_code": _("The receiver tells it to the rider; a photo does as well."),
        }


@admin.register(DeliverySettings)
class SettingsAdmin(KnownParameters, ToldRefusals, BigTableAdmin):
    """配送设置."""

    form = SettingsForm
    parameters = frozenset({"tenant", "q", "p", "all", "_popup"})
    list_display = (
        "whose", "auto_offer", "offer_seconds", "first_radius_m", "largest_radius_m",
        "needs_pickup_code", "needs_delivery_code", "promised_minutes", "updated_at",
    )  # fmt: skip
    list_filter: ClassVar[Any] = (("tenant", TenantFilter),)
    ordering = ("-id",)
    sortable_by = ()
    autocomplete_fields = ("tenant",)
    fieldsets = (
        (None, {"fields": ("tenant", "promised_minutes")}),
        (_("offering"), {"fields": (
            "auto_offer", ("offer_seconds", "offer_minutes", "riders_at_once"),
            ("first_radius_m", "radius_step_m", "largest_radius_m"),
        )}),
        (_("proof"), {"fields": ("needs_pickup_code", "needs_delivery_code")}),
    )  # fmt: skip

    class Media:
        css: ClassVar[Any] = {"all": ("console/dispatch.css",)}

    def get_queryset(self, request: HttpRequest) -> Any:
        """Tenants come in one query of their own."""
        return super().get_queryset(request).prefetch_related("tenant")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Settings stay their tenant's."""
        return ("tenant",) if obj is not None else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Changed, not deleted."""
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001
        """By the service, with what was changed and nothing else."""
        values = form.changes() if change else dict(form.cleaned_data)
        values.pop("tenant", None)
        saved = save_settings(tenant_id=obj.tenant_id, values=values)
        obj.pk, obj._state.adding = saved.pk, False
        obj.refresh_from_db()

    @admin.display(description=_("tenant"))
    def whose(self, row: DeliverySettings) -> str:
        """Plain: the row leads to the settings."""
        return str(row.tenant)

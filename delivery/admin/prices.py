"""配送价格: of each tenant, and of all others, at most one rule is enabled; never deleted."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django.contrib import admin
from django.core.validators import MinValueValidator
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.kernel.console import BigTableAdmin
from config.kernel.console.fresh import FreshForm
from config.kernel.console.refusals import ToldRefusals
from config.kernel.console.strict import KnownParameters
from delivery.admin.orders.filters import TenantFilter
from delivery.admin.tenants import tenant_link
from delivery.models import PriceRule
from delivery.services.price_rules import save_price_rule

# The form refuses what is below 0 by its field's name: the table's constraint has none to show.
NOT_BELOW_0 = ("base_fee", "base_km", "per_km", "base_kg", "per_kg", "night_fee", "longest_km")


class PriceForm(FreshForm):
    """A price by distance, weight and time of day."""

    class Meta:
        model = PriceRule
        fields = (
            "name", "tenant", "enabled", "base_fee", "base_km", "per_km", "longest_km",
            "base_kg", "per_kg", "night_from", "night_to", "night_fee",
        )  # fmt: skip
        help_texts = {
            "enabled": gettext_lazy("Takes the place of the one its owner has enabled now."),
            "per_km": gettext_lazy("Each begun kilometre, as the crow flies."),
            "night_fee": gettext_lazy("Added within these hours, by the tenant's own clock."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in NOT_BELOW_0:
            # Who may only look has the page without these fields.
            if name in self.fields:
                self.fields[name].validators.append(MinValueValidator(Decimal(0)))
                self.fields[name].widget.attrs["min"] = 0

    def clean(self) -> dict[str, Any]:
        """A base distance beyond the longest would be paid for and never served."""
        cleaned = super().clean()
        base, longest = cleaned.get("base_km"), cleaned.get("longest_km")
        if base is not None and longest is not None and longest < base:
            self.add_error("longest_km", _("Not less than the base distance, please."))
        return cleaned


@admin.register(PriceRule)
class PriceAdmin(KnownParameters, ToldRefusals, BigTableAdmin):
    """配送价格."""

    form = PriceForm
    parameters = frozenset({"tenant", "q", "p", "all", "_popup"})
    list_display = (
        "name", "whose", "enabled", "base_fee", "per_km", "per_kg", "night_fee", "longest_km",
        "updated_at",
    )  # fmt: skip
    list_filter: ClassVar[Any] = (("tenant", TenantFilter),)
    ordering = ("-id",)
    sortable_by = ()
    autocomplete_fields = ("tenant",)
    fieldsets = (
        (None, {"fields": ("name", "tenant", "enabled")}),
        (gettext_lazy("distance"), {"fields": (
            "base_fee", ("base_km", "per_km"), "longest_km",
        )}),
        (gettext_lazy("weight"), {"fields": (("base_kg", "per_kg"),)}),
        (gettext_lazy("night"), {"fields": (("night_from", "night_to"), "night_fee")}),
    )  # fmt: skip

    class Media:
        css: ClassVar[Any] = {"all": ("console/dispatch.css",)}

    def get_queryset(self, request: HttpRequest) -> Any:
        """Tenants come in one query of their own."""
        return super().get_queryset(request).prefetch_related("tenant")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A rule stays its owner's."""
        return ("tenant",) if obj is not None else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Switched off, not deleted: prices were quoted by it."""
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001
        """By the service, with what was changed and nothing else."""
        values = form.changes() if change else dict(form.cleaned_data)
        if "tenant" in values:
            tenant = values.pop("tenant")
            values["tenant_id"] = tenant.pk if tenant else None
        saved = save_price_rule(rule_id=obj.pk if change else None, values=values)
        obj.pk, obj._state.adding = saved.pk, False
        obj.refresh_from_db()

    @admin.display(description=gettext_lazy("tenant"))
    def whose(self, rule: PriceRule) -> SafeString | str:
        """A tenant's own, or the rule of all others."""
        return tenant_link(rule) if rule.tenant_id else _("all without one of their own")

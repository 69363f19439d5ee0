"""租户配额: settings that operators change, counters and ledgers that nobody does."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.kernel.console import ReadOnlyAdmin
from quotas.models import QuotaDetail, QuotaStatement, TenantQuota
from quotas.money import to_yuan
from quotas.services.settings import save_quota

_SETTINGS = (
    "monthly_free_quota", "overage_enabled", "overage_price", "quota_reset_day", "status",
)  # fmt: skip


@admin.register(TenantQuota)
class TenantQuotaAdmin(admin.ModelAdmin[TenantQuota]):
    """One row a tenant."""

    list_display = (
        "tenant", "status", "monthly_free_quota", "monthly_used", "free_left_column",
        "overage_enabled", "overage_used", "overage_amount", "period_start", "period_end",
    )  # fmt: skip
    list_filter: ClassVar[Any] = ("status", "overage_enabled")
    search_fields = ("tenant_name__startswith",)
    autocomplete_fields = ("tenant",)
    fields = ("tenant", *_SETTINGS, "monthly_used", "overage_used", "overage_amount",
              "total_used", "period_no", "period_start", "period_end", "last_reset_at")  # fmt: skip
    list_select_related = ("tenant",)

    @admin.display(description=_("free units left"))
    def free_left_column(self, quota: TenantQuota) -> int:
        """Free units still to be had."""
        return quota.free_left

    def get_readonly_fields(
        self, request: HttpRequest, obj: TenantQuota | None = None
    ) -> list[str]:
        """Everything but the settings; the tenant once the row exists."""
        fixed = [str(name) for name in self.fields if name not in {*_SETTINGS, "tenant"}]
        return [*fixed, "tenant"] if obj else fixed

    def save_model(self, request: HttpRequest, obj: TenantQuota, form: Any, change: bool) -> None:  # noqa: FBT001
        """Save by the use case: counters belong to the reservations running beside us."""
        changed = {name: form.cleaned_data[name] for name in _SETTINGS if name in form.changed_data}
        saved = save_quota(tenant_id=obj.tenant_id, at=timezone.now(), **changed)
        obj.pk = saved.pk

    def has_delete_permission(self, request: HttpRequest, obj: TenantQuota | None = None) -> bool:
        """A quota is disabled, not deleted."""
        return False


@admin.register(QuotaDetail)
class QuotaDetailAdmin(ReadOnlyAdmin):
    """The append-only ledger."""

    list_display = (
        "created_at", "tenant", "order_id", "quota_type", "used_num", "amount", "period_no",
        "waybill_no",
    )  # fmt: skip
    list_filter: ClassVar[Any] = ("quota_type",)
    search_fields = ("=order_id", "=waybill_no")

    def get_queryset(self, request: HttpRequest) -> Any:
        """Tenants come in one query of their own, never by a join."""
        return super().get_queryset(request).prefetch_related("tenant")


@admin.register(QuotaStatement)
class QuotaStatementAdmin(ReadOnlyAdmin):
    """Closed periods."""

    list_display = (
        "tenant", "period_no", "period_start", "period_end", "units", "overage_units",
        "credit_units", "amount_yuan",
    )  # fmt: skip

    @admin.display(description=_("amount due (yuan)"))
    def amount_yuan(self, statement: QuotaStatement) -> str:
        """Yuan with two places."""
        return str(to_yuan(statement.amount_minor))

    def get_queryset(self, request: HttpRequest) -> Any:
        """Tenants come in one query of their own."""
        return super().get_queryset(request).prefetch_related("tenant")

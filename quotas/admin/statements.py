"""配额账单: closed periods, each with the lines it adds up from."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from config.kernel.console.filters import DateRangeFilter
from quotas.admin.exports import ExportingAdmin
from quotas.admin.filters import TenantFilter
from quotas.models import QuotaStatement
from quotas.money import to_yuan


@admin.register(QuotaStatement)
class QuotaStatementAdmin(ExportingAdmin):
    """Read-only; money in yuan."""

    list_display = (
        "period", "tenant", "free_quota", "units", "overage_units", "overage_yuan",
        "credit_units", "amount_yuan", "details_link",
    )  # fmt: skip
    list_filter: ClassVar[Any] = (("tenant", TenantFilter), ("created_at", DateRangeFilter))
    sortable_by = ()
    fieldsets = (
        (None, {"fields": ("tenant", "period", "created_at")}),
        (_("units"), {"fields": ("free_quota", "units", "overage_units", "credit_units")}),
        (_("amount (yuan)"), {"fields": ("overage_yuan", "credit_yuan", "amount_yuan")}),
        (_("quota details"), {"fields": ("details_link", "credits_link")}),
    )
    readonly_fields = (
        "period", "overage_yuan", "credit_yuan", "amount_yuan", "details_link", "credits_link",
    )  # fmt: skip
    export_columns = (
        "tenant", "period_no", "period_start", "period_end", "free_quota", "units",
        "overage_units", "credit_units",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> Any:
        """Tenants come in one query of their own."""
        return super().get_queryset(request).prefetch_related("tenant")

    def get_list_display(self, request: HttpRequest) -> Any:
        """Whose they are need not be said where one tenant is picked."""
        columns = super().get_list_display(request)
        return [name for name in columns if name != "tenant" or not request.GET.get("tenant")]

    @admin.display(description=_("period"))
    def period(self, statement: QuotaStatement) -> SafeString:
        """Number and days."""
        return period_of(statement.period_no, statement.period_start, statement.period_end)

    @admin.display(description=_("amount due (yuan)"))
    def amount_yuan(self, statement: QuotaStatement) -> Decimal:
        """Overage less credits."""
        return to_yuan(statement.amount_minor)

    @admin.display(description=_("overage amount (yuan)"))
    def overage_yuan(self, statement: QuotaStatement) -> Decimal:
        """What overage costs."""
        return to_yuan(statement.overage_amount_minor)

    @admin.display(description=_("amount credited (yuan)"))
    def credit_yuan(self, statement: QuotaStatement) -> Decimal:
        """What returns of earlier periods' units give back."""
        return to_yuan(statement.credit_amount_minor)

    @admin.display(description=_("lines"))
    def details_link(self, statement: QuotaStatement) -> SafeString:
        """To the details that add up to the units and the overage."""
        return _to_details(statement, "period_no", statement.units)

    @admin.display(description=_("credited lines"))
    def credits_link(self, statement: QuotaStatement) -> SafeString | str:
        """To the late returns that add up to the credit."""
        if not statement.credit_units:
            return "—"
        return _to_details(statement, "credit_period_no", statement.credit_units)

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """Whose it is, by name."""
        statement = context.get("original")
        if statement is not None:
            context["subtitle"] = f"{statement.tenant} #{statement.period_no}"
        return super().render_change_form(request, context, *args, **kwargs)

    def export_header(self) -> list[Any]:
        """And the three amounts."""
        names = ("overage_yuan", "credit_yuan", "amount_yuan")
        amounts = [getattr(self, name).short_description for name in names]
        return [*super().export_header(), *amounts]

    def export_row(self, row: QuotaStatement) -> Iterable[Any]:
        """Columns, then amounts."""
        columns = [getattr(row, name) for name in self.export_columns[1:]]
        return [row.tenant, *columns,
                self.overage_yuan(row), self.credit_yuan(row), self.amount_yuan(row)]  # fmt: skip


def period_of(number: int, start: date, end: date) -> SafeString:
    """`#4 2026-11-01 ～ 2026-12-01`, in one line; the last day is the next one's first."""
    return format_html('<span class="quota-period">#{} {} ～ {}</span>', number, start, end)


def details_url(tenant_code: str, **filters: Any) -> str:
    """The list of details of one tenant, filtered."""
    query = urlencode({"tenant": tenant_code, **filters})
    return f"{reverse('admin:quotas_quotadetail_changelist')}?{query}"


def _to_details(statement: QuotaStatement, column: str, units: int) -> SafeString:
    url = details_url(statement.tenant.platform_code, **{column: statement.period_no})
    return format_html('<a href="{}">{}</a>', url, _("%(units)d units") % {"units": units})

"""配额明细: the append-only ledger, with a running balance where one tenant is looked at."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from config.kernel.console.filters import DateRangeFilter
from quotas.admin.exports import ExportingAdmin
from quotas.admin.filters import CreditFilter, PeriodFilter, TenantFilter
from quotas.admin.running import running_units
from quotas.admin.summary import summary_of
from quotas.models import QuotaDetail

LONGEST_ID = 19  # digits of a number that no column holds
DATES = {"created_at_from", "created_at_to"}
# With these alone a list holds consecutive lines of one tenant.
GAPLESS = {"tenant", "period_no", "p", "e", *DATES}


def is_gapless(request: HttpRequest) -> bool:
    """Whether nothing but one tenant, one period or some days are picked."""
    used = {name for name, value in request.GET.items() if value}
    return "tenant" in used and used <= GAPLESS


def is_by_id(request: HttpRequest) -> bool:
    """Whether the index of one period serves the order."""
    used = {name for name, value in request.GET.items() if value}
    return {"tenant", "period_no"} <= used and not used & DATES


class DetailList(ChangeList):
    """Knows each line's running units once the page's lines are read."""

    def get_results(self, request: HttpRequest) -> None:
        """Read the page; count down once for all of it."""
        super().get_results(request)
        if is_gapless(request):
            rows: list[Any] = list(self.result_list)
            running = running_units(rows, by_id=is_by_id(request))
            for row in rows:
                row.running_units = running.get(row.pk)
            self.result_list = rows


@admin.register(QuotaDetail)
class QuotaDetailAdmin(ExportingAdmin):
    """Read-only; found by exact order or waybill number."""

    list_display = (
        "at", "tenant", "order_link", "quota_type", "used_num", "amount", "period_no",
        "credit_period_no", "waybill_no", "cp_code",
    )  # fmt: skip
    list_filter: ClassVar[Any] = (
        ("tenant", TenantFilter),
        ("period_no", PeriodFilter),
        ("credit_period_no", CreditFilter),
        ("created_at", DateRangeFilter),
        "quota_type",
    )
    search_fields = ("order_id__exact",)
    search_help_text = _("Exact order id.")
    sortable_by = ()
    fields = (
        "created_at", "tenant", "order_link", "line_no", "quota_type", "used_num", "amount",
        "period_no", "period_start", "credit_period_no", "waybill_no", "cp_code",
    )  # fmt: skip
    readonly_fields = ("order_link",)
    export_columns = (
        "id", "created_at", "tenant", "order_id", "line_no", "quota_type", "used_num", "amount",
        "period_no", "period_start", "credit_period_no", "waybill_no", "cp_code",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> Any:
        """Tenants come in one query of their own, never by a join."""
        return super().get_queryset(request).prefetch_related("tenant")

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[Any, bool]:
        """By the index of orders; the stock way casts the column, which no index serves."""
        term = search_term.strip()
        if not term:
            return queryset, False
        known = term.isascii() and term.isdecimal() and len(term) < LONGEST_ID
        return (queryset.filter(order_id=int(term)) if known else queryset.none()), False

    def get_list_filter(self, request: HttpRequest) -> Any:
        """Within one tenant by more than its name: alone, no index serves them."""
        first, *rest = super().get_list_filter(request)
        alone = (first, ("created_at", DateRangeFilter))
        return (first, *rest) if request.GET.get("tenant") else alone

    def get_ordering(self, request: HttpRequest) -> Any:
        """Newest first, along an index whatever is filtered."""
        return ["-id"] if is_by_id(request) else ["-created_at", "-id"]

    def get_list_display(self, request: HttpRequest) -> tuple[Any, ...]:
        """The running balance only where it has a meaning, the tenant only where many are."""
        columns = list(super().get_list_display(request))
        if is_gapless(request):
            columns.insert(columns.index("period_no") + 1, "running")
        return tuple(name for name in columns if name != "tenant" or not request.GET.get("tenant"))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Ours."""
        return DetailList

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Above one tenant's lines: what they add up to."""
        code, period_no = request.GET.get("tenant", ""), request.GET.get("period_no", "")
        summary = summary_of(code, period_no, timezone.now()) if code else None
        return super().changelist_view(request, {**(extra_context or {}), "summary": summary})

    @admin.display(description=_("created at"))
    def at(self, line: QuotaDetail) -> str:
        """To the second."""
        return timezone.localtime(line.created_at).strftime("%Y-%m-%d %H:%M:%S")

    @admin.display(description=_("units so far"))
    def running(self, line: Any) -> int | None:
        """Units of its period in use after this line; nothing for a late return."""
        value: int | None = line.running_units
        return value

    @admin.display(description=_("order"), ordering="order_id")
    def order_link(self, line: QuotaDetail) -> SafeString | str:
        """To the order, where its app has a page for it."""
        try:
            url = reverse("admin:logistics_expressorder_change", args=[line.order_id])
        except NoReverseMatch:
            return str(line.order_id)
        return format_html('<a href="{}">{}</a>', url, line.order_id)

    def export_row(self, row: QuotaDetail) -> Iterable[Any]:
        """Columns; the type in words."""
        cells = {"tenant": row.tenant, "quota_type": row.get_quota_type_display()}
        return [cells.get(name, getattr(row, name)) for name in self.export_columns]

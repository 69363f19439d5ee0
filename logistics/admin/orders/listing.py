"""The list: the same at a million rows as at a thousand, filtered and found by indexes alone."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.kernel.console import ActingAdmin, ReadOnlyAdmin
from config.kernel.console.filters import DateRangeFilter
from config.kernel.console.finding import ExactFinding
from config.kernel.console.strict import KnownParameters
from config.kernel.masking import mask_name, mask_phone
from logistics.admin.orders.filters import (
    CarrierFilter,
    ModeFilter,
    NeedsFilter,
    StatusFilter,
    TenantFilter,
    WaybillStatusFilter,
)
from logistics.models import ExpressOrder
from logistics.queries import HEAVY

# Every parameter the list understands. The stock list would take any column's look-up: a search
# through what is masked, and one that no index serves.
PARAMETERS = frozenset({
    "status__exact", "waybill_status__exact", "cp_code", "tenant", "created_at_from",
    "created_at_to", "mode", "needs", "q", "p", "all", "_popup",
})  # fmt: skip


class OrderListing(KnownParameters, ExactFinding, ActingAdmin, ReadOnlyAdmin):
    """快递订单: found by any of its numbers or by phone."""

    list_display = (
        "order_no", "state", "carrier", "waybill", "receiver_brief", "tenant", "created",
    )  # fmt: skip
    parameters = PARAMETERS
    number_columns = ("order_no", "waybill_no", "mail_no", "cainiao_order_id", "tenant_order_no")
    phone_hash_column = "receiver_phone_hash"
    read_along = ("tenant",)
    list_deferred = HEAVY
    list_filter: ClassVar[Any] = (
        NeedsFilter, StatusFilter, CarrierFilter, ("tenant", TenantFilter),
        ("created_at", DateRangeFilter), WaybillStatusFilter, ModeFilter,
    )  # fmt: skip
    ordering = ("-created_at", "-id")  # type: ignore[assignment]
    sortable_by = ()
    show_facets = admin.ShowFacets.NEVER
    search_fields = ("=order_no",)
    search_help_text = gettext_lazy(
        "Exact order, waybill, mail, Cainiao or tenant's number, or a phone."
    )

    class Media:
        css = {"all": ["console/orders.css"]}

    @admin.display(description=gettext_lazy("status"))
    def state(self, order: ExpressOrder) -> str:
        """In a colour and in words; what waits for a person besides."""
        badge = '<span class="order-state order-{}">{}</span>'
        shown = [format_html(badge, order.status, order.get_status_display())]
        if order.asking is not None and order.due_at is None:
            shown.append(format_html(badge, "unknown", _("outcome unknown")))
        if order.is_test:
            shown.append(format_html(badge, "test", _("test")))
        return format_html(" ".join("{}" for _badge in shown), *shown)

    @admin.display(description=gettext_lazy("carrier"))
    def carrier(self, order: ExpressOrder) -> str:
        """Name and code."""
        return f"{order.cp_name or ''} {order.cp_code}".strip()

    @admin.display(description=gettext_lazy("waybill"))
    def waybill(self, order: ExpressOrder) -> str:
        """Number and state."""
        if not order.waybill_no:
            return "—"
        return f"{order.waybill_no} ({order.get_waybill_status_display()})"

    @admin.display(description=gettext_lazy("receiver"))
    def receiver_brief(self, order: ExpressOrder) -> str:
        """Masked name and phone, and the city."""
        city = order.receiver_city or ""
        return f"{mask_name(order.receiver_name)} {mask_phone(order.receiver_phone)} {city}"

    @admin.display(description=gettext_lazy("created at"))
    def created(self, order: ExpressOrder) -> str:
        """To the minute, short enough for a narrow column."""
        return f"{timezone.localtime(order.created_at):%Y-%m-%d %H:%M}"

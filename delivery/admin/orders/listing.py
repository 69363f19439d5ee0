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
from delivery.admin.orders.filters import ModeFilter, StatusFilter, TenantFilter
from delivery.models import DeliveryOrder
from delivery.queries.board import HEAVY

PARAMETERS = frozenset({
    "status__exact", "tenant", "created_at_from", "created_at_to", "mode", "q", "p", "all",
    "_popup",
})  # fmt: skip


class OrderListing(KnownParameters, ExactFinding, ActingAdmin, ReadOnlyAdmin):
    """配送单: found by either of its numbers or by the receiver's phone."""

    list_display = (
        "order_no", "state", "tenant", "external_order_no", "receiver_brief", "rider_brief",
        "delivery_fee", "created", "promised",
    )  # fmt: skip
    parameters = PARAMETERS
    number_columns = ("order_no", "external_order_no")
    phone_hash_column = "receiver_phone_hash"
    read_along = ("tenant",)
    list_deferred = HEAVY
    list_filter: ClassVar[Any] = (
        StatusFilter, ("tenant", TenantFilter), ("created_at", DateRangeFilter), ModeFilter,
    )  # fmt: skip
    ordering = ("-created_at", "-id")  # type: ignore[assignment]
    sortable_by = ()
    search_fields = ("=order_no",)
    search_help_text = gettext_lazy("Exact order or tenant's number, or the receiver's phone.")

    class Media:
        css = {"all": ["console/dispatch.css"]}

    @admin.display(description=gettext_lazy("status"))
    def state(self, order: DeliveryOrder) -> str:
        """In a colour and in words."""
        badge = '<span class="delivery-state delivery-{}">{}</span>'
        shown = format_html(badge, order.status, order.get_status_display())
        test = format_html(badge, "test", _("test")) if order.is_test else ""
        return format_html("{} {}", shown, test)

    @admin.display(description=gettext_lazy("receiver"))
    def receiver_brief(self, order: DeliveryOrder) -> str:
        """Masked name and phone."""
        return f"{mask_name(order.receiver_name)} {mask_phone(order.receiver_phone)}"

    @admin.display(description=gettext_lazy("rider"))
    def rider_brief(self, order: DeliveryOrder) -> str:
        """As copied when it was assigned."""
        return order.rider_name or "—"

    @admin.display(description=gettext_lazy("created at"))
    def created(self, order: DeliveryOrder) -> str:
        """To the minute, short enough for a narrow column."""
        return f"{timezone.localtime(order.created_at):%Y-%m-%d %H:%M}"

    @admin.display(description=gettext_lazy("promised by"))
    def promised(self, order: DeliveryOrder) -> str:
        """To the minute; the day stands beside it."""
        return f"{timezone.localtime(order.promised_at):%m-%d %H:%M}"

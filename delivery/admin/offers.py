"""派单推送: which order was offered to whom, how far away, and what became of it; read only."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from config.kernel.console import ReadOnlyAdmin
from config.kernel.console.filters import DateRangeFilter
from config.kernel.console.strict import KnownParameters
from delivery.models import DeliveryOrder, DispatchOffer


@admin.register(DispatchOffer)
class OfferAdmin(KnownParameters, ReadOnlyAdmin):
    """派单推送."""

    parameters = frozenset({"created_at_from", "created_at_to", "q", "p", "all", "_popup"})
    list_display = (
        "created_at", "order_link", "rider_link", "round", "distance_m", "radius_m", "status",
        "expires_at",
    )  # fmt: skip
    list_filter: ClassVar[Any] = (("created_at", DateRangeFilter),)
    ordering = ("-created_at", "-id")  # type: ignore[assignment]
    sortable_by = ()
    search_fields = ("=order__order_no",)
    search_help_text = _("An order's exact number.")
    fields = (
        "order_link", "rider_link", "round", "attempt", "distance_m", "radius_m", "status",
        "created_at", "expires_at",
    )  # fmt: skip
    readonly_fields = ("order_link", "rider_link")

    def get_queryset(self, request: HttpRequest) -> Any:
        """Orders and riders come in one query each."""
        return super().get_queryset(request).prefetch_related("order", "rider")

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[Any, bool]:
        """By the order's number, whose key the index leads with."""
        term = search_term.strip()
        if not term:
            return queryset, False
        orders = DeliveryOrder.objects.filter(order_no=term).values_list("pk", flat=True)
        return queryset.filter(order_id__in=list(orders)), False

    @admin.display(description=_("delivery order"))
    def order_link(self, offer: DispatchOffer) -> SafeString:
        """To its page."""
        url = reverse("admin:delivery_deliveryorder_change", args=[offer.order_id])
        return format_html('<a href="{}">{}</a>', url, offer.order)

    @admin.display(description=_("rider"))
    def rider_link(self, offer: DispatchOffer) -> SafeString:
        """To his page."""
        url = reverse("admin:delivery_rider_change", args=[offer.rider_id])
        return format_html('<a href="{}">{}</a>', url, offer.rider)

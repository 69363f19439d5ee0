"""What carriers settled."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from config.kernel.console import ReadOnlyAdmin
from config.kernel.console.filters import DateRangeFilter
from logistics.admin.related import RelatedList, order_ids_of, order_link
from logistics.models import FreightRevision


@admin.register(FreightRevision)
class FreightAdmin(ReadOnlyAdmin):
    """What carriers settled, one word after the other."""

    list_display = ("created_at", "order_named", "freight", "weight", "event_time")
    list_filter: ClassVar[Any] = (("created_at", DateRangeFilter),)
    ordering: ClassVar[Any] = ("-created_at", "-id")
    sortable_by = ()
    search_fields = ("order",)
    search_help_text = _("Exact order, waybill, mail or Cainiao number, or an order's id.")
    fields = ("created_at", "order_named", "freight", "weight", "event_time", "source")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[RelatedList]:
        """Orders come with the page."""
        return RelatedList

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[Any, bool]:
        """The revisions of one order, by any of its numbers."""
        term = search_term.strip()
        return (queryset.filter(order_id__in=order_ids_of(term)) if term else queryset), False

    @admin.display(description=_("order"))
    def order_named(self, row: FreightRevision) -> SafeString | str:
        """Its number, as a link."""
        return order_link(row)

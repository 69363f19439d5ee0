"""The page of one delivery: read-only, laid out to be worked with, people masked until revealed."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from accounts.queries.events import EventInfo, events_of
from config.kernel.console.story import Show, StoryAdmin, history_of
from delivery.admin.orders.facts import UNMASKED, masked, subjects
from delivery.admin.orders.listing import OrderListing
from delivery.admin.orders.revealing import REVEAL, OrderRevealing
from delivery.admin.orders.sketch import sketch_of
from delivery.admin.orders.timeline import in_words, steps, stops
from delivery.models import DeliveryOrder, DeliveryProof
from delivery.states import EVENT_KIND


class OrderPage(OrderRevealing, StoryAdmin, OrderListing):
    """One delivery: its way, its map, its facts, its history, what its tenant was told."""

    change_form_template = "admin/delivery/deliveryorder/change_form.html"
    fields = ("order_no",)

    def masking_of(self, row: Any) -> Show:
        """As in the page itself."""
        return masked(row).text

    def story(self, request: HttpRequest, row: Any, *, revealed: bool) -> dict[str, Any]:
        """All of it."""
        order: DeliveryOrder = row
        user: Any = request.user
        eyes = UNMASKED if revealed else masked(order)
        way = stops(order)
        return {
            "order": order,
            "reason": eyes.text(order.reason or ""),
            "stops": way,
            "now_in_words": in_words(way),
            "steps": steps(order, eyes),
            "sketch": sketch_of(order),
            "subjects": subjects(order, eyes, user),
            "told": _told(order, user),
            "history": history_of(order, eyes.text),
            "may_reveal": user.has_perm(REVEAL) and not revealed,
            "may_see_photo": user.has_perm(REVEAL) and _has_photo(order),
        }


def _told(order: DeliveryOrder, user: Any) -> list[dict[str, Any]]:
    """What its tenant was told, with the page of each where there is one."""
    if not user.has_perm("accounts.view_tenantevent"):
        return []
    found = events_of(kind=EVENT_KIND, subject_id=order.pk)
    return [{"event": event, "url": _event_page(event)} for event in found]


def _event_page(event: EventInfo) -> str:
    try:
        return reverse("admin:accounts_tenantevent_change", args=[event.id])
    except NoReverseMatch:
        return ""


def _has_photo(order: DeliveryOrder) -> bool:
    return DeliveryProof.objects.filter(order_id=order.pk).exists()

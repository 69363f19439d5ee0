"""The page of one delivery: read-only, laid out to be worked with, people masked until revealed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse

from accounts.queries.events import EventInfo, events_of
from delivery.admin.orders.facts import UNMASKED, Eyes, masked, subjects
from delivery.admin.orders.listing import OrderListing
from delivery.admin.orders.revealing import REVEAL, OrderRevealing
from delivery.admin.orders.sketch import sketch_of
from delivery.admin.orders.timeline import in_words, steps, stops
from delivery.models import DeliveryOrder, DeliveryProof
from delivery.states import EVENT_KIND

MOST_HISTORY = 100


class OrderPage(OrderRevealing, OrderListing):
    """One delivery: its way, its map, its facts, its history, what its tenant was told."""

    change_form_template = "admin/delivery/deliveryorder/change_form.html"
    fields = ("order_no",)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The same number of statements, however much has happened."""
        extra = dict(extra_context or {})
        order: Any = self.get_object(request, object_id)
        if order is not None and self.has_view_permission(request, order):
            extra |= self._story(request, order, revealed=bool(extra.get("revealed")))
        return super().change_view(request, object_id, form_url, extra)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The stock page; what an operator wrote may name people."""
        answer: Any = super().history_view(request, object_id, extra_context)
        shown = getattr(answer, "context_data", None) or {}
        if "action_list" in shown:
            _seen(shown["action_list"], masked(shown["object"]))
        return answer  # type: ignore[no-any-return]

    def _story(
        self, request: HttpRequest, order: DeliveryOrder, *, revealed: bool
    ) -> dict[str, Any]:
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
            "history": _history(order, eyes),
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


def _history(order: DeliveryOrder, eyes: Eyes) -> list[LogEntry]:
    """Who did what, newest first; operators come along."""
    kind = ContentType.objects.get_for_model(order)
    rows = LogEntry.objects.filter(content_type_id=kind.pk, object_id=str(order.pk))
    return _seen(rows.select_related("user").order_by("-pk")[:MOST_HISTORY], eyes)


def _seen(entries: Iterable[LogEntry], eyes: Eyes) -> list[LogEntry]:
    """With messages as `eyes` see them, on the rows in memory alone."""
    found = list(entries)
    for entry in found:
        entry.change_message = eyes.text(entry.get_change_message())
    return found

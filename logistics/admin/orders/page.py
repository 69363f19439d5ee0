"""The page of one order: read-only, laid out to be worked with, people masked until revealed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from config.kernel.console import ActingAdmin, ReadOnlyAdmin
from logistics.admin.labels import may_print
from logistics.admin.orders.correcting import OrderCorrecting, may_correct
from logistics.admin.orders.creating import FOLDER, OrderCreating
from logistics.admin.orders.facts import UNMASKED, Eyes, masked, subjects
from logistics.admin.orders.revealing import REVEAL, OrderRevealing
from logistics.admin.orders.timeline import events, milestones, way_in_words
from logistics.admin.orders.traffic import traffic_of
from logistics.admin.orders.waiting import waiting_for
from logistics.models import ExpressOrder, FreightRevision
from quotas.queries import details_of_order

MOST_EVENTS = 30
MOST_HISTORY = 100


class OrderPage(OrderCreating, OrderCorrecting, OrderRevealing, ActingAdmin, ReadOnlyAdmin):
    """One order: what it waits for, its way, its facts, its figures, its traffic, its history."""

    change_form_template = f"{FOLDER}/change_form.html"
    fields = ("order_no",)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The same number of statements, however much has happened to the order."""
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
        self, request: HttpRequest, order: ExpressOrder, *, revealed: bool
    ) -> dict[str, Any]:
        user: Any = request.user
        eyes = UNMASKED if revealed else masked(order)
        stops = milestones(order)
        told = events(order, eyes.text)
        return {
            "order": order,
            "waiting": waiting_for(order, at=timezone.now()),
            "exception_reason": eyes.text(order.exception_reason or ""),
            "status_desc": eyes.text(order.status_desc or ""),
            "cancel_refused_reason": eyes.text(order.cancel_refused_reason or ""),
            "stops": stops,
            "now_in_words": way_in_words(stops),
            "events": told[:MOST_EVENTS],
            "older_events": told[MOST_EVENTS:],
            "subjects": subjects(order, eyes, user),
            "freight_revisions": _freight(order, user),
            "quota_details": _quota(order, user),
            "traffic": traffic_of(order, user, eyes),
            "history": _history(order, eyes),
            "may_reveal": user.has_perm(REVEAL) and not revealed,
            "may_correct": may_correct(user, order),
            "may_print": may_print(request, order) and _has_labels(),
        }


def _freight(order: ExpressOrder, user: Any) -> list[FreightRevision]:
    if not user.has_perm("logistics.view_freightrevision"):
        return []
    return list(order.freight_revisions.order_by("event_time", "id"))


def _quota(order: ExpressOrder, user: Any) -> list[Any]:
    if not user.has_perm("quotas.view_quotadetail"):
        return []
    return list(details_of_order(order_id=order.pk))


def _history(order: ExpressOrder, eyes: Eyes) -> list[LogEntry]:
    """Who did what, newest first; operators come along."""
    kind = ContentType.objects.get_for_model(order)
    rows = LogEntry.objects.filter(content_type_id=kind.pk, object_id=str(order.pk))
    return _seen(rows.select_related("user").order_by("-pk")[:MOST_HISTORY], eyes)


def _seen(entries: Iterable[LogEntry], eyes: Eyes) -> list[LogEntry]:
    """With messages as `eyes` see them, on the rows in memory alone."""
    found = list(entries)
    for entry in found:
        entry.change_message = eyes.kept(entry.get_change_message())
    return found


def _has_labels() -> bool:
    try:
        reverse("admin:logistics_expressorder_label", args=[1])
    except NoReverseMatch:
        return False
    return True

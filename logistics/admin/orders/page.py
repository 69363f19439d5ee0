"""The page of one order: read-only, laid out to be worked with, people masked until revealed."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from config.kernel.console import ActingAdmin, ReadOnlyAdmin
from config.kernel.console.story import Show, StoryAdmin, history_of
from logistics.admin.labels import may_print
from logistics.admin.orders.correcting import OrderCorrecting, may_correct
from logistics.admin.orders.creating import FOLDER, OrderCreating
from logistics.admin.orders.facts import UNMASKED, masked, subjects
from logistics.admin.orders.revealing import REVEAL, OrderRevealing
from logistics.admin.orders.timeline import events, milestones, way_in_words
from logistics.admin.orders.traffic import traffic_of
from logistics.admin.orders.waiting import waiting_for
from logistics.models import ExpressOrder, FreightRevision
from quotas.queries import details_of_order

MOST_EVENTS = 30


class OrderPage(
    OrderCreating, OrderCorrecting, OrderRevealing, StoryAdmin, ActingAdmin, ReadOnlyAdmin
):
    """One order: what it waits for, its way, its facts, its figures, its traffic, its history."""

    change_form_template = f"{FOLDER}/change_form.html"
    fields = ("order_no",)

    def masking_of(self, row: Any) -> Show:
        """As in the page itself."""
        return masked(row).kept

    def story(self, request: HttpRequest, row: Any, *, revealed: bool) -> dict[str, Any]:
        """All of it."""
        order: ExpressOrder = row
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
            "history": history_of(order, eyes.kept),
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


def _has_labels() -> bool:
    try:
        reverse("admin:logistics_expressorder_label", args=[1])
    except NoReverseMatch:
        return False
    return True

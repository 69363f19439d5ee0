"""An order's way as a picture: milestones reached and to come, and every event that was told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from logistics.models import ExpressOrder
from logistics.states import RANK, OrderStatus

S = OrderStatus
_WAY = (S.CREATED, S.WAYBILL_CREATED, S.DISPATCHED, S.PICKED, S.IN_TRANSIT, S.DELIVERING, S.SIGNED)
_COLUMNS: dict[str, str] = {
    S.CREATED: "created_at",
    S.WAYBILL_CREATED: "waybill_time",
    S.DISPATCHED: "dispatch_time",
    S.PICKED: "pick_time",
    S.SIGNED: "sign_time",
}
DONE, NOW, AHEAD, TROUBLE, NEVER = "done", "now", "ahead", "trouble", "never"


@dataclass(frozen=True, slots=True)
class Milestone:
    """One stop; `phase` is done, now, ahead, trouble (stopped here) or never (ended before)."""

    label: str
    phase: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Event:
    """What was told, by whom the order moved or not; `status` is our word for it, if any."""

    at: datetime
    status: str
    text: str
    code: str
    is_applied: bool


def milestones(order: ExpressOrder) -> list[Milestone]:
    """The way from booking to signature, and where it stopped, if it did."""
    times = _times(order)
    left = order.status not in RANK
    reached = RANK[str(order.exception_from)] if _is_in_exception(order) else _reached(order, times)
    stops = []
    for state in _WAY:
        rank = RANK[state]
        if state == S.SIGNED and order.status == S.REJECTED:
            state = S.REJECTED  # noqa: PLW2901 - it stands in the last one's place
        phase = DONE if rank < reached or (rank == reached and left) else AHEAD
        if rank == reached and not left:
            phase = TROUBLE if state == S.REJECTED else NOW
        if rank > reached and order.status == S.CANCELLED:
            phase = NEVER
        stops.append(Milestone(str(S(state).label), phase, times.get(state)))
    if left:
        at = order.exception_at if _is_in_exception(order) else order.cancel_time
        stop = Milestone(str(S(order.status).label), TROUBLE, at)
        stops.insert(reached + 1, stop)
    return stops


def events(order: ExpressOrder, show: Callable[[str], str]) -> list[Event]:
    """Newest first; texts as `show` lets them be seen."""
    labels = dict(S.choices)
    return [
        Event(
            datetime.fromisoformat(event["time"]),
            str(labels.get(event["status"], "")),
            show(event["desc"] or ""),
            "" if event["code"] == event["status"] else str(event["code"] or ""),
            bool(event["applied"]),
        )
        for event in reversed(order.track_info or [])
    ]


def _is_in_exception(order: ExpressOrder) -> bool:
    return order.status == S.EXCEPTION and order.exception_from in RANK


def _reached(order: ExpressOrder, times: dict[str, datetime]) -> int:
    """How far it is, or was when it was cancelled."""
    if order.status in RANK:
        return RANK[order.status]
    return max((RANK[state] for state in times), default=0)


def _times(order: ExpressOrder) -> dict[str, datetime]:
    """When each state was reached: by its column, else by the first event that moved it there."""
    found: dict[str, datetime] = {}
    for event in order.track_info or []:
        if event["applied"] and event["status"] in RANK:
            found.setdefault(event["status"], datetime.fromisoformat(event["time"]))
    for state, column in _COLUMNS.items():
        at: Any = getattr(order, column)
        if at is not None:
            found[state] = at
    return found


def way_in_words(stops: list[Milestone]) -> str:
    """The picture for those who do not see it."""
    now = next((stop for stop in reversed(stops) if stop.phase in {NOW, TROUBLE}), None)
    return _("Now: %(state)s") % {"state": now.label} if now else ""

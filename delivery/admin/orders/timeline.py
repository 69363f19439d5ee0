"""The way of one delivery: stops reached and to come, and every step of its history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _

from delivery.admin.orders.facts import Eyes
from delivery.models import DeliveryOrder, DeliveryStep
from delivery.states import Actor, DeliveryStatus

S = DeliveryStatus
DONE, NOW, AHEAD, TROUBLE, NEVER = "done", "now", "ahead", "trouble", "never"
MOST_STEPS = 100
_ENDED_OTHERWISE = frozenset({S.CANCELLED, S.FAILED, S.RETURNING, S.RETURNED})


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop; `phase` is done, now, ahead, trouble (ended here) or never (ended before)."""

    label: str
    phase: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Step:
    """One line of history; `told` is the number it was told to the tenant under."""

    at: datetime
    status: str
    who: str
    note: str
    told: int | None


def stops(order: DeliveryOrder) -> list[Stop]:
    """From the order to the door, and where it ended otherwise."""
    way = [
        (str(S.PENDING.label), order.created_at),
        (str(S.ACCEPTED.label), order.accepted_at),
        (_("at the shop"), order.arrived_at),
        (str(S.PICKED_UP.label), order.picked_up_at),
        (str(S.DELIVERED.label), order.delivered_at),
    ]
    reached = max(place for place, (_label, at) in enumerate(way) if at is not None or place == 0)
    ended = order.status in _ENDED_OTHERWISE
    found = []
    for place, (label, at) in enumerate(way):
        phase = DONE if place < reached or (place == reached and ended) else AHEAD
        if place == reached and not ended:
            phase = NOW
        if place > reached and ended:
            phase = NEVER
        found.append(Stop(label, phase, at))
    if ended:
        at = order.cancelled_at or order.closed_at
        found.insert(reached + 1, Stop(str(order.get_status_display()), TROUBLE, at))
    return found


def in_words(found: list[Stop]) -> str:
    """The picture for those who do not see it."""
    now = next((stop for stop in reversed(found) if stop.phase in {NOW, TROUBLE}), None)
    return _("Now: %(state)s") % {"state": now.label} if now else ""


def steps(order: DeliveryOrder, eyes: Eyes) -> list[Step]:
    """Newest first; two statements, whatever there is."""
    rows = list(
        DeliveryStep.objects.filter(order_id=order.pk).order_by("-created_at", "-id")[:MOST_STEPS]
    )
    users = _names({row.user_id for row in rows if row.actor == Actor.OPERATOR and row.user_id})
    return [
        Step(
            row.created_at,
            str(row.get_status_display()),
            " ".join(filter(None, (str(row.get_actor_display()), _who(row, users)))),
            eyes.text(row.note),
            row.told,
        )
        for row in rows
    ]


def _who(row: DeliveryStep, users: dict[Any, str]) -> str:
    if row.actor == Actor.RIDER:
        return row.rider_name or ""
    name = users.get(row.user_id, "")
    # Whom an operator gave it to; later steps have a rider without saying so.
    given = row.actor == Actor.OPERATOR and row.status == S.ACCEPTED and row.rider_name
    return f"{name} → {row.rider_name}" if given else name


def _names(keys: set[Any]) -> dict[Any, str]:
    if not keys:
        return {}
    model = get_user_model()
    found = model._default_manager.filter(pk__in=keys).values_list("pk", "username")  # noqa: SLF001
    return dict(found)

"""A delivery as anybody may see it who holds its link: no address, no amount, no note of ours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from config.kernel.numbers import link_token
from delivery.models import DeliveryOrder
from delivery.places import distance_m
from delivery.queries.orders import delivery_steps, latest_position
from delivery.states import LINK_KIND, TERMINAL, DeliveryStatus

# Where a rider was longer ago than this says nothing of where he is.
FRESH = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class TrackedStep:
    """One line of the timeline; `rider_name` in full, to be masked where it is shown."""

    at: datetime
    status: DeliveryStatus
    rider_name: str
    is_again: bool


@dataclass(frozen=True, slots=True)
class TrackedDelivery:
    """`away_m`: how far the rider with the goods is, in hundreds of metres; None where unknown."""

    order_no: str
    is_test: bool
    status: DeliveryStatus
    shop: str
    receiver_name: str
    receiver_phone: str
    rider_name: str
    promised_at: datetime
    created_at: datetime
    closed_at: datetime | None
    away_m: int | None
    steps: tuple[TrackedStep, ...]


def tracking_url(order: DeliveryOrder) -> str:
    """The page that anybody who has its address may see."""
    return f"{settings.PUBLIC_BASE_URL}/t/{link_token(LINK_KIND, order.pk)}"


def tracked_delivery(pk: int, *, at: datetime) -> TrackedDelivery | None:
    """The delivery with this key as it stands at `at`; None where there is none."""
    order = DeliveryOrder.objects.filter(pk=pk).first()
    if order is None:
        return None
    closed = order.delivered_at or order.cancelled_at or order.closed_at or order.updated_at
    return TrackedDelivery(
        order_no=order.order_no,
        is_test=order.is_test,
        status=DeliveryStatus(order.status),
        shop=order.merchant_name,
        receiver_name=order.receiver_name,
        receiver_phone=order.receiver_phone,
        rider_name=order.rider_name or "",
        promised_at=order.promised_at,
        created_at=order.created_at,
        closed_at=closed if order.status in TERMINAL else None,
        away_m=_away(order, at),
        steps=_steps(order),
    )


def _steps(order: DeliveryOrder) -> tuple[TrackedStep, ...]:
    """Newest first; lines that changed nothing that a receiver sees are left out."""
    found: list[TrackedStep] = []
    for step in delivery_steps(order):
        said = (step.status, step.rider_name or "")
        if found and (found[-1].status, found[-1].rider_name) == said:
            continue
        again = step.status == DeliveryStatus.PENDING and bool(found)
        found.append(
            TrackedStep(step.created_at, DeliveryStatus(step.status), said[1], is_again=again)
        )
    return tuple(reversed(found))


def _away(order: DeliveryOrder, at: datetime) -> int | None:
    """Only while the goods are with the rider of this very assignment."""
    if order.status != DeliveryStatus.PICKED_UP:
        return None
    if order.receiver_lat is None or order.receiver_lng is None:
        return None
    last = latest_position(order)
    if last is None or last.created_at < at - FRESH:
        return None
    metres = distance_m(last.lat, last.lng, order.receiver_lat, order.receiver_lng)
    return max(100, round(metres, -2))

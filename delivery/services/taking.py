"""An order is given only to a rider who may have it, with his name and phone copied onto it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from delivery.errors import Rehearsed, RiderBusy, RiderUnfit
from delivery.models import DeliveryOrder, Rider
from delivery.services.attempts import settle_offers
from delivery.services.orders import change_delivery
from delivery.states import CARRIED, DeliveryStatus


def give(order: DeliveryOrder, rider: Rider, *, at: datetime, **said: Any) -> None:
    """Begin the order's next assignment; under the locks of rider and order.

    `said` is what `change_delivery` wants besides: who, a note, the event's name.
    """
    settle_offers(order, winner=rider.pk)
    change_delivery(
        order, at=at, status=DeliveryStatus.ACCEPTED, rider_id=rider.pk, rider_name=rider.name,
        rider_phone=rider.phone, attempt=order.attempt + 1, accepted_at=at, arrived_at=None,
        due_at=None, **said,
    )  # fmt: skip


def in_hand(rider_id: int) -> int:
    """How many orders the rider has to carry now; exact under the rider's lock."""
    return DeliveryOrder.objects.filter(rider_id=rider_id, status__in=CARRIED).count()


def check_fit(rider: Rider) -> None:
    """Raise `RiderUnfit` or `RiderBusy` unless an operator may give the rider one more."""
    if not (rider.enabled and rider.on_duty):
        raise RiderUnfit
    if in_hand(rider.pk) >= rider.most_orders:
        raise RiderBusy(most=rider.most_orders)


def check_live(order: DeliveryOrder) -> None:
    """Raise `Rehearsed` for a test order."""
    if order.is_test:
        raise Rehearsed

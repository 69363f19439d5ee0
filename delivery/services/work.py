"""The one kind of work delivery has: live orders are offered to riders, test orders rehearsed."""

from __future__ import annotations

from datetime import datetime, timedelta

from config.kernel.work import Job
from delivery.models import DeliveryOrder
from delivery.services.offering import offer_round
from delivery.services.rehearsing import rehearse


def _carry_on(order: DeliveryOrder, _answer: None, at: datetime) -> datetime | None:
    return rehearse(order, at) if order.is_test else offer_round(order, at)


DELIVERIES: Job[DeliveryOrder, None] = Job(
    name="deliveries",
    model=DeliveryOrder,
    deadline=timedelta(seconds=10),
    lease=timedelta(seconds=30),
    apply=_carry_on,
)

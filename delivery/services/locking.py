"""A use case of an order is one transaction that holds the order's row from its first look."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction

from config.kernel.errors import Missing
from config.kernel.states import NotAllowed
from config.kernel.work.claims import again_if_deadlocked
from delivery.models import DeliveryOrder, Rider
from delivery.states import INSIDE_TEXTS


def atomically(act: Callable[[], DeliveryOrder]) -> DeliveryOrder:
    """Run `act` in a transaction, again where it was a deadlock's victim."""

    def run() -> DeliveryOrder:
        with transaction.atomic():
            return act()

    return again_if_deadlocked(run)


def locked_order(order_id: int) -> DeliveryOrder:
    """The order's row, locked; after the rider's where both are needed.

    :raises Missing: no such order.
    """
    order = DeliveryOrder.objects.select_for_update().filter(pk=order_id).first()
    if order is None:
        raise Missing
    return order


def require_status(order: DeliveryOrder, *wanted: str) -> None:
    """Raise `NotAllowed` unless the order is in one of these states."""
    if order.status not in wanted:
        raise NotAllowed(state=INSIDE_TEXTS[order.status])


def user_of(rider_id: int) -> int | None:
    """The user whose profile this is."""
    return Rider.objects.filter(pk=rider_id).values_list("user_id", flat=True).first()

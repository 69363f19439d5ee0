"""What belongs to one assignment of an order ends with it: offers to riders, where they were."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from delivery.models import DeliveryOrder, DispatchOffer, RiderPosition
from delivery.queries.riders import AT_WORK
from delivery.states import OfferStatus

if TYPE_CHECKING:
    from django.db.models import QuerySet


def settle_offers(order: DeliveryOrder, *, winner: int | None = None) -> None:
    """The winner's open offer is accepted, all others are withdrawn; under the order's lock."""
    offers = open_offers(order.pk)
    if winner is not None:
        offers.filter(rider_id=winner).update(status=OfferStatus.ACCEPTED)
    offers.update(status=OfferStatus.WITHDRAWN)


def end_attempt(order: DeliveryOrder) -> None:
    """Nobody is asked any more, and where the rider was is forgotten; under the order's lock."""
    settle_offers(order)
    RiderPosition.objects.filter(order_id=order.pk).delete()


def offered_to_others(order: DeliveryOrder, rider_id: int, at: datetime) -> bool:
    """Whether the order is just now offered to riders at work of whom this is none."""
    offers = open_offers(order.pk).filter(expires_at__gt=at, **AT_WORK)
    asked = set(offers.values_list("rider_id", flat=True))
    return bool(asked) and rider_id not in asked


def open_offers(order_id: int) -> QuerySet[DispatchOffer]:
    """Offers of this order that nobody answered."""
    return DispatchOffer.objects.filter(order_id=order_id, status=OfferStatus.OPEN)

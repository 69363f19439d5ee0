"""Where a rider is: always on the rider, every ten seconds on each order in hand, and then gone."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from config.kernel.work.claims import again_if_deadlocked
from delivery.models import DeliveryOrder, DispatchOffer, Rider, RiderPosition
from delivery.states import CARRIED

CLOSEST = timedelta(seconds=10)
# Offers tell who was asked for a while; positions end with their order's assignment, and those
# that were said at the very moment of its end, here.
OFFERS_KEPT = timedelta(days=30)
POSITIONS_KEPT = timedelta(days=1)
_AT_ONCE = 1000


def record_position(*, rider_id: int, lat: Decimal, lng: Decimal, at: datetime) -> int:
    """Write the rider's place (GCJ-02 degrees); returns on how many orders it was kept."""

    def act() -> int:
        with transaction.atomic():
            # Locks the row too: of two at once the second sees what the first kept.
            Rider.objects.filter(pk=rider_id).update(lat=lat, lng=lng, located_at=at)
            carried = DeliveryOrder.objects.filter(rider_id=rider_id, status__in=CARRIED)
            attempts = list(carried.order_by("pk").values_list("pk", "attempt"))
            if not attempts:
                return 0
            recent = RiderPosition.objects.filter(
                order_id__in=[pk for pk, _ in attempts], created_at__gt=at - CLOSEST
            )
            said = set(recent.values_list("order_id", "attempt"))
            rows = [
                RiderPosition(
                    order_id=pk, attempt=attempt, rider_id=rider_id, lat=lat, lng=lng,
                    created_at=at,
                )
                for pk, attempt in attempts
                if (pk, attempt) not in said
            ]  # fmt: skip
            RiderPosition.objects.bulk_create(rows)
        return len(rows)

    return again_if_deadlocked(act)


def prune_dispatch(*, at: datetime) -> int:
    """Delete old offers, and positions that outlived their assignment; returns rows."""
    old = RiderPosition.objects.filter(created_at__lt=at - POSITIONS_KEPT)
    offers = DispatchOffer.objects.filter(created_at__lt=at - OFFERS_KEPT)
    deleted = 0
    for rows in (old, offers):
        while pks := list(rows.order_by("created_at").values_list("pk", flat=True)[:_AT_ONCE]):
            some = rows.model._default_manager.filter(pk__in=pks)  # noqa: SLF001
            deleted += again_if_deadlocked(some.delete)[0]
    return deleted

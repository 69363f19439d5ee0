"""What of deliveries needs a person: those at risk, and work that is late."""

from __future__ import annotations

from datetime import datetime

from config.kernel.work.due import DueWork, due_work_of, oldest_of
from delivery.models import DeliveryOrder
from delivery.queries.board import board


def deliveries_at_risk(*, at: datetime) -> int:
    """As many as the dispatch board shows."""
    return board(at=at).at_risk.count


def due_deliveries(*, at: datetime) -> DueWork:
    """Orders being offered to riders, and test orders rehearsing."""
    return due_work_of("deliveries", DeliveryOrder.objects.all(), at)


def oldest_due_delivery(*, at: datetime) -> datetime | None:
    """Since when the order that waits longest has been due."""
    return oldest_of(DeliveryOrder.objects.all(), at)

"""The clock's calls into delivery; the rows are the queue."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from config.kernel.work import drain
from delivery.services.orders import WORK_TASK
from delivery.services.positions import prune_dispatch
from delivery.services.work import DELIVERIES

# A worker's slots are few: each kind of work leaves its slot after this long, and comes again.
TURN_SECONDS = 5.0


@shared_task(name=WORK_TASK)
def work_deliveries() -> int:
    """Offer what is due to riders, carry test orders on; returns rows."""
    return drain(DELIVERIES, seconds=TURN_SECONDS)


@shared_task(name="delivery.prune")
def prune() -> int:
    """Delete old offers, and positions that outlived their assignment; returns rows."""
    return prune_dispatch(at=timezone.now())

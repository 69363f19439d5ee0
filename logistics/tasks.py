"""The clock's calls into logistics; the rows are the queue."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from config.kernel.work import drain
from logistics.services.handling import CALLBACKS
from logistics.services.syncing import sync_quiet_orders
from logistics.services.work import ORDERS

THREADS = 32
# A worker's slots are few: each kind of work leaves its slot after this long, and comes again.
TURN_SECONDS = 5.0


@shared_task(name="logistics.work")
def work_orders() -> int:
    """Carry on every order that is due; returns steps taken."""
    return drain(ORDERS, threads=THREADS, seconds=TURN_SECONDS)


@shared_task(name="logistics.callbacks")
def handle_callbacks() -> int:
    """Handle every stored callback that is due; returns how many."""
    return drain(CALLBACKS, seconds=TURN_SECONDS)


@shared_task(name="logistics.sync")
def sync_orders() -> int:
    """Have the orders asked about that nobody has heard of for too long."""
    return sync_quiet_orders(at=timezone.now())

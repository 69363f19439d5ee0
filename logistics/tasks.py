"""The clock's calls into logistics; the rows are the queue."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from config.kernel.work import drain, nudge
from logistics.services.handling import CALLBACKS
from logistics.services.import_slices import IMPORTS
from logistics.services.imports import IMPORT_TASK, prune_imports
from logistics.services.rolling import days_to_count, roll_up
from logistics.services.syncing import sync_quiet_orders
from logistics.services.work import ORDERS

THREADS = 32
# A worker's slots are few: each kind of work leaves its slot after this long, and comes again.
TURN_SECONDS = 5.0
ROLL_UP_TASK = "logistics.rollup"
ROLL_UP_SECONDS = 20.0


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


@shared_task(name=ROLL_UP_TASK)
def roll_up_orders() -> int:
    """Count the reports' days again whose orders changed; returns how many days."""
    at = timezone.now()
    counted = roll_up(at=at, seconds=ROLL_UP_SECONDS)
    if days_to_count(at=at):
        nudge(ROLL_UP_TASK)
    return counted


@shared_task(name=IMPORT_TASK)
def book_imports() -> int:
    """Book the next lines of every confirmed import; returns slices."""
    return drain(IMPORTS, threads=1, seconds=TURN_SECONDS)


@shared_task(name="logistics.prune_imports")
def prune_order_imports() -> int:
    """Delete imported files whose time is over."""
    return prune_imports(at=timezone.now())

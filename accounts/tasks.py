"""The clock's calls into accounts."""

from __future__ import annotations

import time
from typing import Any

from celery import shared_task, signals
from django.utils import timezone

from accounts.services.housekeeping import prune_spent
from accounts.services.outbox.owing import CALLBACKS_TASK
from accounts.services.outbox.pruning import prune_outbox
from accounts.services.outbox.restarting import sweep_endpoints
from accounts.services.outbox.sending import ENDPOINTS, SLOW_ENDPOINTS
from config.kernel.work import (
    Job,
    await_asides,
    drain,
    end_asides,
    is_due,
    is_ending,
    start_aside,
)

THREADS, SLOW_THREADS = 32, 4
SWEEP_SECONDS = 10.0
# A worker that is told to stop waits so long for calls under way: what was answered and not
# written down would be sent again.
PATIENCE_SECONDS = 12.0
_swept: dict[str, float] = {}


@shared_task(name=CALLBACKS_TASK)
def send_callbacks() -> None:
    """Have what is owed to tenants sent, aside: their servers hold none of the worker's slots."""
    now = timezone.now()
    if time.monotonic() - _swept.get("at", -SWEEP_SECONDS) >= SWEEP_SECONDS:
        _swept["at"] = time.monotonic()
        sweep_endpoints(at=now)
    for job, threads in ((ENDPOINTS, THREADS), (SLOW_ENDPOINTS, SLOW_THREADS)):
        if is_due(job.model, at=now, only=job.only):
            _send_aside(job, threads)


def _send_aside(job: Job[Any, Any], threads: int) -> None:
    # Without an end: as long as something is due or in flight, the next is looked for.
    start_aside(
        job.name, lambda: drain(job, threads=threads, seconds=float("inf"), ending=is_ending)
    )


@signals.worker_shutting_down.connect
def _take_nothing_more(**_: Any) -> None:
    end_asides()


@signals.worker_shutdown.connect
def _finish_what_is_in_hand(**_: Any) -> None:
    await_asides(PATIENCE_SECONDS)


@shared_task(name="accounts.prune")
def prune() -> int:
    """Delete nonces, idempotency keys and callbacks whose time is over; returns rows."""
    at = timezone.now()
    return prune_spent(at=at) + prune_outbox(at=at)

"""The clock's calls into accounts."""

from __future__ import annotations

import time
from typing import Any

from celery import shared_task
from django.utils import timezone

from accounts.services.housekeeping import prune_spent
from accounts.services.outbox.owing import CALLBACKS_TASK
from accounts.services.outbox.pruning import prune_outbox
from accounts.services.outbox.restarting import sweep_endpoints
from accounts.services.outbox.sending import ENDPOINTS, SLOW_ENDPOINTS
from config.kernel.work import Job, drain, is_due, start_aside

THREADS, SLOW_THREADS = 32, 4
SWEEP_SECONDS = 10.0
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
    start_aside(job.name, lambda: drain(job, threads=threads, seconds=float("inf")))


@shared_task(name="accounts.prune")
def prune() -> int:
    """Delete nonces, idempotency keys and callbacks whose time is over; returns rows."""
    at = timezone.now()
    return prune_spent(at=at) + prune_outbox(at=at)

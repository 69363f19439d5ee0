"""A nudge wakes a worker after a commit; it may be lost, late or refused, and nothing is."""

from __future__ import annotations

import logging
import time

from celery import current_app
from django.db import transaction

log = logging.getLogger(__name__)
EXPIRES_SECONDS = 30
# The clock ticks every second anyway: closer nudges than this, or ones to a broker that just
# failed, would only cost.
CLOSEST_SECONDS = 0.2
AFTER_FAILURE_SECONDS = 5.0
_not_before: dict[str, float] = {}


def nudge(task: str) -> None:
    """Send `task` (by name, no arguments) once the current transaction has committed."""
    transaction.on_commit(lambda: send(task), robust=True)


def send(task: str) -> None:
    """Send now; a failure is logged and forgotten."""
    now = time.monotonic()
    if _not_before.get(task, 0.0) > now:
        return
    _not_before[task] = now + CLOSEST_SECONDS
    try:
        current_app.send_task(task, expires=EXPIRES_SECONDS, retry=False, ignore_result=True)
    except Exception as exc:  # noqa: BLE001 - the broker is only the clock
        _not_before[task] = now + AFTER_FAILURE_SECONDS
        log.warning("nudge %s was not sent: %s", task, type(exc).__name__)

"""A nudge wakes a worker after a commit; it may be lost, late or refused, and nothing is.

It is sent by a thread of its own: a broker that is silent (a client may try for seconds, whatever
time-outs it was given) delays nobody who has just committed.
"""

from __future__ import annotations

import logging
import os
import queue
import threading
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
_waiting: queue.Queue[str] = queue.Queue(maxsize=20)
_messengers: dict[int, threading.Thread] = {}
_starting = threading.Lock()


def nudge(task: str) -> None:
    """Send `task` (by name, no arguments) once the current transaction has committed."""
    transaction.on_commit(lambda: hand_over(task), robust=True)


def hand_over(task: str) -> None:
    """Leave the sending to the messenger; at once, and dropped where too many wait already."""
    now = time.monotonic()
    if _not_before.get(task, 0.0) > now:
        return
    _not_before[task] = now + CLOSEST_SECONDS
    _start_messenger()
    try:
        _waiting.put_nowait(task)
    except queue.Full:
        log.warning("nudge %s was dropped: the broker is slow", task)


def send(task: str) -> None:
    """Send now; a failure is logged and forgotten."""
    try:
        current_app.send_task(task, expires=EXPIRES_SECONDS, retry=False, ignore_result=True)
    except Exception as exc:  # noqa: BLE001 - the broker is only the clock
        _not_before[task] = time.monotonic() + AFTER_FAILURE_SECONDS
        log.warning("nudge %s was not sent: %s", task, type(exc).__name__)


def _start_messenger() -> None:
    """One per process; a forked child has none of its parent's threads."""
    if os.getpid() in _messengers:
        return
    with _starting:
        if os.getpid() not in _messengers:
            thread = threading.Thread(target=_deliver, name="nudges", daemon=True)
            _messengers[os.getpid()] = thread
            thread.start()


def _deliver() -> None:
    while True:
        send(_waiting.get())
        _waiting.task_done()

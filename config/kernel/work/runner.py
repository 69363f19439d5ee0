"""Drains what is due: network in threads that cannot touch the database, outcomes one by one.

The claiming thread keeps at most `threads` rows in flight, so a claimed row never waits for a
thread while its lease runs.
"""

from __future__ import annotations

import logging
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from typing import Any, NoReturn, TypeVar

from django.db import connections, transaction
from django.utils import timezone

from config.kernel.work.claims import LostLease, again_if_deadlocked, claim, finish
from config.kernel.work.job import Job, backoff
from config.kernel.work.rows import WorkRow

Row = TypeVar("Row", bound=WorkRow)
Answer = TypeVar("Answer")
log = logging.getLogger(__name__)
# Rows taken at once where nobody is asked.
BATCH = 100
# How long slow calls may keep a drain from seeing what has come due meanwhile.
LOOK_AGAIN_SECONDS = 0.5


class DatabaseInPool(RuntimeError):
    """A pool thread asked for the database; it may only do the network."""


def _bar_database() -> None:
    """Run in each pool thread as it starts: its own connections refuse to open."""

    def refuse(*_: Any, **__: Any) -> NoReturn:
        msg = "a work pool's thread may not use the database"
        raise DatabaseInPool(msg)

    for alias in connections:
        connections[alias].connect = refuse  # type: ignore[method-assign]


def drain(
    job: Job[Row, Answer], *, threads: int = 16, seconds: float = 50.0, most: int = 1_000_000
) -> int:
    """Work until nothing is due, `most` rows were taken or `seconds` are over; returns rows."""
    ends = time.monotonic() + seconds
    taken = 0
    width = threads if job.prepare is not None else BATCH
    flying: dict[Future[Answer], Row] = {}
    with ThreadPoolExecutor(threads, f"work-{job.name}", initializer=_bar_database) as pool:
        while True:
            room = min(width - len(flying), most - taken)
            rows: list[Row] = []
            # Claims cost a transaction each: wait until a good handful fits.
            if time.monotonic() < ends and room >= (min(width // 4, most - taken) or 1):
                rows = claim(job.model, at=timezone.now(), lease=job.lease, limit=room)
            taken += len(rows)
            for row in rows:
                future = _start(job, row, pool)
                if future is not None:
                    flying[future] = row
            if not flying:
                if rows:
                    continue
                return taken
            done, _ = wait(flying, timeout=LOOK_AGAIN_SECONDS, return_when=FIRST_COMPLETED)
            for future in done:
                _finish(job, flying.pop(future), future)


def run_row(job: Job[Row, Answer], pk: int, *, seconds: float) -> int:
    """Work on the one row `pk`, step by step, for at most `seconds`; returns steps taken.

    A step that has begun is not cut short: its own deadline bounds it.
    """
    ends = time.monotonic() + seconds
    steps = 0
    with ThreadPoolExecutor(1, f"work-{job.name}", initializer=_bar_database) as pool:
        while time.monotonic() < ends:
            rows = claim(job.model, at=timezone.now(), lease=job.lease, limit=1, pk=pk)
            if not rows:
                break
            steps += 1
            future = _start(job, rows[0], pool)
            if future is not None:
                wait([future])
                _finish(job, rows[0], future)
    return steps


def _start(job: Job[Row, Answer], row: Row, pool: ThreadPoolExecutor) -> Future[Answer] | None:
    """Have the network part run; None where there is none, or the row could not be prepared."""
    if job.prepare is None:
        nothing: Future[Any] = Future()
        nothing.set_result(None)
        _finish(job, row, nothing)
        return None
    try:
        return pool.submit(job.prepare(row))
    except LostLease:
        return None
    except Exception:
        log.exception("%s: row %s could not be prepared", job.name, row.pk)
        _put_back(job, row)
        return None


def _finish(job: Job[Row, Answer], row: Row, future: Future[Answer]) -> None:
    try:
        answer = future.result()
        _keep_attempt(job, row, answer)
        again_if_deadlocked(lambda: _apply(job, row, answer, timezone.now()))
    except LostLease:
        log.warning(
            "%s: row %s outlived its lease; its outcome is left to others", job.name, row.pk
        )
    except Exception:
        log.exception("%s: row %s could not be finished", job.name, row.pk)
        _put_back(job, row)


def _keep_attempt(job: Job[Row, Answer], row: Row, answer: Answer) -> None:
    """Write the log of an attempt; a log that cannot be written must not cost the outcome."""
    if job.keep_attempt is None:
        return
    try:
        job.keep_attempt(row, answer)
    except Exception:
        log.exception("%s: the attempt on row %s could not be logged", job.name, row.pk)


def _apply(job: Job[Row, Answer], row: Row, answer: Answer, at: datetime) -> None:
    with transaction.atomic():
        manager = job.model._default_manager  # noqa: SLF001
        fresh = manager.select_for_update().get(pk=row.pk)
        token = row.lease_token
        if token is None or fresh.lease_token != token:
            raise LostLease
        due_at = job.apply(fresh, answer, at)
        finish(fresh, token=token, due_at=due_at)


def _put_back(job: Job[Row, Answer], row: Row) -> None:
    """Give a row whose handling raised back to the queue, later and later."""
    pause = max(backoff(row.attempts), timedelta(seconds=1))
    try:
        finish(row, token=str(row.lease_token), due_at=timezone.now() + pause)
    except LostLease:
        pass
    except Exception:
        # The lease itself brings the row back.
        log.exception("%s: row %s could not be put back", job.name, row.pk)

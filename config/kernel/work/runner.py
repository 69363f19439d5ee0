"""Drains what is due: network in threads that cannot touch the database, outcomes in this one.

The claiming thread keeps at most `threads` rows in flight, so a claimed row never waits for a
thread while its lease runs.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any, NoReturn, TypeVar

from django.db import connections
from django.utils import timezone

from config.kernel.work.claims import LostLease, claim
from config.kernel.work.finishing import finish_rows, put_back
from config.kernel.work.job import Job
from config.kernel.work.rows import WorkRow

Row = TypeVar("Row", bound=WorkRow)
Answer = TypeVar("Answer")
log = logging.getLogger(__name__)
# Rows taken at once where nobody is asked.
BATCH = 100
# How long slow calls may keep a drain from seeing what has come due meanwhile.
LOOK_AGAIN_SECONDS = 0.5
# How long a thread keeps the interpreter while others want it: after each of its statements the
# one thread that writes would wait Python's 5 ms for those that wait for answers anyway.
SWITCH_SECONDS = 0.001


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
    job: Job[Row, Answer],
    *,
    threads: int = 16,
    seconds: float = 50.0,
    most: int = 1_000_000,
    ending: Callable[[], bool] = lambda: False,
) -> int:
    """Work until nothing is due, `most` rows were taken or `seconds` are over; returns rows.

    Nothing more is taken either once it is `ending`, for work that asks somebody.
    """
    if job.prepare is None:
        return _drain_plain(job, seconds=seconds, most=most)
    sys.setswitchinterval(SWITCH_SECONDS)
    ends = time.monotonic() + seconds
    taken, handful = 0, threads // 4
    flying: dict[Future[Answer], Row] = {}
    with ThreadPoolExecutor(threads, f"work-{job.name}", initializer=_bar_database) as pool:
        while True:
            room = min(threads - len(flying), most - taken)
            rows: list[Row] = []
            # Claims cost a transaction each: wait until a good handful fits, unless nothing ends.
            goes_on = time.monotonic() < ends and not ending()
            if goes_on and room >= (min(handful, most - taken) or 1):
                rows = claim(
                    job.model, at=timezone.now(), lease=job.lease, limit=room, only=job.only
                )
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
            handful = threads // 4 if done else 1
            finish_rows(job, [(flying.pop(future), future) for future in done])


def _drain_plain(job: Job[Row, Answer], *, seconds: float, most: int) -> int:
    """Drain work that asks nobody: claim a batch, apply it, and so on."""
    ends = time.monotonic() + seconds
    taken = 0
    nothing = _nothing()
    while time.monotonic() < ends and taken < most:
        limit = min(BATCH, most - taken)
        rows = claim(job.model, at=timezone.now(), lease=job.lease, limit=limit, only=job.only)
        if not rows:
            break
        taken += len(rows)
        finish_rows(job, [(row, nothing) for row in rows])
    return taken


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
                finish_rows(job, [(rows[0], future)])
    return steps


def _nothing() -> Future[Any]:
    answered: Future[Any] = Future()
    answered.set_result(None)
    return answered


def _start(job: Job[Row, Answer], row: Row, pool: ThreadPoolExecutor) -> Future[Answer] | None:
    """Have the network part run; None where the row could not be prepared."""
    if job.prepare is None:
        return _nothing()
    try:
        return pool.submit(job.prepare(row))
    except LostLease:
        return None
    except Exception:
        log.exception("%s: row %s could not be prepared", job.name, row.pk)
        put_back(job, row)
        return None

"""What an answer comes to is written in one transaction by whoever still holds the lease.

Rows that may share a transaction do; where one of them raises, each gets its own.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from concurrent.futures import Future
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import transaction
from django.utils import timezone

from config.kernel.rows import read
from config.kernel.work.claims import LostLease, again_if_deadlocked, finish, finish_all
from config.kernel.work.job import Job, backoff
from config.kernel.work.rows import WorkRow

Row = TypeVar("Row", bound=WorkRow)
Answer = TypeVar("Answer")
log = logging.getLogger(__name__)


def finish_rows(job: Job[Row, Answer], answered: list[tuple[Row, Future[Answer]]]) -> None:
    """Apply what came back for rows of this process, whatever any of them raises."""
    if job.together == 1:
        for row, future in answered:
            _finish(job, row, future)
        return
    for start in range(0, len(answered), job.together):
        some = answered[start : start + job.together]
        for row, future in some if len(some) == 1 else _finish_together(job, some):
            _finish(job, row, future)


def put_back(job: Job[Row, Answer], row: Row) -> None:
    """Give a row whose handling raised back to the queue, later and later."""
    pause = max(backoff(row.attempts), timedelta(seconds=1))
    try:
        finish(row, token=str(row.lease_token), due_at=timezone.now() + pause)
    except LostLease:
        pass
    except Exception:
        # The lease itself brings the row back.
        log.exception("%s: row %s could not be put back", job.name, row.pk)


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
        put_back(job, row)


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
        found = read(job.model, {"pk": row.pk}, lock=True)
        token = row.lease_token
        if token is None or not found or found[0].lease_token != token:
            raise LostLease
        (fresh,) = found
        if job.gather is not None:
            (answer,) = job.gather([fresh])
        due_at = job.apply(fresh, answer, at)
        finish(fresh, token=token, due_at=due_at, **_written(job, fresh))


def _written(job: Job[Row, Answer], row: Row) -> dict[str, Any]:
    return {name: getattr(row, name) for name in job.writes}


def _finish_together(
    job: Job[Row, Answer], some: list[tuple[Row, Future[Answer]]]
) -> list[tuple[Row, Future[Answer]]]:
    """Finish them in one transaction; returns those that want one of their own.

    Those are all where it did not do, nothing being written. For work whose attempts leave no log.
    Each row is as it was claimed: what else writes to it compares the lease token or takes it
    away, and the finishing statement compares it.
    """
    try:
        return again_if_deadlocked(lambda: _apply_together(job, some, timezone.now()))
    except Exception as exc:  # noqa: BLE001 - each row's own transaction says which one it was
        log.info("%s: %d rows one by one, after %s", job.name, len(some), type(exc).__name__)
        return some


def _apply_together(
    job: Job[Row, Answer], some: list[tuple[Row, Future[Answer]]], at: datetime
) -> list[tuple[Row, Future[Answer]]]:
    alike: dict[tuple[str, datetime | None], list[int]] = defaultdict(list)
    left: list[tuple[Row, Future[Answer]]] = []
    with transaction.atomic():
        rows = [row for row, _ in some]
        answers = job.gather(rows) if job.gather else [future.result() for _, future in some]
        for one, answer in zip(some, answers, strict=True):
            row = one[0]
            if job.alone(row, answer):
                left.append(one)
                continue
            token = str(row.lease_token)
            due_at = job.apply(row, answer, at)
            if job.writes:
                finish(row, token=token, due_at=due_at, **_written(job, row))
            else:
                alike[token, due_at].append(row.pk)
        for (token, due_at), pks in alike.items():
            finish_all(job.model, pks, token=token, due_at=due_at)
    return left

"""A due row is worked on by one worker at a time; whoever lost its lease changes nothing."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import OperationalError, connection, transaction
from django.db.models import F, QuerySet

from config.kernel.rows import read, update
from config.kernel.work.rows import WorkRow

Row = TypeVar("Row", bound=WorkRow)
Result = TypeVar("Result")
# Deadlock and lock wait time-out on MariaDB and MySQL: the loser is meant to ask again.
_RETRYABLE = (1213, 1205)
_TRIES = 5


class LostLease(Exception):
    """The row's token is no longer ours."""


def claim(
    model: type[Row],
    *,
    at: datetime,
    lease: timedelta,
    limit: int,
    pk: int | None = None,
    only: Mapping[str, Any] | None = None,
) -> list[Row]:
    """Take up to `limit` rows due at `at` (or the one `pk`), for as long as `lease`.

    `only` narrows them, as `filter` does.
    """
    token = secrets.token_hex(16)
    due = _due(model, at, only or {})
    if pk is not None:
        due = due.filter(pk=pk)
    if not due.exists():
        return []  # an idle worker must not take SQLite's write lock every second
    return again_if_deadlocked(lambda: _claim(due, token, at + lease, limit))


def is_due(model: type[Row], *, at: datetime, only: Mapping[str, Any]) -> bool:
    """Whether there is anything to claim."""
    return _due(model, at, only).exists()


def _due(model: type[Row], at: datetime, only: Mapping[str, Any]) -> QuerySet[Row]:
    return model._default_manager.filter(due_at__lte=at, **only)  # noqa: SLF001


def _claim(due: QuerySet[Row], token: str, until: datetime, limit: int) -> list[Row]:
    with transaction.atomic():
        wanted = due.order_by("due_at", "pk").values_list("pk", flat=True)
        if connection.features.has_select_for_update_skip_locked:
            wanted = wanted.select_for_update(skip_locked=True)
        pks = list(wanted[:limit])
        if not pks:
            return []
        due.filter(pk__in=pks).update(due_at=until, lease_token=token, attempts=F("attempts") + 1)
        return read(due.model, {"lease_token": token}, order=("pk",))


def finish(row: WorkRow, *, token: str, due_at: datetime | None, **changes: Any) -> None:
    """Give the row back, due again at `due_at` or done; inside the caller's transaction.

    :raises LostLease: the token is no longer on the row; the caller rolls back.
    """
    held = {"pk": row.pk, "lease_token": token}
    if update(type(row), held, {"due_at": due_at, "lease_token": None, **changes}) != 1:
        raise LostLease


def finish_all(model: type[Row], pks: list[int], *, token: str, due_at: datetime | None) -> None:
    """Give rows of one claim back that are due alike; inside the caller's transaction.

    :raises LostLease: one of them is not ours any more; the caller rolls back.
    """
    rows = model._default_manager.filter(pk__in=pks, lease_token=token)  # noqa: SLF001
    if rows.update(due_at=due_at, lease_token=None) != len(pks):
        raise LostLease


def again_if_deadlocked(action: Callable[[], Result]) -> Result:
    """Run a whole transaction; run it again when the database chose it as a deadlock's victim."""
    for attempt in range(_TRIES):
        try:
            return action()
        except OperationalError as exc:
            last = attempt == _TRIES - 1
            if last or connection.in_atomic_block or exc.args[:1] not in [(c,) for c in _RETRYABLE]:
                raise
            time.sleep(0.01 * 2**attempt)
    raise AssertionError

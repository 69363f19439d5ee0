"""What one kind of work does with a claimed row, in three parts with clear rights."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, Generic, TypeVar

from config.kernel.work.rows import WorkRow

Row = TypeVar("Row", bound=WorkRow)
Answer = TypeVar("Answer")
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 3600.0


@dataclass(frozen=True)
class Job(Generic[Row, Answer]):
    """One kind of work.

    `prepare(row)` runs in the claiming thread and may use the database; it commits what is about
    to be asked and returns the network part, a function of no arguments. That part runs in a
    pool thread, where the database raises, and returns an answer instead of raising. Work that
    asks nobody has no `prepare`: its rows are applied one after the other, oldest first, and
    `gather(rows)` may read what they all need, in the finishing transaction, into their answers.
    `apply(row, answer, at)` runs in the finishing transaction on the row read again under lock,
    and returns when it is due next (None: nothing to do); what it sets on that row itself it
    names in `writes`. `together` rows may share a finishing transaction, on rows as they were
    claimed; `alone(row, answer)` says of which `apply` takes a lock that many wait for: those
    get one of their own, after it. `keep_attempt(row, answer)` runs whatever became of the lease:
    it writes the call log. `only` narrows the rows to some of the table's, as `filter` does.
    """

    name: str
    model: type[Row]
    deadline: timedelta
    lease: timedelta
    apply: Callable[[Row, Answer, datetime], datetime | None]
    prepare: Callable[[Row], Callable[[], Answer]] | None = None
    gather: Callable[[list[Row]], list[Answer]] | None = None
    keep_attempt: Callable[[Row, Answer], None] | None = None
    writes: tuple[str, ...] = ()
    alone: Callable[[Row, Answer], bool] = lambda _row, _answer: False
    together: int = 1
    only: Mapping[str, Any] = field(default_factory=dict)

    known: ClassVar[dict[str, Job[Any, Any]]] = {}

    def __post_init__(self) -> None:
        if self.together > 1 and self.keep_attempt is not None:
            msg = f"{self.name}: rows that finish together keep no log of attempts"
            raise ValueError(msg)
        Job.known[self.name] = self


def backoff(attempts: int) -> timedelta:
    """The pause before the next try: doubling from 2 s to an hour, ± 20 %."""
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(attempts, 30))
    return timedelta(seconds=pause * (0.8 + secrets.randbelow(4001) / 10_000))

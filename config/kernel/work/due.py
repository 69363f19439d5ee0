"""How much of a kind of work is late, in hands and waiting: never counted further than it helps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from config.kernel.work.rows import WorkRow

CAP = 1_000
OLDEST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class DueWork:
    """One kind of work: what is late now, in hands, waiting for its time; and the oldest rows."""

    kind: str
    late: int
    in_hand: int
    later: int
    oldest: tuple[WorkRow, ...]


def due_work_of(kind: str, rows: QuerySet[Any], at: datetime) -> DueWork:
    """The work that the rows are, each count by one index, the oldest fifty with it."""
    late = rows.filter(due_at__lte=at)
    later = rows.filter(due_at__gt=at)
    # What is done has no time, and may keep the lease of a killed worker. Not `lease_token IS NOT
    # NULL`: of two such conditions SQLite looks through the whole table.
    in_hand = rows.filter(lease_token__gt="", due_at__isnull=False)
    return DueWork(
        kind=kind,
        late=count_capped(late),
        in_hand=count_capped(in_hand),
        later=count_capped(later),
        oldest=tuple(late.order_by("due_at", "pk")[:OLDEST_SHOWN]),
    )


def oldest_of(rows: QuerySet[Any], at: datetime) -> datetime | None:
    """Since when the row that waits longest has been due; None when nothing is."""
    late = rows.filter(due_at__lte=at).order_by("due_at")
    found: datetime | None = late.values_list("due_at", flat=True).first()
    return found


def count_capped(rows: QuerySet[Any]) -> int:
    """At most a thousand and one."""
    return rows.order_by()[: CAP + 1].count()

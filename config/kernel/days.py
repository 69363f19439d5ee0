"""Days are half-open ranges of instants, computed in Python by this module alone.

The database is never asked for a date of a timestamp: MariaDB without time-zone tables answers
nothing, and no index serves it.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_WRITTEN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def read_day(text: str) -> date:
    """The day written as `2026-02-28`, in years that every zone can compute.

    :raises ValueError: it is none.
    """
    day = date.fromisoformat(text if _WRITTEN.fullmatch(text) else "")
    if not 1970 <= day.year <= 9000:
        raise ValueError(text)
    return day


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of `day` in `zone`, aware."""
    return datetime.combine(day, time.min, tzinfo=zone)


def between(first: date, last: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The instants `[start, end)` of the inclusive local days `first`..`last`."""
    return start_of(first, zone), start_of(last + timedelta(days=1), zone)


def local_date(at: datetime, zone: ZoneInfo) -> date:
    """The date on the wall in `zone` at the aware instant `at`."""
    return at.astimezone(zone).date()

"""Periods come from the calendar alone, so they are right after downtime of any length.

A period runs from one reset day to the next, in the tenant's zone; a reset day a month does not
have is clamped to its last.
"""

from __future__ import annotations

import calendar
from datetime import date, timedelta


def reset_date(year: int, month: int, reset_day: int) -> date:
    """The day of this month on which the quota resets."""
    return date(year, month, min(reset_day, calendar.monthrange(year, month)[1]))


def next_reset(after: date, reset_day: int) -> date:
    """The first reset strictly after `after`."""
    this_month = reset_date(after.year, after.month, reset_day)
    if this_month > after:
        return this_month
    following = after.replace(day=1) + timedelta(days=32)
    return reset_date(following.year, following.month, reset_day)


def period_containing(day: date, reset_day: int) -> tuple[date, date]:
    """The period `[start, end)` that `day` lies in."""
    start = reset_date(day.year, day.month, reset_day)
    if start > day:
        before = day.replace(day=1) - timedelta(days=1)
        start = reset_date(before.year, before.month, reset_day)
    return start, next_reset(day, reset_day)

"""The daily roll-ups become what the orders add up to, whatever was changed, late or twice.

A run looks for days whose orders changed since the last look, marks them, and counts them anew,
each in one transaction. A day that could not be counted stays marked for the next run, so a run
may die anywhere; two at once wait for each other at the day's row.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import F, Max, Sum

from config.kernel.work.claims import again_if_deadlocked
from logistics.models import DailyOrders, DailyTotals, RolledDay
from logistics.queries.reports.counting import (
    MARGIN,
    Cell,
    Figures,
    count_day,
    days_changed_since,
    days_with_orders,
    figures_of,
    totals_of,
)

# Besides what changed, a run counts this many days again, the one counted longest ago first:
# what no look could have seen (rows mended by hand, a clock set back) is right again some day.
SWEEP = 1
# A day's count reads all its orders, some 15 µs each, and a day moves until its last parcel is
# signed: after a count it rests this long for each REST_ORDERS, so that however many orders a day
# has, and ten days of them moving, counting takes a fortieth of the database's time.
REST = timedelta(minutes=1)
REST_ORDERS = 10_000
BATCH = 500
Key = TypeVar("Key")


def roll_up(*, at: datetime, seconds: float | None = None, sweep: int = SWEEP) -> int:
    """Count the days again whose orders changed; returns how many days were counted.

    No more after `seconds`: what is left then is the next run's, and what rests a later one's.
    """
    end = None if seconds is None else time.monotonic() + seconds
    mark_changed_days(at=at)
    counted = 0
    for day in days_to_count(at=at):
        if end is not None and time.monotonic() >= end:
            return counted
        counted += _count(day, at)
    longest_ago = RolledDay.objects.filter(stale_at=None).exclude(counted_at=at)
    oldest = longest_ago.order_by("counted_at", "business_date")[:sweep]
    return counted + sum(_count(row.business_date, at, anyway=True) for row in oldest)


def recount_days(*, days: Iterable[date], at: datetime) -> int:
    """Count these days again, changed or not; returns how many."""
    wanted = sorted(set(days))
    mark_changed_days(at=at)
    _mark(wanted, at)
    return sum(_count(day, at, anyway=True) for day in wanted)


def days_to_count(*, at: datetime) -> list[date]:
    """The days marked whose rest is over: the new ones, newest first, then the longest waiting."""
    stale = RolledDay.objects.filter(stale_at__isnull=False)
    counted = stale.filter(counted_at__isnull=False).values_list("business_date", flat=True)
    sums = DailyTotals.objects.filter(business_date__in=list(counted)).order_by()
    orders = dict(sums.values_list("business_date").annotate(n=Sum("orders")))
    return [
        row.business_date
        for row in stale.order_by(F("counted_at").asc(nulls_first=True), "-business_date")
        if row.counted_at is None or row.counted_at + _rest(orders.get(row.business_date, 0)) <= at
    ]


def _rest(orders: int) -> timedelta:
    return REST * (orders // REST_ORDERS)


def mark_changed_days(*, at: datetime) -> None:
    """Look for days that must be counted again, and keep them, before anything is counted.

    The very first look takes every day there is.
    """
    last = _last_look()
    if last is None:
        _mark(days_with_orders(), at)
        return
    if last > at:
        # The clock was set back: what is dated later than now would hide what happens until then.
        RolledDay.objects.filter(counted_at__gt=at).update(counted_at=at)
        RolledDay.objects.filter(stale_at__gt=at).update(stale_at=at)
    _mark(days_changed_since(min(last, at) - MARGIN), at)


def _last_look() -> datetime | None:
    """When the last look began: all it found bears that time, counted or not."""
    ends = RolledDay.objects.aggregate(counted=Max("counted_at"), stale=Max("stale_at"))
    return max((at for at in ends.values() if at is not None), default=None)


def _mark(days: Iterable[date], at: datetime) -> None:
    wanted = sorted(days)

    def mark() -> None:
        with transaction.atomic():
            known = set(RolledDay.objects.values_list("business_date", flat=True))
            fresh = [RolledDay(business_date=day) for day in wanted if day not in known]
            RolledDay.objects.bulk_create(fresh, ignore_conflicts=True, batch_size=BATCH)
            for some in _slices(wanted):
                RolledDay.objects.filter(business_date__in=some).update(stale_at=at)

    if wanted:
        again_if_deadlocked(mark)


def _count(day: date, at: datetime, *, anyway: bool = False) -> bool:
    """Count a day unless somebody just did; its row is locked from before the counting on."""

    def count() -> bool:
        with transaction.atomic():
            row = RolledDay.objects.select_for_update().get(business_date=day)
            if row.stale_at is None and not anyway:
                return False
            _write(day, count_day(day))
            row.counted_at, row.stale_at = at, None
            row.save(update_fields=["counted_at", "stale_at"])
        return True

    return again_if_deadlocked(count)


def _write(day: date, cells: dict[Cell, Figures]) -> None:
    """Make the day's rows these, the tenants' and everybody's."""
    _replace(DailyOrders, day, {tuple(cell): figures for cell, figures in cells.items()})
    _replace(DailyTotals, day, totals_of(cells))


def _replace(
    model: type[DailyOrders | DailyTotals], day: date, wanted: dict[tuple[Any, ...], Figures]
) -> None:
    """Rows that say the same already are left alone."""
    names = Cell._fields if model is DailyOrders else Cell._fields[1:]
    wrong: list[int] = []
    for row in model._default_manager.filter(business_date=day):  # noqa: SLF001
        key = tuple(getattr(row, name) for name in names)
        if wanted.get(key) == figures_of(row):
            del wanted[key]
        else:
            wrong.append(row.pk)
    for some in _slices(wrong):
        model._default_manager.filter(pk__in=some).delete()  # noqa: SLF001
    rows: list[Any] = [
        model(business_date=day, **dict(zip(names, key, strict=True)), **figures._asdict())
        for key, figures in wanted.items()
    ]
    model._default_manager.bulk_create(rows, batch_size=BATCH)  # noqa: SLF001


def _slices(values: list[Key]) -> Iterator[list[Key]]:
    return (values[n : n + BATCH] for n in range(0, len(values), BATCH))

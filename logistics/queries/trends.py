"""What the home page plots: orders by day and state, and how carriers' interfaces answer."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Sum
from django.utils import timezone

from config.kernel.days import between
from logistics.models import CallLog, ExpressOrder
from logistics.models.rollups import DailyTotals

# Of each method the newest calls alone are read: enough for a 95th percentile, whatever the size.
SAMPLE = 1_000
MOST_METHODS = 40


@dataclass(frozen=True, slots=True)
class MethodCalls:
    """The newest calls of one method: how they came out, and how long they took in ms."""

    method: str
    calls: int
    outcomes: dict[str, int]
    p50: int | None
    p95: int | None


def calls_by_method(*, since: datetime) -> list[MethodCalls]:
    """Each method called since, with up to a thousand of its newest calls; busiest first."""
    found = [_calls_of(method, since) for method in _methods()]
    return sorted((one for one in found if one.calls), key=lambda one: (-one.calls, one.method))


def _methods() -> list[str]:
    """The methods of the log, each by one look into the index: DISTINCT would read all of it."""
    names: list[str] = []
    last = ""
    while len(names) < MOST_METHODS:
        after = CallLog.objects.filter(api_method__gt=last).order_by("api_method")
        found = after.values_list("api_method", flat=True).first()
        if found is None:
            break
        names.append(found)
        last = found
    return names


def _calls_of(method: str, since: datetime) -> MethodCalls:
    newest = CallLog.objects.filter(api_method=method, created_at__gte=since)
    sample = newest.order_by("-created_at").values_list("outcome", "duration_ms")[:SAMPLE]
    outcomes: Counter[str] = Counter()
    durations = []
    for outcome, duration in sample:
        outcomes[outcome] += 1
        if duration is not None:
            durations.append(duration)
    durations.sort()
    return MethodCalls(
        method=method,
        calls=sum(outcomes.values()),
        outcomes=dict(outcomes),
        p50=_percentile(durations, 0.5),
        p95=_percentile(durations, 0.95),
    )


def _percentile(ordered: list[int], share: float) -> int | None:
    """The nearest rank: a value that was measured."""
    if not ordered:
        return None
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def orders_by_day(first: date, last: date) -> dict[tuple[date, str], int]:
    """Live orders by (day they were made, state now), from the daily roll-ups."""
    days = DailyTotals.objects.filter(business_date__gte=first, business_date__lte=last)
    sums = days.values_list("business_date", "status").annotate(n=Sum("orders")).order_by()
    return {(day, status): n for day, status, n in sums}


def signed_by_day(days: Sequence[date]) -> dict[date, int]:
    """Live orders by the day they were signed for, each day by the index."""
    return {day: _signed_on(day) for day in days}


def _signed_on(day: date) -> int:
    start, end = between(day, day, ZoneInfo(timezone.get_default_timezone_name()))
    # `NOT is_test`, as an equality is compiled, is served by no index on SQLite.
    signed = ExpressOrder.objects.filter(
        is_test__in=[False], sign_time__gte=start, sign_time__lt=end
    )
    return signed.order_by().count()

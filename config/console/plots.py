"""How things go: each plot a picture made here, a legend, and the same numbers in a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from config.console.stacks import Stack, lying_stacks
from config.kernel.console.charts import Series, bars, horizontal_bars, stacked_bars
from config.kernel.days import local_date
from config.kernel.http import Outcome
from config.kernel.keeping import Kept
from logistics.queries import trends
from logistics.states import OrderStatus

DAYS = 14
KEPT_SECONDS = 30
_kept: Kept[Any] = Kept(KEPT_SECONDS)


STATE_TONES = {
    OrderStatus.CREATED: "step-1",
    OrderStatus.WAYBILL_CREATED: "step-2",
    OrderStatus.DISPATCHED: "step-3",
    OrderStatus.PICKED: "step-4",
    OrderStatus.IN_TRANSIT: "step-5",
    OrderStatus.DELIVERING: "step-6",
    OrderStatus.SIGNED: "good",
    OrderStatus.REJECTED: "warn",
    OrderStatus.EXCEPTION: "bad",
    OrderStatus.CANCELLED: "quiet",
}
OUTCOME_TONES = {
    Outcome.DONE: "good",
    Outcome.REFUSED: "warn",
    Outcome.RETRY: "quiet",
    Outcome.UNKNOWN: "bad",
}


@dataclass(frozen=True, slots=True)
class Plot:
    """A picture with its title and key, and its numbers; `note` says what they are of."""

    picture: SafeString
    note: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


def plots_for(user: Any, *, at: datetime) -> list[Plot]:
    """What this operator may see of it."""
    today = local_date(at, ZoneInfo(timezone.get_default_timezone_name()))
    days = [today - timedelta(days=DAYS - 1 - past) for past in range(DAYS)]
    found: list[Plot] = []
    if user.has_perm("logistics.view_expressorder"):
        found += [_states(days), _signed(days)]
    if user.has_perm("logistics.view_calllog"):
        since = at - timedelta(hours=24)
        calls = _read("calls", lambda: trends.calls_by_method(since=since))
        found += [_outcomes(calls), _durations(calls)]
    return found


def _read(name: str, query: Callable[[], Any]) -> Any:
    return _kept.get(name, query)


def _states(days: Sequence[date]) -> Plot:
    counts = _read(f"states {days[-1]}", lambda: trends.orders_by_day(days[0], days[-1]))
    series = [
        Series(status.label, [counts.get((day, status), 0) for day in days], tone)
        for status, tone in STATE_TONES.items()
    ]
    series = [one for one in series if any(one.values)]
    labels = [f"{day:%m-%d}" for day in days]
    title = _("Orders of the last %(days)d days by state") % {"days": DAYS}
    return Plot(
        picture=stacked_bars(labels, series, title=title),
        note=_("By the day an order was made and its state now, as in the reports."),
        head=[_("day"), _("all"), *(str(one.label) for one in series)],
        rows=[_row(labels[n], [one.values[n] or 0 for one in series]) for n in _newest_first(days)],
    )


def _signed(days: Sequence[date]) -> Plot:
    counts = _read(f"signed {days[-1]}", lambda: trends.signed_by_day(days))
    labels = [f"{day:%m-%d}" for day in days]
    values = [counts[day] for day in days]
    return Plot(
        picture=bars(labels, values, title=_("Signatures per day"), tone="good"),
        note=_("By the day a parcel was signed for, as the carrier says."),
        head=[_("day"), str(OrderStatus.SIGNED.label)],
        rows=[[labels[n], f"{values[n]:,}"] for n in _newest_first(days)],
    )


def _outcomes(calls: Sequence[trends.MethodCalls]) -> Plot:
    names = _outcome_names()
    stacks = [
        Stack(one.method, [one.outcomes.get(word, 0) for word in names], f"{one.calls:,}")
        for one in calls
    ]
    key = [(name, OUTCOME_TONES[word]) for word, name in names.items()]
    return Plot(
        picture=lying_stacks(stacks, key, title=_("Carrier calls of the last 24 hours by outcome")),
        note=_sampled(),
        head=[_("API"), _("all"), *names.values()],
        rows=[_row(one.method, [one.outcomes.get(word, 0) for word in names]) for one in calls],
    )


def _durations(calls: Sequence[trends.MethodCalls]) -> Plot:
    timed = sorted((one for one in calls if one.p95 is not None), key=lambda one: -(one.p95 or 0))
    return Plot(
        picture=horizontal_bars(
            [one.method for one in timed],
            [one.p95 for one in timed],
            title=_("Carrier calls of the last 24 hours: 95th percentile of the duration"),
            words=lambda value: f"{value:,.0f} ms",
        ),
        note=_sampled(),
        head=[_("API"), _("median (ms)"), _("95th percentile (ms)")],
        rows=[[one.method, f"{one.p50 or 0:,}", f"{one.p95 or 0:,}"] for one in timed],
    )


def _newest_first(days: Sequence[date]) -> range:
    return range(len(days) - 1, -1, -1)


def _row(label: str, values: Sequence[float]) -> list[str]:
    return [label, f"{sum(values):,.0f}", *(f"{value:,.0f}" for value in values)]


def _sampled() -> str:
    return _("Of each API, its latest %(most)d calls at most.") % {"most": trends.SAMPLE}


def _outcome_names() -> dict[Outcome, str]:
    return {
        Outcome.DONE: _("done"),
        Outcome.REFUSED: _("refused"),
        Outcome.RETRY: _("to be repeated"),
        Outcome.UNKNOWN: _("unknown"),
    }

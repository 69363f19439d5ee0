"""A business day's live orders added up by the database, in one statement; what has changed since.

One statement sees one moment, so a parcel that moves meanwhile is in exactly one state.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import (
    Count,
    DecimalField,
    F,
    IntegerField,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from config.kernel.days import between, local_date
from logistics.models import ExpressOrder, FreightRevision
from logistics.models.rollups import DailySums
from logistics.states import OrderStatus
from quotas.money import to_minor

# A change is dated by the clock of the process that made it, when it began to; it may be seen
# only this much later. A lease, the longest that anything takes, is far shorter.
MARGIN = timedelta(minutes=15)
PLATFORM = 0  # the platform's own parcels, which have no tenant
_MONEY: Any = DecimalField(max_digits=20, decimal_places=2)


class Cell(NamedTuple):
    """What is added up: a tenant's orders of one carrier in one state."""

    tenant_id: int
    cp_code: str
    status: str


class Figures(NamedTuple):
    """The sums of a cell, money in fen."""

    orders: int
    freight_minor: int
    first_freight_minor: int
    revisions: int


NOTHING = Figures(0, 0, 0, 0)


def zone() -> ZoneInfo:
    """The zone of business days (TIME_ZONE)."""
    return ZoneInfo(timezone.get_default_timezone_name())


def orders_of(first: date, last: date) -> QuerySet[ExpressOrder]:
    """The live orders made on the business days `first`..`last`."""
    start, end = between(first, last, zone())
    return ExpressOrder.objects.filter(
        created_at__gte=start, created_at__lt=end, is_test=False
    ).order_by()


def count_day(day: date) -> dict[Cell, Figures]:
    """Add the day's orders up."""
    rows = (
        orders_of(day, day)
        .values("tenant_id", "cp_code", "status")
        .annotate(
            n=Count("pk"),
            now=Sum("freight"),
            first=Sum(first_freight(), output_field=_MONEY),
            words=Sum(later_words(), output_field=IntegerField()),
        )
    )
    return {
        Cell(row["tenant_id"] or PLATFORM, row["cp_code"], row["status"]): Figures(
            row["n"], fen(row["now"]), fen(row["first"]), row["words"] or 0
        )
        for row in rows
    }


def totals_of(cells: Mapping[Cell, Figures]) -> dict[tuple[str, str], Figures]:
    """Everybody's sums by carrier and state."""
    found: dict[tuple[str, str], Figures] = {}
    for (_tenant_id, *key), figures in cells.items():
        cp_code, status = key
        known = found.get((cp_code, status), NOTHING)
        found[cp_code, status] = Figures(*map(sum, zip(known, figures, strict=True)))
    return found


def figures_of(row: DailySums) -> Figures:
    """What a row of a roll-up says."""
    return Figures(row.orders, row.freight_minor, row.first_freight_minor, row.revisions)


def first_freight() -> Coalesce:
    """An order's first word on freight by the carrier's time, else what it costs now."""
    words = _words().order_by("event_time", "id").values("freight")[:1]
    none = Value(Decimal(0), output_field=_MONEY)
    return Coalesce(Subquery(words), F("freight"), none, output_field=_MONEY)


def later_words() -> Coalesce:
    """How often an order's freight was revised: its words on freight but the first."""
    counted = _words().order_by().values("order").annotate(n=Count("pk") - 1).values("n")
    return Coalesce(Subquery(counted), Value(0), output_field=IntegerField())


def _words() -> QuerySet[FreightRevision]:
    return FreightRevision.objects.filter(order=OuterRef("pk"), freight__isnull=False)


def fen(yuan: Decimal | None) -> int:
    """Fen of a sum of yuan. SQLite adds decimals up as floats; to two places they are exact."""
    return to_minor(Decimal(yuan or 0))


def days_with_orders() -> Iterator[date]:
    """Every day from the first order's to the last one's."""
    ends = ExpressOrder.objects.aggregate(first=Min("created_at"), last=Max("created_at"))
    if ends["first"] is None:
        return
    day, last = local_date(ends["first"], zone()), local_date(ends["last"], zone())
    while day <= last:
        yield day
        day += timedelta(days=1)


def days_changed_since(since: datetime) -> set[date]:
    """The days of orders that were heard of since, or whose `news_at` was taken away.

    A move and a word on freight are news, so this misses neither. Two short ranges of the index
    (status, news_at) for each state, asked for one by one: of both in one statement SQLite makes
    all orders of the state.
    """
    found: set[date] = set()
    zone_ = zone()
    for status in OrderStatus.values:
        for news in (Q(news_at__gte=since), Q(news_at=None)):
            rows = ExpressOrder.objects.filter(news, status=status, is_test=False)
            made = rows.order_by().values_list("created_at", flat=True)
            found.update(local_date(at, zone_) for at in made.iterator(chunk_size=5_000))
    return found

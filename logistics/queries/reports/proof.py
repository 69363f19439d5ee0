"""The roll-ups are what the orders add up to: counted again row by row, in Python, in whole fen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max, Q, QuerySet

from logistics.models import DailyOrders, DailyTotals, FreightRevision, RolledDay
from logistics.queries.reports.counting import (
    MARGIN,
    NOTHING,
    PLATFORM,
    Figures,
    days_with_orders,
    figures_of,
    orders_of,
)
from quotas.money import to_minor

# Tenant (None: everybody), carrier, state.
Key = tuple[int | None, str, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell of the roll-ups that is not what its orders add up to; tenant None is everybody.

    `waiting`: orders of the day changed so lately that the next run will count it.
    """

    business_date: date
    cell: Key
    found: Figures | None
    expected: Figures | None
    waiting: bool


def all_days() -> set[date]:
    """Every day that has orders or a roll-up."""
    found = set(days_with_orders())
    for model in (RolledDay, DailyOrders, DailyTotals):
        rows: QuerySet[Any] = model._default_manager.order_by()  # noqa: SLF001
        found.update(rows.values_list("business_date", flat=True).distinct())
    return found


def find_differences(days: Iterable[date]) -> Iterator[Difference]:
    """Compare these days with their orders; yields the cells that differ.

    Orders move beside us, so a day that differs is looked at again while nobody can count it.
    """
    for day in days:
        if stored_day(day) == recount_day(day):
            continue
        with transaction.atomic():
            row = RolledDay.objects.select_for_update().filter(business_date=day).first()
            found, expected = stored_day(day), recount_day(day)
            # Asked last: what moved while we counted is seen to have moved.
            waiting = (row is not None and row.stale_at is not None) or _moved_on(day)
        for cell in sorted(found.keys() | expected.keys(), key=str):
            if found.get(cell) != expected.get(cell):
                yield Difference(day, cell, found.get(cell), expected.get(cell), waiting)


def stored_day(day: date) -> dict[Key, Figures]:
    """The roll-up of a day, the tenants' and everybody's."""
    own = DailyOrders.objects.filter(business_date=day)
    every = DailyTotals.objects.filter(business_date=day)
    return {(row.tenant_id, row.cp_code, row.status): figures_of(row) for row in own} | {
        (None, row.cp_code, row.status): figures_of(row) for row in every
    }


def recount_day(day: date) -> dict[Key, Figures]:
    """What the day's orders and their freight revisions add up to."""
    words: dict[int, list[tuple[Any, int, Decimal]]] = {}
    revisions = FreightRevision.objects.filter(order__in=orders_of(day, day).values("pk"))
    said = revisions.filter(freight__isnull=False)
    for order_id, at, pk, freight in said.values_list("order_id", "event_time", "id", "freight"):
        words.setdefault(order_id, []).append((at, pk, freight or Decimal(0)))
    sums: dict[Key, Figures] = {}
    rows = orders_of(day, day).values_list("pk", "tenant_id", "cp_code", "status", "freight")
    for pk, tenant_id, cp_code, status, freight in rows.iterator():
        now = to_minor(freight or Decimal(0))
        told = words.get(pk, [])
        first = to_minor(min(told)[2]) if told else now
        for key in ((tenant_id or PLATFORM, cp_code, status), (None, cp_code, status)):
            known = sums.get(key, NOTHING)
            sums[key] = Figures(
                known.orders + 1,
                known.freight_minor + now,
                known.first_freight_minor + first,
                known.revisions + max(0, len(told) - 1),
            )
    return sums


def _moved_on(day: date) -> bool:
    """Whether an order of the day was heard of since the time the next run will look back to."""
    ends = RolledDay.objects.aggregate(counted=Max("counted_at"), seen=Max("stale_at"))
    last = max((at for at in ends.values() if at is not None), default=None)
    if last is None:
        return True
    return orders_of(day, day).filter(Q(news_at__gte=last - MARGIN) | Q(news_at=None)).exists()

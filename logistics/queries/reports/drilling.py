"""The orders and the periods that a month's fees of one tenant add up from.

Read from the orders themselves, so they are as of now: the roll-ups follow within minutes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from logistics.models import ExpressOrder
from logistics.queries.reports.counting import (
    PLATFORM,
    fen,
    first_freight,
    later_words,
    orders_of,
)
from logistics.queries.reports.settlement import month_window

PART = 1_000


@dataclass(frozen=True, slots=True)
class ParcelFee:
    """One parcel: its freight as first said and now, in fen, and how often it was revised."""

    id: int
    order_no: str
    created_at: datetime
    cp_code: str
    status: str
    first_minor: int
    revisions: int
    freight_minor: int

    @property
    def revised_minor(self) -> int:
        """What revisions changed."""
        return self.freight_minor - self.first_minor


@dataclass(frozen=True, slots=True)
class ParcelSums:
    """What the listed parcels add up to."""

    parcels: int
    first_minor: int
    revisions: int
    freight_minor: int

    @property
    def revised_minor(self) -> int:
        """What revisions changed."""
        return self.freight_minor - self.first_minor


def parcel_fees(
    *,
    month: date,
    tenant_id: int,
    revised: bool = False,
    after: int | None = None,
    most: int | None = None,
) -> Iterator[ParcelFee]:
    """The parcels, oldest first, from behind the one whose id is `after`; at most `most`.

    `revised`: only those whose freight was told more than once. Tenant 0 is the platform.
    """
    rows = _parcels(month, tenant_id, revised=revised)
    left = sys.maxsize if most is None else most
    while left > 0:
        # A statement of its own for each part: drivers of MariaDB hold a whole result at once.
        some = list(_part(rows, after)[: min(left, PART)])
        yield from map(_fee, some)
        if len(some) < PART:
            return
        left, after = left - len(some), some[-1][0]


def parcel_sums(*, month: date, tenant_id: int, revised: bool = False) -> ParcelSums:
    """What all of them add up to."""
    sums = _parcels(month, tenant_id, revised=revised).aggregate(
        parcels=Count("pk"), first=Sum("first_word"), words=Sum("later_words"), now=Sum("freight")
    )
    return ParcelSums(sums["parcels"], fen(sums["first"]), sums["words"] or 0, fen(sums["now"]))


def _part(rows: QuerySet[Any], after: int | None) -> QuerySet[Any]:
    behind = rows if after is None else _behind(rows, after)
    return behind.order_by("created_at", "id").values_list(
        "id", "order_no", "created_at", "cp_code", "status", "first_word", "later_words", "freight"
    )


def _behind(rows: QuerySet[Any], pk: int) -> QuerySet[Any]:
    """Written so that the index on (tenant, is_test, created_at) serves it."""
    last = ExpressOrder.objects.filter(pk=pk).values_list("created_at", flat=True).first()
    if last is None:
        return rows
    return rows.filter(created_at__gte=last).exclude(created_at=last, id__lte=pk)


def _parcels(month: date, tenant_id: int, *, revised: bool) -> QuerySet[Any]:
    window = month_window(month)
    whose = Q(tenant=None) if tenant_id == PLATFORM else Q(tenant=tenant_id)
    rows = orders_of(window.first, window.last).filter(whose)
    rows = rows.annotate(first_word=first_freight(), later_words=later_words())
    return rows.filter(later_words__gt=0) if revised else rows


def _fee(row: tuple[Any, ...]) -> ParcelFee:
    pk, order_no, created_at, cp_code, status, first, words, freight = row
    return ParcelFee(pk, order_no, created_at, cp_code, status, fen(first), words, fen(freight))

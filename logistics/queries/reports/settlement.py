"""Fees of a month, tenant by tenant: what carriers charge us for, and overage as closed.

A parcel belongs to the month it was made in, whenever its freight was told; a quota period to the
month its last day lies in. All money is in fen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any

from django.db.models import Sum

from accounts.queries import TenantInfo
from logistics.queries.reports.tenants import named
from logistics.queries.reports.window import Window, cells
from quotas.queries import PeriodFees, closed_fees, open_fees


@dataclass(frozen=True, slots=True)
class Fees:
    """What one tenant's month adds up to, or everybody's; `open_*` is in no total."""

    parcels: int = 0
    first_freight_minor: int = 0
    revisions: int = 0
    freight_minor: int = 0
    overage_units: int = 0
    overage_minor: int = 0
    credit_minor: int = 0
    open_units: int = 0
    open_minor: int = 0

    @property
    def revised_minor(self) -> int:
        """What revisions changed: freight now less freight as first said."""
        return self.freight_minor - self.first_freight_minor

    @property
    def due_minor(self) -> int:
        """Overage less credits, as the statements say."""
        return self.overage_minor - self.credit_minor

    @property
    def total_minor(self) -> int:
        """Freight now and what the statements say."""
        return self.freight_minor + self.due_minor


@dataclass(frozen=True, slots=True)
class Settlement:
    """A tenant's fees; `tenant` None for the platform's own parcels."""

    tenant_id: int
    tenant: TenantInfo | None
    fees: Fees


def month_of(day: date) -> date:
    """The first day of its month."""
    return day.replace(day=1)


def month_window(month: date, tenant_id: int | None = None) -> Window:
    """All days of the month whose first day is given."""
    return Window(month, month_of(month + timedelta(days=31)) - timedelta(days=1), tenant_id)


def settlements(*, month: date, tenant_id: int | None = None) -> list[Settlement]:
    """The month's fees, the largest total first; `month` is its first day.

    Four statements: roll-ups, closed periods, open ones, tenants.
    """
    window = month_window(month, tenant_id)
    freight = {row["tenant_id"]: row for row in _summed(window, "tenant_id")}
    closed = _by_tenant(closed_fees(first=window.first, last=window.last, tenant_id=tenant_id))
    unclosed = _by_tenant(open_fees(first=window.first, last=window.last, tenant_id=tenant_id))
    keys = freight.keys() | closed.keys() | unclosed.keys()
    tenants = named(keys)
    found = [
        Settlement(
            key,
            tenants.get(key),
            _fees([freight[key]] if key in freight else [], closed[key], unclosed[key]),
        )
        for key in keys
    ]
    return sorted(found, key=lambda one: (-one.fees.total_minor, one.tenant_id))


def total_fees(rows: Iterable[Settlement]) -> Fees:
    """All of them together."""
    every = [row.fees for row in rows]
    return Fees(**{name.name: sum(getattr(one, name.name) for one in every)
                   for name in fields(Fees)})  # fmt: skip


def monthly_fees(*, last: date, months: int, tenant_id: int | None = None) -> dict[date, Fees]:
    """The fees of each of `months` months up to that of `last`, oldest first; two statements."""
    wanted = [month_of(last)]
    while len(wanted) < months:
        wanted.insert(0, month_of(wanted[0] - timedelta(days=1)))
    window = Window(wanted[0], month_window(wanted[-1]).last, tenant_id)
    freight: dict[date, list[dict[str, Any]]] = defaultdict(list)
    for row in _summed(window, "business_date"):
        freight[month_of(row["business_date"])].append(row)
    closed: dict[date, list[PeriodFees]] = defaultdict(list)
    for period in closed_fees(first=window.first, last=window.last, tenant_id=tenant_id):
        closed[month_of(period.last_day)].append(period)
    return {month: _fees(freight[month], closed[month], []) for month in wanted}


_SUMS = {
    "parcels": Sum("orders"),
    "first": Sum("first_freight_minor"),
    "words": Sum("revisions"),
    "now": Sum("freight_minor"),
}


def _summed(window: Window, column: str) -> Iterator[dict[str, Any]]:
    return iter(cells(window, (column,)).values(column).annotate(**_SUMS))


def _by_tenant(periods: Iterable[PeriodFees]) -> dict[int, list[PeriodFees]]:
    found: dict[int, list[PeriodFees]] = defaultdict(list)
    for period in periods:
        found[period.tenant_id].append(period)
    return found


def _fees(
    freight: list[dict[str, Any]], closed: list[PeriodFees], unclosed: list[PeriodFees]
) -> Fees:
    sums = {name: int(sum(row[name] for row in freight)) for name in _SUMS}
    return Fees(
        parcels=sums["parcels"],
        first_freight_minor=sums["first"],
        revisions=sums["words"],
        freight_minor=sums["now"],
        overage_units=sum(one.overage_units for one in closed),
        overage_minor=sum(one.overage_minor for one in closed),
        credit_minor=sum(one.credit_minor for one in closed),
        open_units=sum(one.overage_units for one in unclosed),
        open_minor=sum(one.overage_minor for one in unclosed),
    )

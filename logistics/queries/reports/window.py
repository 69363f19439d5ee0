"""Which orders a report is about: business days, and perhaps a tenant, a carrier, a state."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Max, QuerySet

from config.kernel.days import local_date
from logistics.models import DailyOrders, DailyTotals, RolledDay
from logistics.queries.reports.counting import zone

MOST_DAYS = 400


@dataclass(frozen=True, slots=True)
class Window:
    """The inclusive business days `first`..`last`; tenant 0 is the platform itself."""

    first: date
    last: date
    tenant_id: int | None = None
    cp_code: str = ""
    status: str = ""

    @property
    def days(self) -> list[date]:
        """Each of them, oldest first."""
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]


@dataclass(frozen=True, slots=True)
class Counted:
    """How far the roll-ups go: all that happened before `at`, but for the days still `waiting`.

    `at` None: nothing was counted yet.
    """

    at: datetime | None
    waiting: int


def today(at: datetime) -> date:
    """The business day at `at`."""
    return local_date(at, zone())


def counted_until(first: date, last: date) -> Counted:
    """What the figures of these days stand on."""
    at = RolledDay.objects.aggregate(at=Max("counted_at"))["at"]
    days = RolledDay.objects.filter(business_date__gte=first, business_date__lte=last)
    return Counted(at, days.filter(stale_at__isnull=False).count())


def cells(window: Window, group: Collection[str] = ()) -> QuerySet[Any]:
    """The roll-ups of the window that have the columns of `group`: tenants' only where needed."""
    per_tenant = window.tenant_id is not None or "tenant_id" in group
    model: type[Any] = DailyOrders if per_tenant else DailyTotals
    wanted: dict[str, Any] = {
        "tenant_id": window.tenant_id,
        "cp_code": window.cp_code or None,
        "status": window.status or None,
    }
    rows: QuerySet[Any] = model.objects.filter(
        business_date__gte=window.first,
        business_date__lte=window.last,
        **{name: value for name, value in wanted.items() if value is not None},
    )
    return rows.order_by()

"""Three months of three tenants and the platform itself, booked and closed by the real services."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import transaction
from django.test import Client

from accounts.models import Tenant
from accounts.services.operators import create_operator
from logistics.models import ExpressOrder
from logistics.services.orders import close_as_cancelled
from logistics.services.rolling import roll_up
from quotas.services.closing import close_all_elapsed
from quotas.services.reservation import look, reserve
from tests.factories import QuotaFactory, TenantFactory
from tests.reports.world import make_order, tell

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)  # noon in Shanghai
HOUR = timedelta(hours=1)


@dataclass
class Books:
    """The cast: `tea` goes over its quota, `silk` resets on the 15th, `paper` has no quota."""

    tea: Tenant
    silk: Tenant
    paper: Tenant


def book(tenant: Tenant | None, at: datetime, *, metered: bool = True, **more: str) -> ExpressOrder:
    """A parcel and its unit."""
    order = make_order(at, tenant, **more)
    if tenant is not None and metered:
        allowance = look(tenant_id=tenant.pk, at=at)
        with transaction.atomic():
            reserve(allowance=allowance, order_id=order.pk, at=at, cp_code=order.cp_code)
    return order


def carry(order: ExpressOrder, *prices: str, status: str = "signed") -> None:
    """Picked up at the first price, revised a day apart, brought to its state."""
    at = order.created_at + HOUR
    tell(order, at, status="picked", freight=prices[0])
    for n, price in enumerate(prices[1:], 1):
        tell(order, at + n * timedelta(days=1), freight=price)
    if status != "picked":
        tell(order, at + timedelta(days=3), status=status)


def day(month: int, number: int) -> datetime:
    """Ten in the morning of that day in Shanghai."""
    return datetime(2026, month, number, 2, tzinfo=UTC)


@pytest.fixture
def books() -> Iterator[Books]:
    over = {"overage_enabled": True, "overage_price": Decimal("1.25")}
    start = {"period_start": date(2026, 9, 1), "last_reset_at": date(2026, 9, 1)}
    tea = QuotaFactory(
        tenant__name="茶行", tenant__platform_code="TEA", monthly_free_quota=3,
        period_end=date(2026, 10, 1), **start, **over,
    ).tenant  # fmt: skip
    silk = QuotaFactory(
        tenant__name="丝绸", tenant__platform_code="SILK", monthly_free_quota=1,
        quota_reset_day=15, period_end=date(2026, 9, 15), **start, **over,
    ).tenant  # fmt: skip
    paper = TenantFactory(name="纸坊", platform_code="PAPER")

    september = [book(tea, day(9, 2 + n)) for n in range(5)]
    for n, order in enumerate(september[:4]):
        carry(order, f"{8 + n}.10", f"{9 + n}.35")
    book(silk, day(9, 10))
    book(silk, day(9, 11), cp_code="STO")
    list(close_all_elapsed(at=day(10, 2)))
    with transaction.atomic():  # its unit was overage of a closed period: a credit
        september[4].refresh_from_db()
        close_as_cancelled(september[4], at=day(10, 3))
    for n in range(6):
        carry(book(tea, day(10, 5 + n)), "10.00", *(["7.50", "8.05"] if n == 2 else []))
    for n in range(3):
        carry(book(silk, day(10, 12 + n), cp_code="STO"), "6.66", status="exception")
    carry(book(paper, datetime(2026, 10, 31, 15, 59, 59, tzinfo=UTC), metered=False), "5.00")
    carry(book(paper, datetime(2026, 10, 31, 16, 0, tzinfo=UTC), metered=False), "4.00")
    list(close_all_elapsed(at=day(11, 2)))
    for n in range(5):
        carry(book(tea, day(11, 3 + n)), "12.00", status="picked" if n else "signed")
    carry(book(None, day(11, 4)), "3.33")
    make_order(day(11, 4), tea, is_test=True)
    with time_machine.travel(NOW, tick=True):
        roll_up(at=NOW - timedelta(minutes=1))
        yield Books(tea, silk, paper)


def client_of(role: str) -> Client:
    """An operator of that role, logged in."""
    user, _token = create_operator(username=f"op-{role}", role=role, password="Ganz-geheim-7")
    browser = Client()
    browser.force_login(user)
    return browser


@pytest.fixture
def browser() -> Client:
    """Finance, whose the reports are."""
    return client_of("finance")

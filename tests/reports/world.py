"""A platform whose parcels live at random: booked, scanned, priced, asked about, cancelled."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts.models import Tenant
from config.kernel.states import NotAllowed
from logistics.carriers.base import Scan
from logistics.models import ExpressOrder
from logistics.queries.reports.proof import all_days, find_differences
from logistics.services.orders import close_as_cancelled, fail_order
from logistics.services.syncing import sync_orders_now
from logistics.services.tracking import apply_scan
from logistics.states import RANK, OrderStatus
from tests.factories import TenantFactory

CARRIERS = ("YTO", "STO", "ZTO")
START = datetime(2026, 10, 30, 12, tzinfo=UTC)
_numbers = iter(range(1, 10**9))


def make_order(at: datetime, tenant: Tenant | None = None, **columns: Any) -> ExpressOrder:
    """An order as booking leaves it."""
    given = {
        "order_no": f"EX{next(_numbers):012d}", "content_hash": "0" * 64, "cp_code": "YTO",
        "sender_name": "仓", "sender_phone": "0571", "receiver_name": "收",
        "receiver_phone": "138", "receiver_phone_hash": "0" * 64, "tenant": tenant,
        "created_at": at, "updated_at": at, "news_at": at, **columns,
    }  # fmt: skip
    return ExpressOrder.objects.create(**given)


def tell(
    order: ExpressOrder,
    at: datetime,
    *,
    status: str | None = None,
    freight: str | Decimal | None = None,
    happened: datetime | None = None,
) -> None:
    """A scan that is heard of at `at`."""
    scan = Scan(
        at=happened or at, code=status or "INFO", status=status, desc=str(next(_numbers)),
        freight_yuan=None if freight is None else Decimal(freight),
    )  # fmt: skip
    with transaction.atomic():
        order.refresh_from_db()
        apply_scan(order, scan, source=str(next(_numbers)), at=at)


def assert_proved() -> None:
    """Every roll-up is what its orders add up to."""
    wrong = list(find_differences(sorted(all_days())))
    assert wrong == []


class Life:
    """Random doings at random moments of a clock that only tests know."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.now = START
        self.tenants = [None, *TenantFactory.create_batch(2)]
        self.orders: list[ExpressOrder] = []

    def pass_time(self) -> None:
        """Mostly seconds, sometimes a night."""
        self.now += timedelta(seconds=self.dice.choice((1, 20, 90, 900, 40_000)))

    def happen(self) -> None:
        """Something, dated when its transaction began: up to ten minutes before it is seen."""
        at = self.now - timedelta(seconds=self.dice.choice((0, 0, 0, 45, 600)))
        if len(self.orders) < 4 or self.dice.random() < 0.25:
            self.orders.append(self._book(at))
            return
        order = self.dice.choice(self.orders)
        doing = self.dice.choice((self._scan, self._scan, self._price, self._ask, self._end))
        with suppress(NotAllowed):
            doing(order, at)

    def _book(self, at: datetime) -> ExpressOrder:
        return make_order(
            at, self.dice.choice(self.tenants), cp_code=self.dice.choice(CARRIERS),
            is_test=self.dice.random() < 0.15, cainiao_order_id=f"LP{next(_numbers)}",
        )  # fmt: skip

    def _scan(self, order: ExpressOrder, at: datetime) -> None:
        word = self.dice.choice([*RANK, OrderStatus.EXCEPTION])
        tell(order, at, status=word, freight=self.dice.choice((None, self._money())))

    def _price(self, order: ExpressOrder, at: datetime) -> None:
        """Late words too: the carrier's time is days before ours."""
        early = timedelta(hours=self.dice.choice((0, 0, 5, 90)))
        tell(order, at, freight=self._money(), happened=at - early)

    def _ask(self, order: ExpressOrder, at: datetime) -> None:
        sync_orders_now(order_ids=[order.pk], at=at)

    def _end(self, order: ExpressOrder, at: datetime) -> None:
        ended = self.dice.choice((close_as_cancelled, fail_order))
        more = {"reason": "拒收"} if ended is fail_order else {}
        with transaction.atomic():
            order.refresh_from_db()
            ended(order, at=at, **more)  # type: ignore[operator]

    def _money(self) -> Decimal:
        return Decimal(self.dice.randint(0, 9_999)) / 100

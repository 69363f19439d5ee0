"""The roll-ups are always what a recount says, whenever and however often they are counted."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from logistics.models import DailyOrders, ExpressOrder, RolledDay
from logistics.queries.reports.proof import (
    all_days,
    find_differences,
    recount_day,
    stored_day,
)
from logistics.services import rolling
from logistics.services.rolling import recount_days, roll_up
from logistics.services.syncing import sync_orders_now
from logistics.states import OrderStatus
from logistics.tasks import roll_up_orders
from tests.factories import TenantFactory
from tests.races import race
from tests.reports.world import START, Life, assert_proved, make_order, tell

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def stored() -> list[tuple[Any, ...]]:
    rows = DailyOrders.objects.order_by("business_date", "tenant_id", "cp_code", "status")
    return list(
        rows.values_list(
            "business_date", "tenant_id", "cp_code", "status", "orders", "freight_minor",
            "first_freight_minor", "revisions",
        )
    )  # fmt: skip


def waiting() -> bool:
    return RolledDay.objects.filter(stale_at__isnull=False).exists()


@pytest.mark.parametrize("seed", range(6))
def test_whatever_parcels_do_a_run_makes_the_books_equal(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if seed % 2:  # a day of some orders rests for minutes already
        monkeypatch.setattr(rolling, "REST_ORDERS", 3)
    life = Life(seed)
    for _ in range(120):
        life.happen()
        life.pass_time()
        if life.dice.random() < 0.25:
            # No sweep: what changed must be found by the look alone.
            roll_up(at=life.now, sweep=0, seconds=life.dice.choice((None, None, 0)))
            if not waiting():
                assert_proved()
    roll_up(at=life.now + DAY, sweep=0)
    assert_proved()
    assert sum(row[4] for row in stored()) == ExpressOrder.objects.filter(is_test=False).count()


def test_a_day_begins_at_midnight_in_shanghai() -> None:
    make_order(datetime(2026, 11, 20, 15, 59, 59, 999_999, tzinfo=UTC))
    make_order(datetime(2026, 11, 20, 16, 0, tzinfo=UTC))
    roll_up(at=START + 30 * DAY)
    assert [(row[0], row[4]) for row in stored()] == [
        (date(2026, 11, 20), 1), (date(2026, 11, 21), 1),
    ]  # fmt: skip


def test_test_orders_are_left_out_and_the_platforms_own_count_as_tenant_0() -> None:
    tenant = TenantFactory()
    make_order(START, tenant)
    make_order(START, tenant, is_test=True)
    make_order(START)
    roll_up(at=START + MINUTE)
    assert sorted(row[1] for row in stored()) == [0, tenant.pk]


def test_a_price_told_late_moves_the_day_the_parcel_was_made() -> None:
    order = make_order(START)
    tell(order, START + MINUTE, status="picked", freight="10.10")
    roll_up(at=START + 2 * MINUTE)
    later = START + 40 * DAY
    tell(order, later, freight="12.35", happened=START + DAY)
    roll_up(at=later, sweep=0)
    assert [row[4:] for row in stored()] == [(1, 1235, 1010, 1)]
    # An earlier word by the carrier's time becomes the first; the price stays.
    tell(order, later + MINUTE, freight="9.99", happened=START - DAY)
    roll_up(at=later + MINUTE, sweep=0)
    assert [row[4:] for row in stored()] == [(1, 1235, 999, 2)]
    assert_proved()


def test_an_order_whose_news_was_taken_away_is_counted_all_the_same() -> None:
    order = make_order(START, cainiao_order_id="LP1")
    roll_up(at=START + MINUTE)
    tell(order, START + DAY, status="picked")
    assert sync_orders_now(order_ids=[order.pk], at=START + DAY + MINUTE) == 1
    roll_up(at=START + DAY + 60 * MINUTE, sweep=0)
    assert [row[3] for row in stored()] == ["picked"]


def test_a_change_committed_ten_minutes_after_it_was_dated_is_seen() -> None:
    order = make_order(START)
    roll_up(at=START + DAY)
    tell(order, START + DAY - 10 * MINUTE, status="signed")
    roll_up(at=START + DAY + 2 * MINUTE, sweep=0)
    assert [row[3] for row in stored()] == ["signed"]


def test_a_change_committed_after_the_count_it_is_dated_before_waits_and_is_no_error() -> None:
    order = make_order(START)
    roll_up(at=START + DAY)
    tell(order, START + DAY - MINUTE, status="signed")
    assert {row.waiting for row in find_differences(all_days())} == {True}
    # Dated so early that no look will find it, it is an error.
    ExpressOrder.objects.update(news_at=START + DAY - 16 * MINUTE)
    assert {row.waiting for row in find_differences(all_days())} == {False}


def test_a_run_that_dies_leaves_its_days_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    orders = [make_order(START + n * DAY) for n in range(4)]
    roll_up(at=START + 5 * DAY)
    for order in orders:
        tell(order, START + 5 * DAY + MINUTE, status="picked")
    count, calls = rolling.count_day, iter(range(9))

    def dying(day: date) -> Any:
        if next(calls) == 2:
            raise RuntimeError("killed")
        return count(day)

    monkeypatch.setattr(rolling, "count_day", dying)
    with pytest.raises(RuntimeError, match="killed"):
        roll_up(at=START + 5 * DAY + 30 * MINUTE, sweep=0)
    assert sorted(row[3] for row in stored()) == ["created", "created", "picked", "picked"]
    # The changes lie before the margin of the next look: only the marks still know.
    assert roll_up(at=START + 6 * DAY, sweep=0) == 2
    assert {row[3] for row in stored()} == {"picked"}
    assert_proved()


def test_what_is_done_while_the_clock_is_set_back_is_seen() -> None:
    order = make_order(START)
    roll_up(at=START + DAY)
    hour_ago = START + DAY - 60 * MINUTE
    roll_up(at=hour_ago, sweep=0)
    tell(order, hour_ago + MINUTE, status="signed")
    # Nobody looks until the clock has caught up.
    roll_up(at=START + DAY + MINUTE, sweep=0)
    assert [row[3] for row in stored()] == ["signed"]


def test_a_row_mended_behind_our_back_is_right_again_after_a_sweep() -> None:
    for n in range(3):
        make_order(START + n * DAY)
    roll_up(at=START + 5 * DAY)
    ExpressOrder.objects.update(status=OrderStatus.SIGNED)
    for n in range(3):
        assert roll_up(at=START + 6 * DAY + n * MINUTE) == 1
    assert [row[3] for row in stored()] == ["signed"] * 3


def test_rows_that_say_the_same_already_are_not_written() -> None:
    orders = [make_order(START, cp_code=code) for code in ("STO", "YTO", "ZTO")]
    roll_up(at=START + MINUTE)
    before = dict(DailyOrders.objects.values_list("cp_code", "pk"))
    tell(orders[0], START + 2 * MINUTE, status="picked")
    with CaptureQueriesContext(
        connection,
    ) as seen:
        roll_up(at=START + 3 * MINUTE, sweep=0)
    after = dict(DailyOrders.objects.values_list("cp_code", "pk"))
    assert after["YTO"] == before["YTO"]
    assert after["ZTO"] == before["ZTO"]
    assert after["STO"] != before["STO"]
    writes = [q["sql"] for q in seen if q["sql"].startswith(("INSERT", "DELETE"))]
    assert len([sql for sql in writes if "daily_orders" in sql]) == 2


def test_nothing_but_the_days_that_changed_is_counted() -> None:
    orders = [make_order(START + n * DAY) for n in range(5)]
    at = START + 10 * DAY
    assert roll_up(at=at) == 5
    assert roll_up(at=at + 60 * MINUTE, sweep=0) == 0
    tell(orders[1], at + 61 * MINUTE, status="picked")
    tell(orders[1], at + 62 * MINUTE, status="signed")
    assert roll_up(at=at + 63 * MINUTE, sweep=0) == 1


def test_a_first_run_out_of_time_is_carried_on_newest_days_first() -> None:
    for n in range(3):
        make_order(START + n * DAY)
    assert roll_up(at=START + 4 * DAY, seconds=0) == 0
    assert RolledDay.objects.filter(stale_at=None).count() == 0
    assert waiting()
    assert roll_up_orders() == 3
    assert not waiting()
    assert_proved()


def test_a_large_day_rests_after_a_count_and_its_news_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rolling, "REST_ORDERS", 2)
    orders = [make_order(START) for _ in range(11)]  # five minutes of rest
    small = make_order(START + DAY)
    at = START + 3 * DAY
    assert roll_up(at=at) == 2
    for order in (orders[0], small):
        tell(order, at + MINUTE, status="signed")
    assert roll_up(at=at + 2 * MINUTE, sweep=0) == 1
    assert waiting()
    assert rolling.days_to_count(at=at + 4 * MINUTE) == []
    assert {row.waiting for row in find_differences(all_days())} == {True}
    assert rolling.days_to_count(at=at + 5 * MINUTE) == [date(2026, 10, 30)]
    roll_up(at=at + DAY, sweep=0)
    assert not waiting()
    assert_proved()


def test_days_that_do_not_fit_in_a_run_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    orders = [make_order(START + n * DAY) for n in range(3)]
    at = START + 5 * DAY
    roll_up(at=at)
    ticks = iter(range(100))
    monkeypatch.setattr(rolling, "time", SimpleNamespace(monotonic=lambda: next(ticks)))
    for run in range(1, 4):
        for order in orders:
            tell(order, at + run * MINUTE, freight=f"{run}.00")
        assert roll_up(at=at + run * MINUTE, sweep=0, seconds=2) == 1
    counted = RolledDay.objects.values_list("counted_at", flat=True)
    assert set(counted) == {at + run * MINUTE for run in range(1, 4)}


def test_days_asked_for_are_counted_whether_changed_or_not() -> None:
    make_order(START)
    roll_up(at=START + MINUTE)
    DailyOrders.objects.update(orders=7)
    day = START.date()
    assert recount_days(days=[day, day], at=START + 60 * MINUTE) == 1
    assert stored_day(day) == recount_day(day)


def test_runs_at_once_neither_double_nor_lose_anything() -> None:
    for n in range(60):
        make_order(START + (n % 6) * DAY, cp_code="YTO" if n % 2 else "STO")
    at = START + 10 * DAY
    done = race([lambda: roll_up(at=at), lambda: roll_up(at=at + MINUTE)] * 2)
    assert all(isinstance(number, int) for number in done), done
    assert sum(row[4] for row in stored()) == 60
    assert_proved()


def test_parcels_that_move_while_runs_go_on_end_up_counted() -> None:
    orders = [make_order(START + (n % 3) * DAY) for n in range(12)]
    at = START + 10 * DAY
    roll_up(at=at)

    def move() -> None:
        for order in orders:
            tell(order, at + MINUTE, status="picked", freight="8.80")

    def count() -> None:
        for _ in range(4):
            roll_up(at=at + MINUTE)

    assert race([move, count, count]) == [None, None, None]
    roll_up(at=at + 2 * MINUTE, sweep=0)
    assert {row[3] for row in stored()} == {"picked"}
    assert_proved()

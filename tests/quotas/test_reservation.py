"""Units are drawn exactly: free ones first, overage where allowed, never beyond."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quotas.errors import (
    QuotaDisabled,
    QuotaExhausted,
    QuotaMissing,
    QuotaMoved,
    QuotaSuspended,
)
from quotas.models import QuotaDetail, QuotaStatement, TenantQuota
from quotas.queries import find_discrepancies
from quotas.services.closing import close_elapsed
from quotas.services.hot_row import PLENTY
from quotas.services.reservation import Allowance, holds_unit, look, release, reserve
from tests.factories import QuotaFactory
from tests.races import race

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


def draw(quota: TenantQuota, order_id: int, at: datetime = NOW, **more: Any) -> Allowance:
    allowance = look(tenant_id=quota.tenant_id, at=at)
    with transaction.atomic():
        reserve(allowance=allowance, order_id=order_id, at=at, **more)
    return allowance


def give_back(quota: TenantQuota, order_id: int, at: datetime = NOW) -> bool:
    with transaction.atomic():
        return release(tenant_id=quota.tenant_id, order_id=order_id, at=at)


def figures(quota: TenantQuota) -> tuple[int, int, Decimal, int]:
    quota.refresh_from_db()
    return quota.monthly_used, quota.overage_used, quota.overage_amount, quota.total_used


def books_close() -> None:
    assert list(find_discrepancies()) == []


def test_what_is_foreseen_of_a_plentiful_quota_is_a_second_old_and_the_draw_decides() -> None:
    quota = QuotaFactory(monthly_free_quota=PLENTY + 2)
    draw(quota, 1)  # kept from here on
    TenantQuota.objects.update(monthly_used=F("monthly_free_quota"))
    with pytest.raises(QuotaExhausted):
        draw(quota, 2)
    TenantQuota.objects.update(monthly_used=1, status="suspended")
    with pytest.raises(QuotaSuspended):
        draw(quota, 3)
    assert QuotaDetail.objects.count() == 1


def test_what_nobody_else_sees_yet_is_not_kept() -> None:
    quota = QuotaFactory(monthly_free_quota=PLENTY + 2)
    with transaction.atomic():
        TenantQuota.objects.update(period_no=9)
        assert look(tenant_id=quota.tenant_id, at=NOW).period_no == 9
        transaction.set_rollback(True)
    assert look(tenant_id=quota.tenant_id, at=NOW).period_no == quota.period_no


def test_a_period_closed_by_another_process_meanwhile_gets_no_unit_any_more() -> None:
    quota = QuotaFactory(monthly_free_quota=PLENTY + 2)
    draw(quota, 1)
    TenantQuota.objects.update(period_no=2, period_start=NOW.date(), monthly_used=0)
    draw(quota, 2)
    line = QuotaDetail.objects.get(order_id=2)
    assert (line.period_no, line.period_start) == (2, NOW.date())
    quota.refresh_from_db()
    assert quota.monthly_used == 1


def test_free_units_go_first_then_overage_at_its_price() -> None:
    quota = QuotaFactory(monthly_free_quota=2, overage_enabled=True, overage_price="1.50")
    for order_id in range(1, 5):
        draw(quota, order_id)
    assert figures(quota) == (4, 2, Decimal("3.00"), 4)
    kinds = QuotaDetail.objects.order_by("id").values_list("quota_type", "amount")
    assert list(kinds) == [
        ("normal", Decimal("0.00")), ("normal", Decimal("0.00")),
        ("overage", Decimal("1.50")), ("overage", Decimal("1.50")),
    ]  # fmt: skip
    books_close()


@pytest.mark.parametrize(
    ("settings_", "error"),
    [
        ({"monthly_free_quota": 0}, QuotaExhausted),
        ({"status": "disabled"}, QuotaDisabled),
        ({"status": "suspended"}, QuotaSuspended),
    ],
)
def test_a_refusal_writes_nothing(settings_: dict[str, Any], error: type[Exception]) -> None:
    quota = QuotaFactory(**settings_)
    with pytest.raises(error):
        draw(quota, 1)
    assert figures(quota) == (0, 0, Decimal("0.00"), 0)
    assert not QuotaDetail.objects.exists()


def test_a_tenant_without_a_row_is_refused() -> None:
    with pytest.raises(QuotaMissing):
        look(tenant_id=999, at=NOW)


def test_a_status_changed_after_the_look_refuses_and_rolls_back() -> None:
    quota = QuotaFactory()
    allowance = look(tenant_id=quota.tenant_id, at=NOW)
    TenantQuota.objects.update(status="suspended")
    with pytest.raises(QuotaSuspended), transaction.atomic():
        reserve(allowance=allowance, order_id=1, at=NOW)
    assert not QuotaDetail.objects.exists()


def test_at_the_boundary_the_detail_is_corrected() -> None:
    quota = QuotaFactory(monthly_free_quota=1, overage_enabled=True, overage_price="2.00")
    early = look(tenant_id=quota.tenant_id, at=NOW)
    draw(quota, 1)
    with transaction.atomic():
        reserve(allowance=early, order_id=2, at=NOW)
    assert QuotaDetail.objects.get(order_id=2).quota_type == "overage"
    assert figures(quota) == (2, 1, Decimal("2.00"), 2)
    books_close()


def test_a_price_changed_after_the_look_counts() -> None:
    quota = QuotaFactory(monthly_free_quota=0, overage_enabled=True, overage_price="2.00")
    early = look(tenant_id=quota.tenant_id, at=NOW)
    TenantQuota.objects.update(overage_price="3.00")
    with transaction.atomic():
        reserve(allowance=early, order_id=1, at=NOW)
    assert QuotaDetail.objects.get().amount == Decimal("3.00")
    books_close()


def test_a_period_closed_after_the_look_moves_the_unit_to_the_new_one() -> None:
    quota = QuotaFactory(period_end=date(2026, 12, 1))
    early = look(tenant_id=quota.tenant_id, at=NOW)
    later = NOW + timedelta(days=20)
    close_elapsed(tenant_id=quota.tenant_id, at=later)
    with transaction.atomic():
        reserve(allowance=early, order_id=1, at=later)
    assert QuotaDetail.objects.get().period_no == 2
    books_close()


def test_an_elapsed_period_met_inside_the_transaction_is_refused_whole() -> None:
    quota = QuotaFactory(period_end=date(2026, 12, 1), monthly_free_quota=1)
    early = look(tenant_id=quota.tenant_id, at=NOW)
    draw(quota, 1)
    with pytest.raises(QuotaMoved), transaction.atomic():
        reserve(allowance=early, order_id=2, at=NOW + timedelta(days=20))
    assert not QuotaDetail.objects.filter(order_id=2).exists()
    books_close()


def test_looking_closes_an_elapsed_period_first() -> None:
    quota = QuotaFactory(period_end=date(2026, 12, 1), monthly_free_quota=1)
    draw(quota, 1)
    draw(quota, 2, at=NOW + timedelta(days=20))
    statement = QuotaStatement.objects.get()
    assert (statement.units, statement.overage_units, statement.amount_minor) == (1, 0, 0)
    assert figures(quota) == (1, 0, Decimal("0.00"), 2)
    books_close()


def test_a_returned_free_unit_is_free_for_the_next_and_others_keep_their_price() -> None:
    quota = QuotaFactory(monthly_free_quota=1, overage_enabled=True, overage_price="2.00")
    draw(quota, 1)
    draw(quota, 2)
    assert give_back(quota, 1)
    assert figures(quota) == (1, 1, Decimal("2.00"), 1)
    assert draw(quota, 3).quota_type == "normal"
    books_close()


def test_no_unit_returns_twice() -> None:
    quota = QuotaFactory()
    draw(quota, 1)
    assert give_back(quota, 1)
    assert not give_back(quota, 1)
    assert not give_back(quota, 99)
    assert figures(quota) == (0, 0, Decimal("0.00"), 0)


def test_an_order_draws_anew_only_after_its_unit_went_back() -> None:
    quota = QuotaFactory()
    draw(quota, 1)
    with pytest.raises(IntegrityError):
        draw(quota, 1, again=True)
    give_back(quota, 1)
    draw(quota, 1, again=True)
    assert holds_unit(order_id=1)
    assert list(QuotaDetail.objects.order_by("id").values_list("line_no", "used_num")) == [
        (1, 1), (2, -1), (3, 1),
    ]  # fmt: skip
    books_close()


def test_a_unit_returned_after_its_period_closed_is_credited_in_the_next() -> None:
    quota = QuotaFactory(
        period_end=date(2026, 12, 1), monthly_free_quota=0, overage_enabled=True,
        overage_price="2.50",
    )  # fmt: skip
    draw(quota, 1)
    december = NOW + timedelta(days=20)
    close_elapsed(tenant_id=quota.tenant_id, at=december)
    assert give_back(quota, 1, at=december)
    assert figures(quota) == (0, 0, Decimal("0.00"), 0)
    first = QuotaStatement.objects.get()
    assert (first.overage_amount_minor, first.amount_minor) == (250, 250)
    books_close()
    close_elapsed(tenant_id=quota.tenant_id, at=december + timedelta(days=31))
    second = QuotaStatement.objects.get(period_no=2)
    assert (second.units, second.credit_units, second.credit_amount_minor) == (0, 1, 250)
    assert second.amount_minor == -250
    books_close()


def test_thirty_two_threads_racing_for_the_last_units_never_oversell() -> None:
    quota = QuotaFactory(monthly_free_quota=5, overage_enabled=False)
    results = race([lambda n=n: draw(quota, n) for n in range(1, 33)])
    assert sum(isinstance(result, Allowance) for result in results) == 5
    assert sum(isinstance(result, QuotaExhausted) for result in results) == 27
    assert figures(quota) == (5, 0, Decimal("0.00"), 5)
    books_close()


def test_threads_racing_over_the_free_boundary_split_exactly() -> None:
    quota = QuotaFactory(monthly_free_quota=7, overage_enabled=True, overage_price="1.00")
    results = race([lambda n=n: draw(quota, n) for n in range(1, 33)])
    assert all(isinstance(result, Allowance) for result in results)
    assert figures(quota) == (32, 25, Decimal("25.00"), 32)
    books_close()


def test_threads_returning_one_unit_return_it_once() -> None:
    quota = QuotaFactory()
    draw(quota, 1)
    results = race([lambda: give_back(quota, 1) for _ in range(16)])
    assert results.count(True) == 1
    assert figures(quota) == (0, 0, Decimal("0.00"), 0)
    books_close()


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 3), st.booleans(), st.integers(0, 2**32))
def test_the_books_close_whatever_happens(free: int, overage: bool, seed: int) -> None:
    QuotaDetail.objects.all().delete()
    QuotaStatement.objects.all().delete()
    TenantQuota.objects.all().delete()
    quota = QuotaFactory(
        monthly_free_quota=free, overage_enabled=overage, overage_price="0.10",
        period_end=date(2026, 12, 1),
    )  # fmt: skip
    dice = random.Random(seed)
    at, drawn = NOW, set()
    for order_id in range(1, 25):
        match dice.randrange(4):
            case 0 if drawn:
                give_back(quota, dice.choice(sorted(drawn)), at)
            case 1:
                at += timedelta(days=dice.randrange(20))
            case 2:
                close_elapsed(tenant_id=quota.tenant_id, at=at)
            case _:
                try:
                    draw(quota, order_id, at)
                    drawn.add(order_id)
                except QuotaExhausted:
                    pass
        books_close()

"""核对账目 says of any books, however broken, what reading them line by line says."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from quotas.models import QuotaDetail, QuotaStatement, TenantQuota
from quotas.queries import find_discrepancies
from quotas.services.closing import close_elapsed
from tests.factories import QuotaFactory
from tests.quotas.line_by_line import verdicts
from tests.quotas.test_reservation import draw, give_back

pytestmark = pytest.mark.django_db(transaction=True)
START = datetime(2026, 11, 2, tzinfo=UTC)
DAY = timedelta(days=1)


def proved() -> list[Any]:
    rows = find_discrepancies()
    return sorted(((r.tenant_id, r.what, r.found, r.expected) for r in rows), key=repr)


def lay(dice: random.Random) -> None:
    """Two tenants, three periods, units drawn again, returns in time and late."""
    for tenant in range(2):
        quota = QuotaFactory(
            monthly_free_quota=8, overage_enabled=True, overage_price=Decimal("1.15"),
            period_start=date(2026, 11, 1), period_end=date(2026, 12, 1),
        )  # fmt: skip
        drawn: list[int] = []
        for number in range(30):
            at = START + number * 2 * DAY
            draw(quota, 100 * tenant + number, at)
            drawn.append(100 * tenant + number)
            if dice.random() < 0.4:
                order = drawn.pop(dice.randrange(len(drawn)))
                give_back(quota, order, at)
                if dice.random() < 0.4:
                    draw(quota, order, at, again=True)
        close_elapsed(tenant_id=quota.tenant_id, at=START + 61 * DAY)


def breakages(dice: random.Random) -> list[Callable[[], Any]]:
    """Ways that a row may be changed, added or lost behind our back."""

    def one(model: Any) -> Any:
        return model.objects.filter(pk=dice.choice(model.objects.values_list("pk", flat=True)))

    def again() -> None:
        line = one(QuotaDetail).get()
        line.pk, line.line_no = None, line.line_no + dice.choice((1, 2))
        line.save(force_insert=True)

    other = dice.choice(TenantQuota.objects.values_list("tenant_id", flat=True))
    number = dice.choice((1, 2, 3, 4, 9))
    return [
        again,
        lambda: one(QuotaDetail).delete(),
        lambda: one(QuotaDetail).update(line_no=number),
        lambda: one(QuotaDetail).update(order_id=100 * dice.choice((0, 1, 5)) + number),
        lambda: one(QuotaDetail).update(tenant_id=dice.choice((other, 777))),
        lambda: one(QuotaDetail).update(period_no=number),
        lambda: one(QuotaDetail).update(quota_type=dice.choice(("normal", "overage"))),
        lambda: one(QuotaDetail).update(amount=F("amount") + Decimal("0.01")),
        lambda: one(QuotaDetail).update(used_num=-F("used_num"), amount=-F("amount")),
        lambda: one(QuotaDetail).filter(used_num=-1).update(credit_period_no=number),
        lambda: QuotaDetail.objects.filter(used_num=-1).update(credit_period_no=None),
        lambda: one(QuotaStatement).update(units=F("units") + 1),
        lambda: one(QuotaStatement).update(period_start=F("period_end")),
        lambda: one(QuotaStatement).delete(),
        lambda: one(TenantQuota).update(period_no=number),
        lambda: one(TenantQuota).update(monthly_used=F("monthly_used") + 1),
        lambda: one(TenantQuota).update(total_used=0),
        lambda: one(TenantQuota).delete(),
    ]


@pytest.mark.parametrize("seed", range(3))
def test_of_broken_books_it_says_what_reading_every_line_says(seed: int) -> None:
    dice = random.Random(seed)
    lay(dice)
    assert proved() == verdicts() == []
    seen: set[str] = set()
    for _ in range(60):
        with transaction.atomic():
            for harm in dice.sample(breakages(dice), dice.choice((1, 1, 2, 4))):
                try:
                    with transaction.atomic():
                        harm()
                except (IntegrityError, IndexError):
                    continue  # the database itself would not have it
            right = verdicts()
            assert proved() == right
            seen |= {what.rstrip("0123456789") for _tenant, what, _found, _expected in right}
            transaction.set_rollback(True)
    assert {"monthly_used", "total_used", "statement ", "lines of order ", "open period",
            "quota row"} <= seen  # fmt: skip

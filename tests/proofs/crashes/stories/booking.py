"""A tenant's request is answered once, or not at all; sent again it has one effect."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from config.kernel.days import local_date, start_of
from logistics.models import ExpressOrder
from quotas.models import QuotaStatement, TenantQuota
from tests.logistics.conftest import URL
from tests.proofs.crashes.ground import PLACED, Ground
from tests.proofs.crashes.story import Least, Story, nobody

BATCH = {"items": [{**PLACED, "remark": "一"}, {**PLACED, "remark": "二"}]}


def with_key(ground: Ground) -> Any:
    return ground.keyed(URL, PLACED)


def with_number(ground: Ground) -> Any:
    return ground.client.post(URL, {**PLACED, "tenant_order_no": "T-1"})


def batch(ground: Ground) -> Any:
    answer = ground.keyed(f"{URL}/batch", BATCH)
    assert answer.status_code == 409 or answer.json()["data"]["refused"] == 0, answer.content
    return answer


def act(send: Any) -> Any:
    def sent(ground: Ground) -> None:
        answer = send(ground)
        assert answer.status_code in {200, 201}, answer.content

    return sent


def again(send: Any) -> Any:
    def repeated(ground: Ground) -> None:
        first = ground.until_answered(lambda: send(ground))
        # From now on the answer is what was kept.
        assert ground.until_answered(lambda: send(ground)) in {first, 200}

    return repeated


def sent_parcels(count: int, total: int | None = None) -> Any:
    def check(ground: Ground) -> None:
        found = list(ExpressOrder.objects.values_list("status", flat=True))
        assert found == ["waybill_created"] * (total or count)
        quota = TenantQuota.objects.get()
        assert (quota.monthly_used, quota.total_used) == (count, total or count)
        parcels = ground.sandbox.state()["parcels"]
        assert [row["creates_accepted"] for row in parcels] == [1] * (total or count)

    return check


def in_an_elapsed_period(ground: Ground) -> None:
    """One parcel in a period that is over; nobody has closed it yet."""
    zone = ground.tenant.zone
    today = local_date(timezone.now(), zone)
    end = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    ground.quota(period_start=today.replace(day=1), period_end=end, quota_reset_day=1)
    ground.book()
    ground.settle()
    ground.clock.move_to(start_of(end, zone) + timedelta(hours=36))


def in_the_new_period(ground: Ground) -> None:
    sent_parcels(1, total=2)(ground)
    statement = QuotaStatement.objects.get()
    assert (statement.period_no, statement.units) == (1, 1)


STORIES = (
    Story(
        "booking",
        nobody,
        act(with_key),
        sent_parcels(1),
        # Nonce, key, order, unit's detail, unit, answer; one transaction.
        Least(statements=6, commits=1, calls=0),
        again(with_key),
    ),
    Story(
        "booking-by-number",
        nobody,
        act(with_number),
        sent_parcels(1),
        Least(statements=4, commits=1, calls=0),
        again(with_number),
    ),
    Story(
        "booking-batch",
        nobody,
        act(batch),
        sent_parcels(2),
        # Nonce, key, answer; of each parcel the order, the detail, the unit.
        Least(statements=9, commits=2, calls=0),
        again(batch),
    ),
    Story(
        "booking-closes-a-period",
        in_an_elapsed_period,
        act(with_key),
        in_the_new_period,
        # Beside a booking's: the quota's row locked, the statement, the new period.
        Least(statements=9, commits=2, calls=0),
        again(with_key),
    ),
)

"""A test order goes its whole way by itself, and reaches neither riders nor live callbacks."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from accounts.models import TenantEvent
from config.kernel.work import drain
from delivery.models import DeliveryOrder, Rider
from delivery.services.cancelling import cancel_delivery
from delivery.services.waking import due_when_pending
from delivery.services.work import DELIVERIES
from delivery.states import Actor
from tests.delivery.making import AT, make_delivery, make_rider, told
from tests.factories import TenantFactory

pytestmark = pytest.mark.django_db
PLAIN = [(1, "accepted", 1), (2, "picked_up", 2), (3, "delivered", 3)]
WAYS = {
    "": PLAIN,
    "[取消]": [(1, "cancelled", 4)],
    "[退回]": [*PLAIN[:2], (3, "returning", 4), (4, "returned", 4)],
    "[改派]": [
        (1, "accepted", 1), (2, "handed_back", 0), (3, "accepted", 1), (4, "picked_up", 2),
        (5, "delivered", 3),
    ],
}  # fmt: skip


def rehearsed(remark: str) -> DeliveryOrder:
    tenant = TenantFactory()
    due = due_when_pending(tenant_id=tenant.pk, is_test=True, at=AT)
    return make_delivery(tenant, is_test=True, remark=remark, due_at=due)


@pytest.mark.parametrize("remark", WAYS, ids=["plain", "cancel", "return", "change"])
def test_a_test_order_goes_the_way_its_remark_says(remark: str) -> None:
    order, rider = rehearsed(f"少放辣{remark}"), make_rider()
    with time_machine.travel(AT, tick=False) as clock:
        for _ in range(20):
            drain(DELIVERIES)
            clock.shift(1)
    order.refresh_from_db()
    ways = [(number, f"delivery.{name}", status) for number, name, status in WAYS[remark]]
    assert told(order) == ways
    assert (order.due_at, order.rider_id) == (None, None)
    assert all(TenantEvent.objects.values_list("is_test", flat=True))
    assert not any(event.content["rider_name"] == rider.name for event in TenantEvent.objects.all())
    assert Rider.objects.count() == 1


def test_each_state_lasts_three_seconds() -> None:
    order = rehearsed("")
    with time_machine.travel(AT, tick=False) as clock:
        seen = []
        for _ in range(5):
            drain(DELIVERIES)
            order.refresh_from_db()
            seen.append(order.status)
            clock.shift(timedelta(seconds=2.5))
    assert seen == ["pending", "pending", "accepted", "accepted", "picked_up"]


def test_the_second_rider_of_a_rehearsal_is_another_one() -> None:
    rehearsed("[改派]")
    with time_machine.travel(AT, tick=False) as clock:
        for _ in range(8):
            drain(DELIVERIES)
            clock.shift(3)
    names = [event.content["rider_name"] for event in TenantEvent.objects.order_by("sequence")]
    assert names == ["测试骑手", None, "测试骑手乙", "测试骑手乙", "测试骑手乙"]


def test_what_the_tenant_cancels_is_rehearsed_no_further() -> None:
    order = rehearsed("")
    with time_machine.travel(AT, tick=False) as clock:
        clock.shift(4)
        drain(DELIVERIES)
        cancel_delivery(order_id=order.pk, reason="不要了", at=AT, actor=Actor.TENANT)
        clock.shift(60)
        drain(DELIVERIES)
    assert told(order) == [(1, "delivery.accepted", 1), (2, "delivery.cancelled", 4)]

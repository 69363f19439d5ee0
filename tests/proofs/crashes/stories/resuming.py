"""An order taken out of exception draws its unit again, once, or stays where it is."""

from __future__ import annotations

import contextlib
from typing import Any

from django.utils import timezone

from logistics.errors import NothingToResume
from logistics.services.resuming import resume_order
from logistics.states import OrderStatus
from quotas.errors import QuotaExhausted
from quotas.models import QuotaDetail, TenantQuota
from tests.proofs.crashes.ground import Ground
from tests.proofs.crashes.stories.steps import WAYBILL, asked, is_with_the_carrier
from tests.proofs.crashes.story import Least, Story


def refused(ground: Ground) -> None:
    ground.sandbox.fault(WAYBILL, "refuse")
    ground.book()
    ground.settle()
    assert ground.order().status == OrderStatus.EXCEPTION
    assert TenantQuota.objects.get().monthly_used == 0


def refused_and_all_spent(ground: Ground) -> None:
    ground.quota(monthly_free_quota=1)
    refused(ground)
    ground.book(remark="另一单")
    ground.settle()


def resume(ground: Ground) -> Any:
    corrections = {"receiver_name": "张无忌", "receiver_phone": "13800138001"}
    first = ground.orders()[0]
    return resume_order(order_id=first.pk, at=timezone.now(), corrections=corrections)


def and_work(ground: Ground) -> None:
    resume(ground)
    ground.work()


def again(ground: Ground) -> None:
    """A person sees what became of it, and presses again where it is in exception still."""
    with contextlib.suppress(NothingToResume):
        resume(ground)


def in_vain(ground: Ground) -> None:
    with contextlib.suppress(QuotaExhausted):
        resume(ground)
        raise AssertionError("there was a unit")


def goes_on(ground: Ground) -> None:
    is_with_the_carrier(ground)
    assert ground.order().receiver_name == "张无忌"
    assert QuotaDetail.objects.count() == 3


def stays(ground: Ground) -> None:
    states = [order.status for order in ground.orders()]
    assert states == [OrderStatus.EXCEPTION, OrderStatus.WAYBILL_CREATED]
    assert ground.orders()[0].receiver_name == "张三丰"
    assert TenantQuota.objects.get().monthly_used == 1


# Waybill and pick-up order; before them the order, its wake-up, the line, the unit.
RESUMED = asked(2, 2)
STORIES = (
    Story(
        "resume",
        refused,
        and_work,
        goes_on,
        Least(RESUMED.statements + 4, RESUMED.commits + 1, RESUMED.calls),
        again,
    ),
    Story(
        "resume-without-a-unit",
        refused_and_all_spent,
        in_vain,
        stays,
        Least(statements=2, commits=0, calls=0),
        in_vain,
    ),
)

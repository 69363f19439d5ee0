"""A cancellation has one outcome, whoever dies while asking for it."""

from __future__ import annotations

from typing import Any

from logistics.states import OrderStatus, WaybillStatus
from quotas.models import QuotaDetail, TenantQuota
from tests.logistics.conftest import URL
from tests.proofs.crashes.ground import Ground
from tests.proofs.crashes.stories.steps import asked, waiting
from tests.proofs.crashes.story import Least, Story

CANCEL = "TMS_ORDER_CANCEL"


def booked(ground: Ground) -> None:
    ground.book()


def with_the_carrier(ground: Ground) -> None:
    ground.book()
    ground.settle()


def wished(kind: str) -> Any:
    """The wish is ours already; the carrier's hearing it is in trouble."""

    def lay(ground: Ground) -> None:
        with_the_carrier(ground)
        ground.sandbox.fault(CANCEL, kind)
        assert ask(ground).status_code == 202

    return lay


def ask(ground: Ground) -> Any:
    return ground.keyed(f"{URL}/{ground.order().order_no}/cancel", {"reason": "不寄了"})


def at_once(ground: Ground) -> None:
    assert ask(ground).status_code == 200


def and_work(ground: Ground) -> None:
    assert ask(ground).status_code == 202
    ground.work()


def again(ground: Ground) -> None:
    ground.until_answered(lambda: ask(ground))


def carrier_tells(ground: Ground) -> None:
    ground.settle()
    ground.together(60)
    ground.settle()


def is_cancelled(ground: Ground) -> None:
    order = ground.order()
    assert (order.status, order.waybill_status) == (OrderStatus.CANCELLED, WaybillStatus.INVALID)
    assert TenantQuota.objects.get().monthly_used == 0
    assert QuotaDetail.objects.count() == 2


def unknown_outside(ground: Ground) -> None:
    is_cancelled(ground)
    assert ground.sandbox.state()["parcels"] == []


def cancelled_outside(ground: Ground) -> None:
    is_cancelled(ground)
    (parcel,) = ground.sandbox.state()["parcels"]
    assert (parcel["status"], parcel["cancels_accepted"]) == ("cancelled", 1)
    (told,) = parcel["callbacks"]
    assert told["acknowledged"]


# Nonce, key, the order locked, the wish or the end of it, answer.
REQUEST = Least(statements=5, commits=1, calls=0)
WORK = asked(1, 1)
# An intent without an outcome is asked about: "still there", twice, and the same request goes out.
RESENT = ("ours.ExpressOrder[0].resends", "ours.ExpressOrder[0].absent_at")

STORIES = (
    Story("cancel-at-once", booked, at_once, unknown_outside, REQUEST, again),
    Story(
        "cancel-at-the-carrier",
        with_the_carrier,
        and_work,
        cancelled_outside,
        Least(5 + WORK.statements, 1 + WORK.commits, WORK.calls),
        again,
        carrier_tells,
        may_differ=RESENT,
    ),
    Story(
        "cancel-unknown",
        wished("accept_then_500"),
        waiting(1),
        cancelled_outside,
        asked(2, 1),
        after=carrier_tells,
        may_differ=RESENT,
    ),
    Story(
        "cancel-lost",
        wished("drop"),
        waiting(4),
        cancelled_outside,
        asked(4, 2),
        after=carrier_tells,
        may_differ=RESENT,
    ),
)

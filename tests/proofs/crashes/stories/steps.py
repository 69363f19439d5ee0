"""An order's life from `created` on is carried by whichever worker lives."""

from __future__ import annotations

from typing import Any

from config.kernel.work import drain
from logistics.services.work import ORDERS
from logistics.states import OrderStatus
from quotas.models import QuotaDetail, TenantQuota
from tests.logistics.conftest import PARCEL, URL
from tests.proofs.crashes.ground import Ground
from tests.proofs.crashes.story import Least, Story

WAYBILL, CREATE = "TMS_WAYBILL_GET", "TMS_CREATE_ORDER_OFFLINE_NOTIFY"
SENDER = {
    "sender_name": "李四", "sender_phone": "13900139000",
    "sender_address": "上海市浦东新区张江高科技园区博云路2号",
}  # fmt: skip


def unplaced(ground: Ground) -> None:
    """Both addresses are texts that the carrier must take apart."""
    assert ground.client.post(URL, {**PARCEL, **SENDER}).status_code == 201


def reached(steps: int, message: str, kind: str, **how: Any) -> Any:
    """So many steps are taken; the next one, `message`, is in trouble."""

    def lay(ground: Ground) -> None:
        ground.sandbox.fault(message, kind, **how)
        ground.book()
        drain(ORDERS, threads=1, most=steps)

    return lay


def waiting(pauses: int) -> Any:
    return lambda ground: ground.work(pauses)


def is_with_the_carrier(ground: Ground) -> None:
    order = ground.order()
    assert (order.status, order.asking) == (OrderStatus.WAYBILL_CREATED, None)
    assert order.cainiao_order_id
    assert order.waybill_no
    assert TenantQuota.objects.get().monthly_used == 1


def is_refused(ground: Ground) -> None:
    order = ground.order()
    assert (order.status, order.exception_from is None) == (OrderStatus.EXCEPTION, False)
    assert order.cainiao_order_id is None
    assert TenantQuota.objects.get().monthly_used == 0
    assert QuotaDetail.objects.count() == 2


def asked(calls: int, intents: int) -> Least:
    """Of each step the claim (3), log and outcome (3); an intent more where it is committed."""
    return Least(statements=6 * calls + intents, commits=2 * calls, calls=calls)


STORIES = (
    # Receiver, sender, branch, waybill, pick-up order.
    Story("life", unplaced, waiting(0), is_with_the_carrier, asked(5, 2)),
    Story(
        "waybill-refused",
        reached(1, WAYBILL, "refuse", times=None),
        waiting(0),
        is_refused,
        asked(1, 1),
    ),
    Story(
        "waybill-unknown",
        reached(1, WAYBILL, "accept_then_500"),
        waiting(1),
        is_with_the_carrier,
        # Asked for twice under one object id; then the pick-up order.
        asked(3, 3),
    ),
    Story(
        "pickup-refused",
        reached(2, CREATE, "refuse", times=None),
        waiting(0),
        is_refused,
        asked(1, 1),
        # An intent without an answer is asked about; only then the request goes out once more.
        may_differ=(
            "ours.ExpressOrder[0].resends",
            "ours.ExpressOrder[0].absent_at",
            "carrier[0].creates_received",
        ),
    ),
    Story(
        "pickup-unknown",
        reached(2, CREATE, "accept_then_timeout", delay_s=1.0),
        waiting(1),
        is_with_the_carrier,
        # The pick-up order, and the question what became of it.
        asked(2, 1),
    ),
    Story(
        "pickup-lost",
        reached(2, CREATE, "drop"),
        waiting(3),
        is_with_the_carrier,
        # Two noes, then the same request.
        asked(4, 2),
    ),
)
SLEEPERS = (
    Story(
        "waybill-refused-once",
        reached(1, WAYBILL, "refuse"),
        waiting(0),
        is_refused,
        asked(1, 1),
    ),
)

"""One order is carried on here and now, by the same leases and intents as any worker would."""

from __future__ import annotations

import logging
import threading
import time
from datetime import datetime, timedelta

from django.db import connections
from django.utils import timezone

from config.kernel.work import nudge, run_row
from logistics.errors import AccountMissing, WaybillPending, WaybillUnavailable
from logistics.models import ExpressOrder
from logistics.services.accounts import account_by_pk
from logistics.services.orders import WORK_TASK, wake_order
from logistics.services.work import ORDERS
from logistics.states import CANCELLABLE, OrderStatus, WaybillStatus

log = logging.getLogger(__name__)
POLL_SECONDS = 0.1
_ADVICE = {
    OrderStatus.EXCEPTION: "请修正订单后恢复，或取消后重新下单",
    OrderStatus.CANCELLED: "请重新下单",
}


def carry_on(*, order_id: int, seconds: float = 10.0) -> ExpressOrder:
    """Work on this order until nothing is due or `seconds` are over; returns it as it is then.

    Where a worker holds it, what comes of that is waited for. A step that is still out when time
    is over is finished behind the caller's back, in a thread of its own; what is due then is left
    to the workers. Nothing the carrier does raises. Call it outside of transactions.
    """
    worker = threading.Thread(
        target=_work, args=(order_id, time.monotonic() + seconds), name="carrying", daemon=True
    )
    worker.start()
    worker.join(seconds)
    order = ExpressOrder.objects.get(pk=order_id)
    if order.due_at is not None:
        nudge(WORK_TASK)
    return order


def get_waybill(*, order_id: int, at: datetime, seconds: float = 10.0) -> ExpressOrder:
    """The order with its waybill number, asked for now where it has none; however often, one.

    :raises WaybillUnavailable: in its state it gets none; says what to do.
    :raises WaybillPending: the carrier gave none yet; it goes on being asked under our number.
    :raises AccountMissing: the order's account is switched off.
    """
    order = ExpressOrder.objects.get(pk=order_id)
    if not _has_waybill(order) and _gets_one(order):
        if order.due_at is not None:
            wake_order(order, at=at)
        order = carry_on(order_id=order_id, seconds=seconds)
    if _has_waybill(order):
        return order
    if not _gets_one(order):
        raise WaybillUnavailable(
            state=order.status,
            reason=f"（{order.exception_reason}）" if order.exception_reason else "",
            advice=_ADVICE.get(OrderStatus(order.status), "请等待承运方回传"),
        )
    if account_by_pk(order.account_id) is None:
        raise AccountMissing
    if order.due_at is None:
        raise WaybillUnavailable(
            state=order.status, reason="（下单结果未知）", advice="请人工核实后裁定"
        )
    raise WaybillPending


def _has_waybill(order: ExpressOrder) -> bool:
    return bool(order.waybill_no) and order.waybill_status != WaybillStatus.INVALID


def _gets_one(order: ExpressOrder) -> bool:
    return order.status in CANCELLABLE and order.cancel_requested_at is None


def _work(order_id: int, ends: float) -> None:
    try:
        while (left := ends - time.monotonic()) > 0:
            run_row(ORDERS, order_id, seconds=left)
            pause = _pause(order_id, ends - time.monotonic())
            if pause is None:
                return
            time.sleep(pause)
    except Exception:
        log.exception("order %s could not be carried on", order_id)
    finally:
        connections.close_all()


def _pause(order_id: int, left: float) -> float | None:
    """How long to wait before looking again; None where nothing will be due in time."""
    due_at, token = ExpressOrder.objects.values_list("due_at", "lease_token").get(pk=order_id)
    if token is not None:
        return max(0.0, min(POLL_SECONDS, left))
    if due_at is None or due_at > timezone.now() + timedelta(seconds=left):
        return None
    return min(POLL_SECONDS, max(0.0, (due_at - timezone.now()).total_seconds()))

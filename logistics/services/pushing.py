"""Orders are carried on, or asked about, ahead of their time; the caller waits for no carrier."""

from __future__ import annotations

from datetime import datetime

from logistics.errors import NothingToSync, WaybillUnavailable
from logistics.models import ExpressOrder
from logistics.services.orders import wake_order
from logistics.services.syncing import sync_orders_now
from logistics.states import CANCELLABLE, TERMINAL, OrderStatus, WaybillStatus


def push_order(*, order_id: int, at: datetime) -> ExpressOrder:
    """Have a worker get the waybill now; an order that has one is left as it is.

    :raises WaybillUnavailable: in its state it gets none; says what to do.
    """
    order = ExpressOrder.objects.get(pk=order_id)
    if order.waybill_no and order.waybill_status != WaybillStatus.INVALID:
        return order
    if order.status not in CANCELLABLE:
        _refuse(order, "处理异常后请先恢复" if _is_exception(order) else "订单已不在下单阶段")
    if order.cancel_requested_at is not None:
        _refuse(order, "订单正在取消")
    if order.asking is not None and order.due_at is None:
        _refuse(order, "请先人工核实后裁定")
    wake_order(order, at=at)
    return order


def sync_order(*, order_id: int, at: datetime) -> bool:
    """Have the carrier asked about the order now; False where a worker has it in hand already.

    :raises NothingToSync: closed, not known to the carrier yet, or its last question is open.
    """
    if sync_orders_now(order_ids=[order_id], at=at):
        return True
    order = ExpressOrder.objects.get(pk=order_id)
    if order.status in TERMINAL:
        raise NothingToSync(why=f"订单已是终态“{OrderStatus(order.status).label}”")
    if order.asking is not None and order.due_at is None:
        raise NothingToSync(why="上一次请求的结果未知，请先人工核实后裁定")
    if order.asking is not None:
        raise NothingToSync(why="上一次请求的结果未知，系统正在向承运方核实")
    if not order.cainiao_order_id:
        raise NothingToSync(why="承运方还没有这个订单，请先获取面单")
    return False


def _is_exception(order: ExpressOrder) -> bool:
    return order.status == OrderStatus.EXCEPTION


def _refuse(order: ExpressOrder, advice: str) -> None:
    raise WaybillUnavailable(
        state=OrderStatus(order.status).label,
        reason=f"（{order.exception_reason}）" if order.exception_reason else "",
        advice=advice,
    )

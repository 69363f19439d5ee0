"""The carrier's word on our number, from an answer, a query or a callback, is taken in once."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from logistics.carriers.base import Found, Scan
from logistics.services.orders import change_order, is_metered
from logistics.services.parked import wake_parked_callbacks
from logistics.services.tracking import apply_scan
from logistics.states import RANK, OrderStatus, WaybillStatus
from quotas.services.reservation import note_waybill

if TYPE_CHECKING:
    from logistics.models import ExpressOrder


def settle_create(
    order: ExpressOrder, carrier_order_id: str, waybill_no: str, at: datetime
) -> None:
    """The carrier has the order: fill its number, once, and wake callbacks that came before."""
    changes: dict[str, Any] = {
        "asking": None,
        "absent_at": None,
        "attempts": 0,
        "resends": 0,
        "news_at": at,
    }
    if order.status != OrderStatus.EXCEPTION:
        changes["exception_reason"] = None
    if not order.cainiao_order_id:
        changes["cainiao_order_id"] = carrier_order_id
    if waybill_no and not order.mail_no:
        changes["mail_no"] = waybill_no
    if waybill_no and not order.waybill_no:
        changes |= waybill_columns(order, waybill_no, at)
        if is_metered(order):
            note_waybill(order_id=order.pk, waybill_no=waybill_no)
    change_order(order, at=at, **changes)
    wake_parked_callbacks(cainiao_order_id=carrier_order_id, at=at)


def waybill_columns(order: ExpressOrder, waybill_no: str, at: datetime) -> dict[str, Any]:
    """The columns a new waybill number fills."""
    changes: dict[str, Any] = {
        "waybill_no": waybill_no,
        "waybill_status": WaybillStatus.UNUSED,
        "waybill_get_time": at,
        "waybill_time": at,
    }
    if order.status == OrderStatus.CREATED:
        changes["status"] = OrderStatus.WAYBILL_CREATED
    return changes


def apply_found(order: ExpressOrder, found: Found, at: datetime) -> None:
    """A query's word counts like a scan at the time it was given."""
    if found.status is None or found.status == order.status:
        return
    ranked = found.status in RANK and order.status in RANK
    if ranked and RANK[found.status] <= RANK[order.status]:
        return  # no news: a look every few hours must not fill the timeline
    scan = Scan(at=at, code=found.code, desc="查询承运方得知", status=found.status)
    apply_scan(order, scan, source=f"query:{at.isoformat()}", at=at)

"""A stored callback is handled once, whenever it comes to it; replaying has no second effect."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from config.kernel.callbacks import NotAForm, form_fields
from config.kernel.text import clip
from config.kernel.work import Job
from logistics.carriers.base import Scan
from logistics.carriers.cainiao import events
from logistics.models import CallbackRecord, ExpressOrder
from logistics.services.accounts import account_by_pk
from logistics.services.orders import wake_order
from logistics.services.settling import settle_create
from logistics.services.tracking import apply_scan
from logistics.states import Asking, OrderStatus

# A callback for a number we do not know yet is tried again, then parked until it is known.
PATIENCE = timedelta(hours=24)
PAUSES = (5, 30, 120, 600, 3600)


def unwrap_body(body: bytes) -> events.Pushed:
    """The signed bytes and their digest out of a form's or a JSON object's body.

    :raises Unreadable: neither.
    """
    if body.lstrip()[:1] == b"{":
        return events.unwrap(body)
    try:
        return events.unwrap(form_fields(body))
    except NotAForm as exc:
        raise events.Unreadable(str(exc)) from None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a stored callback says: a scan of an account's, or `trouble` and when to try again."""

    scan: Scan | None = None
    account_pk: int | None = None
    order: ExpressOrder | None = None
    trouble: str = ""
    again: timedelta | None = None


def read_callbacks(records: list[CallbackRecord]) -> list[Reading]:
    """Read callbacks, and lock the orders whose numbers they carry, all at once."""
    readings = [_read(record) for record in records]
    numbers = sorted({reading.scan.order_no for reading in readings if reading.scan} - {""})
    orders = ExpressOrder.objects.select_for_update().filter(order_no__in=numbers)
    named = {(order.account_id, order.order_no): order for order in orders} if numbers else {}
    return [
        replace(reading, order=named.get((reading.account_pk, reading.scan.order_no)))
        if reading.scan
        else reading
        for reading in readings
    ]


def _read(record: CallbackRecord) -> Reading:
    account = account_by_pk(record.account_id)
    if account is None:
        return Reading(trouble="账号已停用，启用后重试", again=timedelta(minutes=10))
    try:
        content = unwrap_body(bytes(record.raw_body)).content
        scan = events.read(content, account.profile, received_at=record.created_at)
    except events.Unreadable as exc:
        return Reading(trouble=f"内容无法识别：{exc}")
    return Reading(scan, account.pk)


def handle_callback(record: CallbackRecord, said: Reading, at: datetime) -> datetime | None:
    """Take one stored callback in; returns when to try again, None when that was all."""
    scan = said.scan
    if scan is None:
        return _note(record, at, said.trouble, done=said.again is None, again=said.again)
    orders = _orders_of(said, scan)
    if not orders:
        if at - record.created_at > PATIENCE:
            return _note(record, at, "未找到订单，已停止重试")
        pause = PAUSES[min(record.attempts, len(PAUSES)) - 1]
        return _note(record, at, "未找到订单，等待重试", again=timedelta(seconds=pause))
    if len(orders) > 1:
        return _note(record, at, "订单号与菜鸟订单号分属两个订单，未处理", done=True)
    return _apply(record, orders[0], scan, at)


def moves_a_unit(_record: CallbackRecord, said: Reading) -> bool:
    """Whether it may touch the tenant's quota row, which bookings wait for."""
    if said.scan is None:
        return False
    cancels = said.scan.status == OrderStatus.CANCELLED
    # An order that only the carrier's number finds is not read yet: it may be either.
    return cancels or said.order is None or said.order.status == OrderStatus.EXCEPTION


def _orders_of(said: Reading, scan: Scan) -> list[ExpressOrder]:
    """The account's orders that either number names; two where it contradicts itself."""
    found = [said.order] if said.order else []
    number = scan.carrier_order_id
    if not number or (said.order and said.order.cainiao_order_id == number):
        return found
    others = (
        ExpressOrder.objects.select_for_update()
        .filter(account_id=said.account_pk, cainiao_order_id=number)
        .exclude(pk__in=[order.pk for order in found])
    )
    return [*found, *others[:2]]


def _apply(
    record: CallbackRecord, order: ExpressOrder, scan: Scan, at: datetime
) -> datetime | None:
    number = scan.carrier_order_id
    if number and order.cainiao_order_id and order.cainiao_order_id != number:
        return _note(record, at, "菜鸟订单号与本单不符，未处理", order=order, done=True)
    if number and (not order.cainiao_order_id or order.asking == Asking.CREATE):
        settle_create(order, number, scan.waybill_no, at)
        wake_order(order, at=at)  # it may have waited with a wish to cancel
    moved = apply_scan(order, scan, source=record.callback_id, at=at, received_at=record.created_at)
    text = f"状态更新为 {order.status}" if moved else f"已记入轨迹，状态仍为 {order.status}"
    return _note(record, at, text, order=order, done=True)


def _note(
    record: CallbackRecord,
    at: datetime,
    text: str,
    *,
    order: ExpressOrder | None = None,
    done: bool = False,
    again: timedelta | None = None,
) -> datetime | None:
    """What it came to, on the record itself: `CALLBACKS.writes` keeps it."""
    record.processed, record.process_time = done, at
    record.process_result = clip(text, 500)
    if order is not None:
        record.order_id = order.pk
    return at + again if again else None


CALLBACKS: Job[CallbackRecord, Reading] = Job(
    name="callbacks",
    model=CallbackRecord,
    deadline=timedelta(seconds=10),
    lease=timedelta(seconds=30),
    gather=read_callbacks,
    apply=handle_callback,
    alone=moves_a_unit,
    writes=("processed", "process_time", "process_result", "order_id"),
    together=25,
)

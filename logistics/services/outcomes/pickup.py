"""What asking for a waybill and a courier comes to; an unknown outcome stays unknown."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from config.kernel.http import Outcome
from logistics.carriers.base import Pickup, Reply, Waybill
from logistics.services.orders import change_order, fail_order, is_metered
from logistics.services.outcomes.pacing import due_now, later, refusal_text
from logistics.services.settling import settle_create, waybill_columns
from logistics.states import CANCELLABLE, TERMINAL, Asking, WaybillStatus
from quotas.services.reservation import note_waybill

if TYPE_CHECKING:
    from logistics.models import ExpressOrder


def waybill(order: ExpressOrder, reply: Reply[Waybill], at: datetime) -> datetime | None:
    if reply.outcome == Outcome.DONE and reply.value is not None:
        got = reply.value
        closed = order.status not in CANCELLABLE
        changes: dict[str, Any] = waybill_columns(order, got.waybill_no, at)
        if closed:
            changes.pop("status", None)
            changes["waybill_status"] = WaybillStatus.INVALID
        change_order(order, at=at, attempts=0, asking=None, print_data=got.print_data, **changes)
        if is_metered(order):
            note_waybill(order_id=order.pk, waybill_no=got.waybill_no)
        return due_now(order, at)
    if order.status not in CANCELLABLE:
        # Cancelled meanwhile: whether a number was issued no longer matters.
        change_order(order, at=at, asking=None)
        return due_now(order, at)
    if reply.outcome == Outcome.REFUSED:
        fail_order(order, reason=refusal_text(reply, "电子面单被拒"), at=at)
        return None
    if reply.outcome == Outcome.RETRY:
        change_order(order, at=at, asking=None)
    # Unknown: the same number is asked for again under the same object id.
    return later(order, at)


def create(order: ExpressOrder, reply: Reply[Pickup], at: datetime) -> datetime | None:
    done = reply.outcome == Outcome.DONE and reply.value is not None
    overruled = order.asking != Asking.CREATE and not order.cainiao_order_id
    if overruled and reply.outcome == Outcome.UNKNOWN and order.status not in TERMINAL:
        # A person said that it did not happen while it was still being asked: nobody knows.
        change_order(order, at=at, asking=Asking.CREATE, asked_at=at)
        return later(order, at)
    if order.asking != Asking.CREATE and (order.cainiao_order_id or not done):
        return due_now(order, at)  # a callback settled it, or a person, while we were waiting
    if reply.outcome == Outcome.DONE and reply.value is not None:
        # Also where a person said meanwhile that it did not happen: the carrier knows better.
        settle_create(order, reply.value.carrier_order_id, reply.value.waybill_no, at)
        return due_now(order, at)
    if reply.outcome == Outcome.REFUSED and order.status in TERMINAL:
        change_order(order, at=at, asking=None)
        return None
    if reply.outcome == Outcome.REFUSED:
        text = refusal_text(reply, "下单被拒")
        if order.resends:
            # The first request may have arrived after all, and this one be refused for it.
            change_order(order, at=at, exception_reason=text)
            return later(order, at)
        fail_order(order, reason=text, at=at)
        return due_now(order, at)
    if reply.outcome == Outcome.RETRY:
        change_order(order, at=at, asking=None)
    return later(order, at)

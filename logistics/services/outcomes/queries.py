"""What the carrier says when asked about our number (law 2)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from config.kernel.http import Outcome
from logistics.carriers.base import Found, Reply
from logistics.services.orders import change_order, fail_order
from logistics.services.outcomes.cancelling import cancel_found
from logistics.services.outcomes.pacing import (
    DEADLINE,
    MOST_RESENDS,
    UNKNOWN_TEXT,
    doubted,
    due_now,
    later,
    second_word,
)
from logistics.services.settling import apply_found, settle_create
from logistics.states import Asking

if TYPE_CHECKING:
    from logistics.models import ExpressOrder

LOOK_TRIES = 5


def query(order: ExpressOrder, reply: Reply[Found], at: datetime) -> datetime | None:
    if order.asking not in {Asking.CREATE, Asking.CANCEL}:
        if not order.cainiao_order_id and reply.value and reply.value.carrier_order_id:
            # A person said meanwhile that it did not happen: the carrier knows better.
            settle_create(order, reply.value.carrier_order_id, reply.value.waybill_no, at)
        return due_now(order, at)
    if reply.outcome != Outcome.DONE:
        return doubted(order, at)
    if order.asking == Asking.CREATE:
        if reply.absent:
            return _not_there(order, at)
        if reply.value is None or not reply.value.carrier_order_id:
            return doubted(order, at)
        settle_create(order, reply.value.carrier_order_id, reply.value.waybill_no, at)
        apply_found(order, reply.value, at)
        return due_now(order, at)
    return cancel_found(order, reply, at)


def _not_there(order: ExpressOrder, at: datetime) -> datetime | None:
    """The carrier knows no such number: said twice, the same request may be sent again."""
    if not second_word(order, at):
        return at + DEADLINE
    if order.exception_reason:
        fail_order(order, reason=order.exception_reason, at=at)
        return due_now(order, at)
    if order.resends >= MOST_RESENDS:
        change_order(order, at=at, status_desc=UNKNOWN_TEXT)
        return None
    change_order(order, at=at, asking=None, absent_at=None, resends=order.resends + 1, attempts=0)
    return due_now(order, at)


def look(order: ExpressOrder, reply: Reply[Found], at: datetime) -> datetime | None:
    if reply.outcome == Outcome.RETRY and order.attempts < LOOK_TRIES:
        return later(order, at)
    change_order(order, at=at, news_at=at, attempts=0)
    if reply.value is not None:
        apply_found(order, reply.value, at)
    return due_now(order, at)

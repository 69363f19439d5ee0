"""What is to be asked next for an order: read off its columns, so any process can carry on.

addresses ─► branch ─► waybill ─► pick-up order          (booking, one step at a time)
query                                                    (an outcome we do not know)
cancel                                                   (asked for, pick-up order exists)
look                                                     (no news for too long)
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from logistics.states import CANCELLABLE, TERMINAL, Asking, OrderStatus

if TYPE_CHECKING:
    from logistics.models import ExpressOrder

# With no word from the carrier for this long we ask it (seed 8.1: callbacks get lost).
QUIET = timedelta(hours=6)


class Step(StrEnum):
    """One thing to ask."""

    RECEIVER = "receiver_address"
    SENDER = "sender_address"
    BRANCH = "branch"
    WAYBILL = "waybill"
    CREATE = "create"
    QUERY = "query"
    CANCEL = "cancel"
    DROP = "drop"  # cancelled with nothing outside to be asked
    LOOK = "look"


def next_step(order: ExpressOrder, *, waybill_at_order: bool, at: datetime) -> Step | None:
    """The step that is due, None when the order waits for the carrier or for a person."""
    if order.status in TERMINAL:
        return None
    if order.asking in {Asking.CREATE, Asking.CANCEL}:
        return Step.QUERY
    if order.cancel_requested_at is not None:
        return Step.CANCEL if order.cainiao_order_id else Step.DROP
    if order.status in CANCELLABLE and not order.cainiao_order_id:
        return _booking_step(order, waybill_at_order=waybill_at_order)
    if order.status == OrderStatus.EXCEPTION and not order.cainiao_order_id:
        return None
    return Step.LOOK if order.news_at is None or order.news_at <= at - QUIET else None


def _booking_step(order: ExpressOrder, *, waybill_at_order: bool) -> Step:
    if not (order.receiver_province and order.receiver_city):
        return Step.RECEIVER
    if not (order.sender_province and order.sender_city):
        return Step.SENDER
    if not order.branch_code:
        return Step.BRANCH
    if not order.waybill_no and not waybill_at_order:
        return Step.WAYBILL
    return Step.CREATE

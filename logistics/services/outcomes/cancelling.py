"""What asking to cancel comes to; a courier who was faster is told as it is."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from config.kernel.http import Outcome
from config.kernel.text import clip
from logistics.carriers.base import Found, Reply
from logistics.services.orders import change_order, close_as_cancelled
from logistics.services.outcomes.pacing import (
    DEADLINE,
    MOST_RESENDS,
    due_now,
    later,
    refusal_text,
    second_word,
)
from logistics.services.settling import apply_found
from logistics.states import CANCELLABLE, RANK, TERMINAL, Asking, OrderStatus

if TYPE_CHECKING:
    from logistics.models import ExpressOrder


def cancel(order: ExpressOrder, reply: Reply[None], at: datetime) -> datetime | None:
    if order.asking != Asking.CANCEL and reply.outcome == Outcome.DONE:
        # A person said meanwhile that it was not cancelled: the carrier knows better.
        if order.status not in TERMINAL:
            settle_cancelled(order, at)
        return due_now(order, at)
    if order.asking != Asking.CANCEL:
        return due_now(order, at)
    if order.status in TERMINAL:  # signed for while we asked
        change_order(order, at=at, asking=None, cancel_requested_at=None)
        return None
    if reply.outcome == Outcome.DONE:
        settle_cancelled(order, at)
        return None
    if reply.outcome == Outcome.REFUSED:
        _cancel_failed(order, refusal_text(reply, "承运方拒绝取消"), at)
        # Ask what is true now: most likely a courier was faster.
        change_order(order, at=at, news_at=None)
        return at
    if reply.outcome == Outcome.RETRY:
        change_order(order, at=at, asking=None)
    return later(order, at)


def settle_cancelled(order: ExpressOrder, at: datetime) -> None:
    """The carrier has cancelled; a parcel that had been dispatched before is a person's affair."""
    late = order.status not in CANCELLABLE and not (
        order.status == OrderStatus.EXCEPTION and order.dispatch_time is None
    )
    if not late:
        close_as_cancelled(order, at=at, attempts=0)
    elif order.status == OrderStatus.EXCEPTION:
        change_order(order, at=at, asking=None, cancel_requested_at=None)
    else:
        change_order(
            order,
            at=at,
            asking=None,
            cancel_requested_at=None,
            status=OrderStatus.EXCEPTION,
            exception_from=order.status,
            exception_at=at,
            exception_reason="承运方确认取消，但此前已有派单或取件记录，请核实包裹去向",
        )


def _cancel_failed(order: ExpressOrder, reason: str, at: datetime) -> None:
    change_order(
        order,
        at=at,
        asking=None,
        absent_at=None,
        attempts=0,
        cancel_requested_at=None,
        cancel_refused_reason=clip(reason, 500),
    )


def drop(order: ExpressOrder, reply: Reply[None], at: datetime) -> datetime | None:
    if order.cainiao_order_id or order.asking in {Asking.CREATE, Asking.CANCEL}:
        return due_now(order, at)  # it became known outside while nobody was asked
    if order.status in CANCELLABLE or order.status == OrderStatus.EXCEPTION:
        close_as_cancelled(order, at=at, attempts=0)
    else:
        _cancel_failed(order, f"订单已是 {order.status} 状态", at)
    return None


def cancel_found(order: ExpressOrder, reply: Reply[Found], at: datetime) -> datetime | None:
    found = reply.value
    if found is not None and found.status == OrderStatus.CANCELLED:
        settle_cancelled(order, at)
        return None
    if found is not None and RANK.get(found.status or "", 0) >= RANK[OrderStatus.PICKED]:
        _cancel_failed(order, f"承运方状态为 {found.code}", at)
        apply_found(order, found, at)
        return due_now(order, at)
    if not second_word(order, at):
        return at + DEADLINE
    if reply.absent:
        settle_cancelled(order, at)
        return None
    if order.resends >= MOST_RESENDS:
        _cancel_failed(order, "承运方多次未确认取消，请人工核实", at)
        return due_now(order, at)
    # Still there and not cancelled, twice: the request got lost; the same one goes out again.
    change_order(order, at=at, asking=None, absent_at=None, resends=order.resends + 1)
    return later(order, at)

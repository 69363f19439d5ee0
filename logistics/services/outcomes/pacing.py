"""When an order is due next, and what counts as the carrier's certain word."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from config.kernel.text import clip
from config.kernel.work import backoff
from logistics.carriers.base import Reply
from logistics.services.accounts import DEADLINE_SECONDS, account_by_pk, carrier_of
from logistics.services.orders import change_order
from logistics.services.steps import next_step

if TYPE_CHECKING:
    from logistics.models import ExpressOrder

DEADLINE = timedelta(seconds=DEADLINE_SECONDS)
# The same request is sent again under the same number at most this often; then a person decides.
MOST_RESENDS = 3
# A doubt that outlives this many tries is said on the order, where people look.
QUIET_DOUBTS = 6
UNKNOWN_TEXT = "结果未知：承运方没有给出可用答复，请人工核实"


def due_now(order: ExpressOrder, at: datetime) -> datetime | None:
    """Due at once if the order, as it is now, has a step to take."""
    account = account_by_pk(order.account_id)
    at_order = carrier_of(account).waybill_at_order if account else False
    return at if next_step(order, waybill_at_order=at_order, at=at) is not None else None


def later(order: ExpressOrder, at: datetime) -> datetime:
    return at + backoff(order.attempts)


def doubted(order: ExpressOrder, at: datetime) -> datetime:
    """Ask again later, and say so once it has been in doubt for long."""
    if order.attempts >= QUIET_DOUBTS and order.status_desc != UNKNOWN_TEXT:
        change_order(order, at=at, status_desc=UNKNOWN_TEXT)
    return later(order, at)


def refusal_text(reply: Reply[Any], what: str) -> str:
    code = f"[{reply.code}] " if reply.code else ""
    return clip(f"{what}：{code}{reply.message or '承运方拒绝'}", 500)


def second_word(order: ExpressOrder, at: datetime) -> bool:
    """Whether this is the second such answer, at least one deadline after the first."""
    if order.absent_at is not None and at - order.absent_at >= DEADLINE:
        return True
    if order.absent_at is None:
        change_order(order, at=at, absent_at=at)
    return False

"""What each answer does to an order.

Runs in the finishing transaction on the order read under lock, and returns when it is due next.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from logistics.carriers.base import Reply
from logistics.services.orders import change_order
from logistics.services.outcomes.addresses import branch, receiver_address, sender_address
from logistics.services.outcomes.cancelling import cancel, drop
from logistics.services.outcomes.pacing import UNKNOWN_TEXT, due_now
from logistics.services.outcomes.pickup import create, waybill
from logistics.services.outcomes.queries import look, query
from logistics.services.questions import Attempt
from logistics.services.steps import Step
from logistics.states import TERMINAL

if TYPE_CHECKING:
    from logistics.models import ExpressOrder

ACCOUNT_PAUSE = timedelta(minutes=1)
READS = frozenset({Step.RECEIVER, Step.SENDER, Step.BRANCH, Step.LOOK})

HANDLERS: dict[Step, Callable[[ExpressOrder, Reply[Any], datetime], datetime | None]] = {
    Step.RECEIVER: receiver_address,
    Step.SENDER: sender_address,
    Step.BRANCH: branch,
    Step.WAYBILL: waybill,
    Step.CREATE: create,
    Step.QUERY: query,
    Step.CANCEL: cancel,
    Step.DROP: drop,
    Step.LOOK: look,
}


def apply_attempt(order: ExpressOrder, attempt: Attempt, at: datetime) -> datetime | None:
    """Write what an attempt came to; returns the next due time."""
    if attempt.account_off:
        return at + ACCOUNT_PAUSE
    if attempt.waits_for_person:
        change_order(order, at=at, status_desc=UNKNOWN_TEXT)
        return None
    if attempt.step is None:
        if order.status in TERMINAL and order.asking is not None:
            change_order(order, at=at, asking=None)  # a worker died asking; a scan knew better
        return due_now(order, at)
    if order.status in TERMINAL and attempt.step in READS:
        return None  # closed while we were asking
    return HANDLERS[attempt.step](order, attempt.reply, at)

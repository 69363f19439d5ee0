"""A test order goes its whole way by itself, three seconds a step, so that each callback is seen.

No rider, no money: `测试骑手` (13800000000) accepts, picks up, delivers. What its remark contains
chooses another way:

- `[取消]`: cancelled by the platform, statuses 4;
- `[退回]`: accepted, picked up, then back to the shop: 1, 2, 4 (returning), 4 (returned);
- `[改派]`: accepted, handed back, accepted by `测试骑手乙` (13800000001), and on: 1, 0, 1, 2, 3.

Whatever the tenant does meanwhile (cancelling it) counts: each step looks at the state there is.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from delivery.models import DeliveryOrder
from delivery.services.orders import change_delivery
from delivery.services.waking import REHEARSAL_PAUSE
from delivery.states import TERMINAL, Actor, DeliveryStatus

S = DeliveryStatus
CANCELS, RETURNS, CHANGES = "[取消]", "[退回]", "[改派]"
RIDERS = (("测试骑手", "13800000000"), ("测试骑手乙", "13800000001"))


def rehearse(order: DeliveryOrder, at: datetime) -> datetime | None:
    """Take a test order's next step, under its lock; returns when the one after it is due."""
    step = _STEPS.get(order.status)
    if step is None or not order.is_test:
        return None
    changes = step(order, at)
    actor, note, event = changes.pop("actor", Actor.RIDER), changes.get("reason") or "", ""
    if changes["status"] == S.PENDING:
        note, event = "演练：骑手交回", "handed_back"
    change_delivery(order, at=at, actor=actor, note=note, event=event, **changes)
    return None if order.status in TERMINAL else at + REHEARSAL_PAUSE


def _from_pending(order: DeliveryOrder, at: datetime) -> dict[str, Any]:
    if CANCELS in order.remark:
        return {
            "status": S.CANCELLED, "cancelled_at": at, "reason": "演练：平台取消",
            "actor": Actor.OPERATOR,
        }  # fmt: skip
    name, phone = RIDERS[min(order.attempt, 1)]
    return {
        "status": S.ACCEPTED, "rider_name": name, "rider_phone": phone,
        "attempt": order.attempt + 1, "accepted_at": at,
    }  # fmt: skip


def _from_accepted(order: DeliveryOrder, at: datetime) -> dict[str, Any]:
    if CHANGES in order.remark and order.attempt == 1:
        return {
            "status": S.PENDING, "rider_name": None, "rider_phone": None,
            "accepted_at": None, "arrived_at": None,
        }  # fmt: skip
    return {"status": S.PICKED_UP, "arrived_at": at, "picked_up_at": at}


def _from_picked_up(order: DeliveryOrder, at: datetime) -> dict[str, Any]:
    if RETURNS in order.remark:
        return {"status": S.RETURNING, "reason": "演练：联系不上收货人，退回商家"}
    return {"status": S.DELIVERED, "delivered_at": at}


def _from_returning(_order: DeliveryOrder, _at: datetime) -> dict[str, Any]:
    return {"status": S.RETURNED}


_STEPS: dict[str, Callable[[DeliveryOrder, datetime], dict[str, Any]]] = {
    S.PENDING: _from_pending,
    S.ACCEPTED: _from_accepted,
    S.PICKED_UP: _from_picked_up,
    S.RETURNING: _from_returning,
}

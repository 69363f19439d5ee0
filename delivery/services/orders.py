"""Every change of a delivery order goes through here: its table, version, history and callback."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from accounts.events import Change
from accounts.services.outbox.owing import owe_event
from config.kernel.rows import insert
from config.kernel.states import NotAllowed, swap
from config.kernel.text import clip
from delivery.models import DeliveryStep
from delivery.states import (
    DELIVERY_STATES,
    EVENT_KIND,
    INSIDE_TEXTS,
    OUTSIDE,
    Actor,
    outside_text,
)

if TYPE_CHECKING:
    from delivery.models import DeliveryOrder

WORK_TASK = "delivery.work"
CLOSED_OTHERWISE = ("failed", "returned")


def change_delivery(
    order: DeliveryOrder,
    *,
    at: datetime,
    actor: Actor,
    user_id: int | None = None,
    note: str = "",
    event: str = "",
    **changes: Any,
) -> None:
    """Write `changes` if nobody wrote since `order` was read; a status only along its table.

    Inside the caller's transaction. A new status, or another rider, is told to the tenant under
    the order's next `sequence`: the counter moves in the statement that moves the state. `event`
    names what is told otherwise than by the new status (`handed_back`, `reassigned`). A line of
    history is written for every call with a `note` or something to tell.

    :raises Outrun: somebody wrote. :raises NotAllowed: the table has no such move.
    """
    new = changes.get("status", order.status)
    if new != order.status and not DELIVERY_STATES.allows(order.status, new):
        raise NotAllowed(state=INSIDE_TEXTS[order.status])
    # Who waited for the lock knows an older time than who had it: history goes forward.
    at = max(at, order.updated_at)
    another = "rider_id" in changes and changes["rider_id"] != order.rider_id
    tells = new != order.status or another
    if tells:
        changes["sequence"] = order.sequence + 1
    if new in CLOSED_OTHERWISE:
        changes.setdefault("closed_at", at)
    changes |= {"version": order.version + 1, "updated_at": at}
    swap(order, {"version": order.version}, changes)
    if tells or note:
        note_step(order, at, actor, user_id, note, told=tells)
    if tells:
        owe_event(_told(order, event or order.status, at))


def note_step(
    order: DeliveryOrder, at: datetime, actor: Actor, user_id: int | None, note: str, *, told: bool
) -> None:
    """Write a line of the order's history as it now is; inside the caller's transaction."""
    insert(
        DeliveryStep,
        {
            "order_id": order.pk,
            "status": order.status,
            "actor": actor,
            "user_id": user_id,
            "rider_name": order.rider_name,
            "note": clip(note, 500),
            "attempt": order.attempt,
            "told": order.sequence if told else None,
            "created_at": at,
        },
    )


def _told(order: DeliveryOrder, event: str, at: datetime) -> Change:
    return Change(
        tenant_id=order.tenant_id,
        is_test=order.is_test,
        kind=EVENT_KIND,
        subject_id=order.pk,
        sequence=order.sequence,
        event_type=f"delivery.{event}",
        order_no=order.order_no,
        external_order_no=order.external_order_no,
        status=OUTSIDE[order.status],
        status_text=outside_text(order.status),
        occurred_at=at,
        rider_name=order.rider_name,
        rider_phone=order.rider_phone,
        url=order.callback_url,
        more={"reason": order.reason, "delivery_status": order.status},
    )

"""Every change of an order goes through here: its table, its version, its clock."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import translation

from accounts.events import Change
from accounts.services.outbox.owing import owe_event
from config.kernel.errors import Refusal
from config.kernel.states import swap
from config.kernel.work import nudge
from logistics.states import EVENT_KIND, ORDER_STATES, OrderStatus, WaybillStatus
from quotas.services.reservation import holds_unit, look, release, reserve

if TYPE_CHECKING:
    from logistics.models import ExpressOrder

WORK_TASK = "logistics.work"


def change_order(order: ExpressOrder, *, at: datetime, **changes: Any) -> None:
    """Write `changes` if nobody wrote since `order` was read; a new status only along its table.

    A move is news: the roll-ups find the days to count again by it, and its tenant is told under
    the order's next `event_sequence`, which moves in the same statement.

    :raises Outrun: somebody did. :raises NotAllowed: the table has no such move.
    """
    new = changes.get("status", order.status)
    if new != order.status:
        ORDER_STATES.require(order.status, new)
        changes.setdefault("news_at", at)
    tells = new != order.status and order.tenant_id is not None
    if tells:
        changes["event_sequence"] = order.event_sequence + 1
    changes |= {"version": order.version + 1, "updated_at": at}
    swap(order, {"version": order.version}, changes)
    if tells:
        owe_event(_told(order, at))


def _told(order: ExpressOrder, at: datetime) -> Change:
    """As a tenant's server is told of it: couriers stand where riders do."""
    reason = order.cancel_reason if order.status == OrderStatus.CANCELLED else None
    with translation.override("zh-hans"):
        status_text = str(OrderStatus(order.status).label)
    return Change(
        tenant_id=order.tenant_id or 0,
        is_test=order.is_test,
        kind=EVENT_KIND,
        subject_id=order.pk,
        sequence=order.event_sequence,
        event_type=f"express.{order.status}",
        order_no=order.order_no,
        external_order_no=order.tenant_order_no,
        status=order.status,
        status_text=status_text,
        occurred_at=at,
        rider_name=order.courier_name,
        rider_phone=order.courier_phone,
        more={
            "reason": order.exception_reason or reason,
            "tenant_order_id": order.tenant_order_id,
            "waybill_no": order.waybill_no,
            "mail_no": order.mail_no,
            "cp_code": order.cp_code,
        },
    )


def is_metered(order: ExpressOrder) -> bool:
    """Whether the order draws on a tenant's quota."""
    return order.tenant_id is not None and not order.is_test


def fail_order(order: ExpressOrder, *, reason: str, at: datetime) -> None:
    """A final refusal: exception with its reason; the waybill is void, the unit goes back.

    Inside the caller's transaction, its last writes.
    """
    changes = {"exception_reason": reason, "waybill_status": WaybillStatus.INVALID}
    if order.status != OrderStatus.EXCEPTION:  # a scan may have put it there meanwhile
        changes |= {"status": OrderStatus.EXCEPTION, "exception_from": order.status}
    change_order(order, at=at, exception_at=at, asking=None, **changes)
    return_unit(order, at=at)


def close_as_cancelled(order: ExpressOrder, *, at: datetime, **changes: Any) -> None:
    """Cancelled for good; the waybill is void, the unit goes back.

    Inside the caller's transaction, its last writes.
    """
    change_order(
        order,
        at=at,
        status=OrderStatus.CANCELLED,
        cancel_time=at,
        waybill_status=WaybillStatus.INVALID,
        asking=None,
        **changes,
    )
    return_unit(order, at=at)


def wake_order(order: ExpressOrder, *, at: datetime) -> None:
    """Have a worker look at the order; one that holds it already will when it finishes."""
    type(order)._default_manager.filter(pk=order.pk, lease_token=None).update(due_at=at)  # noqa: SLF001
    nudge(WORK_TASK)


def return_unit(order: ExpressOrder, *, at: datetime) -> None:
    """Return the order's quota unit, if it holds one."""
    if is_metered(order) and order.tenant_id is not None:
        release(tenant_id=order.tenant_id, order_id=order.pk, at=at)


def draw_unit_again(order: ExpressOrder, *, at: datetime) -> bool:
    """Draw a unit for a parcel that travels after all; False where none is to be had.

    The carrier's word is not refused for want of quota, so the caller says it to a person.
    """
    if not is_metered(order) or order.tenant_id is None or holds_unit(order_id=order.pk):
        return True
    try:
        with transaction.atomic():
            allowance = look(tenant_id=order.tenant_id, at=at)
            reserve(
                allowance=allowance, order_id=order.pk, at=at, cp_code=order.cp_code, again=True
            )
    except Refusal:
        return False
    return True

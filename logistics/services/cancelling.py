"""An order is cancelled at once where nothing outside need be asked, else the carrier is asked."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from config.kernel.text import clip
from config.kernel.work.claims import again_if_deadlocked
from logistics.errors import CancelRefused
from logistics.models import ExpressOrder
from logistics.services.orders import change_order, close_as_cancelled, wake_order
from logistics.states import CANCELLABLE, TERMINAL, Asking, OrderStatus


def cancel_order(*, order_id: int, reason: str, at: datetime) -> ExpressOrder:
    """Cancel, or ask for it: then `cancel_requested_at` is set and a worker asks the carrier.

    Cancelling a cancelled order, or asking twice, changes nothing.

    :raises CancelRefused: dispatched or further (409).
    """
    return again_if_deadlocked(lambda: _cancel(order_id, clip(reason, 500), at))


def _cancel(order_id: int, reason: str, at: datetime) -> ExpressOrder:
    with transaction.atomic():
        order = ExpressOrder.objects.select_for_update().get(pk=order_id)
        if order.status == OrderStatus.CANCELLED:
            return order
        if order.cancel_requested_at is not None and order.status not in TERMINAL:
            if order.due_at is None:
                wake_order(order, at=at)
            return order
        never_dispatched = order.status == OrderStatus.EXCEPTION and order.dispatch_time is None
        if order.status not in CANCELLABLE and not never_dispatched:
            raise CancelRefused(state=order.status)
        if not order.cainiao_order_id and not _may_be_outside(order):
            close_as_cancelled(order, at=at, cancel_reason=reason)
            ExpressOrder.objects.filter(pk=order.pk, lease_token=None).update(due_at=None)
            return order
        change_order(
            order, at=at, cancel_requested_at=at, cancel_reason=reason, cancel_refused_reason=None
        )
        wake_order(order, at=at)
    return order


def _may_be_outside(order: ExpressOrder) -> bool:
    """Whether the carrier may have the order without our knowing its number.

    In exception and in a worker's hands a person has decided what is being asked: the answer is
    to come, and whoever brings it cancels what the carrier took after all, or drops the order.
    """
    answer_to_come = order.status == OrderStatus.EXCEPTION and order.lease_token is not None
    return answer_to_come or order.asking in {Asking.CREATE, Asking.CANCEL}

"""Where nobody can be asked, a person who asked otherwise says what became of it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from config.kernel.states import Outrun
from config.kernel.text import clip
from config.kernel.work.claims import again_if_deadlocked
from logistics.errors import NothingToDecide
from logistics.models import ExpressOrder
from logistics.services.orders import change_order, fail_order, wake_order
from logistics.services.outcomes.cancelling import settle_cancelled
from logistics.services.settling import settle_create
from logistics.states import TERMINAL, Asking


def decide_outcome(
    *,
    order_id: int,
    happened: bool,
    at: datetime,
    carrier_order_id: str = "",
    asked: str = "",
) -> ExpressOrder:
    """Settle an unknown pick-up order or cancellation by a person's word.

    A pick-up order that did happen needs its `carrier_order_id`; one that did not puts the order
    in exception, to be resumed or cancelled. A cancellation that happened cancels; an order that
    was dispatched meanwhile it puts in exception. `asked` is the question that the person
    answers, where it may be another one by now.

    :raises NothingToDecide: nothing is unknown, or the carrier's number is missing.
    :raises Outrun: what is unknown now is not what was `asked`.
    """
    number = carrier_order_id.strip()
    return again_if_deadlocked(lambda: _decide(order_id, asked, happened, number, at))


def _decide(
    order_id: int,
    asked: str,
    happened: bool,  # noqa: FBT001 - a private helper's
    carrier_order_id: str,
    at: datetime,
) -> ExpressOrder:
    with transaction.atomic():
        order = ExpressOrder.objects.select_for_update().get(pk=order_id)
        if asked and order.asking not in {asked, None}:
            raise Outrun
        creating = order.asking == Asking.CREATE
        undecided = creating or order.asking == Asking.CANCEL
        unproven = creating and happened and not carrier_order_id
        if not undecided or unproven or order.status in TERMINAL:
            raise NothingToDecide
        if creating and happened:
            settle_create(order, clip(carrier_order_id, 100), "", at)
        elif creating:
            fail_order(order, reason="人工核实：承运方没有收到下单", at=at)
        elif happened:
            settle_cancelled(order, at)
        else:
            change_order(
                order,
                at=at,
                asking=None,
                absent_at=None,
                cancel_requested_at=None,
                cancel_refused_reason="人工核实：承运方没有取消",
            )
        wake_order(order, at=at)
    return order

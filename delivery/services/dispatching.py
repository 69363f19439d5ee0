"""Who carries an order: of all who take it at once exactly one has it, and nobody has too many.

The rider's row is locked before the order's, always: two acceptances by one rider wait for each
other, and so do two riders' of one order.
"""

from __future__ import annotations

from datetime import datetime

from config.kernel.text import clip
from delivery.errors import (
    NotYours,
    OrderTaken,
    RiderOff,
    TooManyOrders,
)
from delivery.models import DeliveryOrder, DeliveryStep
from delivery.services.attempts import end_attempt, offered_to_others
from delivery.services.locking import atomically, locked_order, require_status, user_of
from delivery.services.offer_runs import run_of
from delivery.services.orders import change_delivery
from delivery.services.riders import locked_rider
from delivery.services.taking import check_fit, check_live, give, in_hand
from delivery.services.waking import due_when_pending, wake_work
from delivery.states import CARRIED, Actor, DeliveryStatus

S = DeliveryStatus


def accept_order(*, order_id: int, rider_id: int, at: datetime) -> DeliveryOrder:
    """A rider takes a pending live order; taking one's own again changes nothing.

    :raises OrderTaken: another has it, it is open no more, or is offered to others just now.
    :raises RiderOff: off duty or switched off. :raises TooManyOrders: as many in hand as allowed.
    """

    def act() -> DeliveryOrder:
        rider = locked_rider(rider_id)
        order = locked_order(order_id)
        if order.rider_id == rider_id and order.status in CARRIED:
            return order
        if not (rider.enabled and rider.on_duty):
            raise RiderOff
        if order.is_test or order.status != S.PENDING or offered_to_others(order, rider_id, at):
            raise OrderTaken
        if in_hand(rider_id) >= rider.most_orders:
            raise TooManyOrders(most=rider.most_orders)
        give(order, rider, at=at, actor=Actor.RIDER, user_id=rider.user_id)
        return order

    return atomically(act)


def assign_order(
    *, order_id: int, rider_id: int, user_id: int | None, at: datetime, note: str = ""
) -> DeliveryOrder:
    """An operator gives a pending live order to a rider; the same again changes nothing.

    :raises OrderTaken: it is pending no more. :raises Rehearsed: a test order.
    :raises RiderUnfit, RiderBusy: the rider cannot take it.
    """

    def act() -> DeliveryOrder:
        rider = locked_rider(rider_id)
        order = locked_order(order_id)
        if order.rider_id == rider_id and order.status == S.ACCEPTED:
            return order
        check_live(order)
        if order.status != S.PENDING:
            raise OrderTaken
        check_fit(rider)
        give(order, rider, at=at, actor=Actor.OPERATOR, user_id=user_id, note=note)
        return order

    return atomically(act)


def reassign_order(
    *, order_id: int, rider_id: int, user_id: int | None, at: datetime, note: str = ""
) -> DeliveryOrder:
    """An operator gives an accepted order to another rider; what he had done does not count.

    :raises NotAllowed: pending, or picked up. :raises Rehearsed: a test order.
    :raises RiderUnfit, RiderBusy: the rider cannot take it.
    """

    def act() -> DeliveryOrder:
        rider = locked_rider(rider_id)
        order = locked_order(order_id)
        check_live(order)
        require_status(order, S.ACCEPTED)
        if order.rider_id == rider_id:
            return order
        check_fit(rider)
        end_attempt(order)
        give(
            order, rider, at=at, actor=Actor.OPERATOR, user_id=user_id, note=note,
            event="reassigned",
        )  # fmt: skip
        return order

    return atomically(act)


def hand_back(
    *,
    order_id: int,
    reason: str,
    at: datetime,
    actor: Actor,
    rider_id: int | None = None,
    user_id: int | None = None,
) -> DeliveryOrder:
    """An accepted order waits for a rider again: given back by its rider, or taken by an operator.

    A rider's second try changes nothing, as long as nobody else took the order.

    :raises NotYours: another rider's. :raises NotAllowed: not accepted (any more).
    """

    def act() -> DeliveryOrder:
        order = locked_order(order_id)
        by = user_id if rider_id is None else user_of(rider_id)
        if rider_id is not None and order.rider_id != rider_id:
            if _just_gave_back(order, by):
                return order
            raise NotYours
        if rider_id is None and order.status == S.PENDING:
            return order
        require_status(order, S.ACCEPTED)
        end_attempt(order)
        change_delivery(
            order, at=at, actor=actor, user_id=by, note=reason, event="handed_back",
            status=S.PENDING, rider_id=None, rider_name=None, rider_phone=None,
            accepted_at=None, arrived_at=None,
            due_at=due_when_pending(tenant_id=order.tenant_id, is_test=order.is_test, at=at),
        )  # fmt: skip
        wake_work(order)
        return order

    return atomically(act)


def fail_order(
    *, order_id: int, reason: str, at: datetime, actor: Actor, user_id: int | None = None
) -> DeliveryOrder:
    """It comes to nothing, for a reason that the tenant is told; again changes nothing.

    :raises NotAllowed: delivered, cancelled or returned.
    """
    why = clip(reason, 500)

    def act() -> DeliveryOrder:
        order = locked_order(order_id)
        if order.status == S.FAILED:
            return order
        end_attempt(order)
        change_delivery(
            order, at=at, actor=actor, user_id=user_id, note=why,
            status=S.FAILED, reason=why, due_at=None,
        )  # fmt: skip
        return order

    return atomically(act)


def offer_now(*, order_id: int, at: datetime, user_id: int | None = None) -> DeliveryOrder:
    """Have a pending live order offered to near riders from now on, whether or not by its tenant.

    A worker does it, round after round until somebody takes it or its tenant's minutes are over.

    :raises NotAllowed: pending no more. :raises Rehearsed: a test order.
    """

    def act() -> DeliveryOrder:
        order = locked_order(order_id)
        check_live(order)
        require_status(order, S.PENDING)
        is_due = order.due_at is not None and order.due_at <= at
        if not (is_due and run_of(order).by_hand):
            change_delivery(
                order, at=at, actor=Actor.OPERATOR, user_id=user_id, note="推送给附近骑手",
                due_at=at,
            )  # fmt: skip
        wake_work(order)
        return order

    return atomically(act)


def _just_gave_back(order: DeliveryOrder, user_id: int | None) -> bool:
    """Whether the order waits because this user gave it back."""
    if order.status != S.PENDING or user_id is None:
        return False
    steps = DeliveryStep.objects.filter(order_id=order.pk, status=S.PENDING, actor=Actor.RIDER)
    last = steps.order_by("-created_at", "-id").values_list("user_id", flat=True).first()
    return last == user_id

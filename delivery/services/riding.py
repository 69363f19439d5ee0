"""What a rider does with an order in hand, step by step; a step said again changes nothing."""

from __future__ import annotations

from datetime import datetime

from config.kernel.text import clip
from delivery.errors import NotYours, ProofMissing
from delivery.models import DeliveryOrder
from delivery.services.attempts import end_attempt
from delivery.services.locking import atomically, locked_order, require_status, user_of
from delivery.services.orders import change_delivery
from delivery.services.proofs import check_code, check_photo, code_try, keep_photo
from delivery.states import Actor, DeliveryStatus

S = DeliveryStatus
PICKUP, DELIVERY = "取货码", "收货码"


def arrive(*, order_id: int, rider_id: int, at: datetime) -> DeliveryOrder:
    """The rider is at the shop: a line of history, nothing that the tenant is told.

    :raises NotYours: another rider's. :raises NotAllowed: closed otherwise.
    """

    def act() -> DeliveryOrder:
        order = _mine(order_id, rider_id)
        if order.arrived_at is not None or order.picked_up_at is not None:
            return order
        require_status(order, S.ACCEPTED)
        change_delivery(
            order, at=at, actor=Actor.RIDER, user_id=user_of(rider_id), note="骑手已到店",
            arrived_at=at,
        )  # fmt: skip
        return order

    return atomically(act)


def pick_up(
    *, order_id: int, rider_id: int, at: datetime, code: str | None = None
) -> DeliveryOrder:
    """The goods are in the rider's hands; with the shop's code where the order has one.

    :raises WrongCode: or none given. :raises Throttled: ten were wrong within five minutes.
    :raises NotYours: another rider's. :raises NotAllowed: not accepted.
    """

    def act() -> DeliveryOrder:
        order = _mine(order_id, rider_id)
        if order.picked_up_at is not None:
            return order
        require_status(order, S.ACCEPTED)
        if order.pickup_code:
            check_code(order.pickup_code, code or "", what=PICKUP)
        change_delivery(
            order, at=at, actor=Actor.RIDER, user_id=user_of(rider_id),
            status=S.PICKED_UP, picked_up_at=at,
        )  # fmt: skip
        return order

    with code_try(order_id, "pickup"):
        return atomically(act)


def deliver(
    *,
    order_id: int,
    rider_id: int,
    at: datetime,
    code: str | None = None,
    photo: bytes | None = None,
) -> DeliveryOrder:
    """The receiver has it; proved by code or photo where the order has a delivery code.

    A photo is kept whenever it is given, once.

    :raises ProofMissing: neither. :raises WrongCode: :raises PhotoUnusable:
    :raises Throttled: ten codes were wrong within five minutes.
    :raises NotYours: another rider's. :raises NotAllowed: not on the way.
    """
    kind = check_photo(photo) if photo is not None else ""

    def act() -> DeliveryOrder:
        order = _mine(order_id, rider_id)
        if order.status == S.DELIVERED:
            return order
        require_status(order, S.PICKED_UP)
        if order.delivery_code:
            if code is None and photo is None:
                raise ProofMissing
            if code is not None:
                check_code(order.delivery_code, code, what=DELIVERY)
        if photo is not None:
            keep_photo(order.pk, photo, kind, at=at)
        end_attempt(order)
        change_delivery(
            order, at=at, actor=Actor.RIDER, user_id=user_of(rider_id),
            status=S.DELIVERED, delivered_at=at, due_at=None,
        )  # fmt: skip
        return order

    with code_try(order_id, "delivery"):
        return atomically(act)


def start_return(
    *,
    order_id: int,
    reason: str,
    at: datetime,
    actor: Actor,
    rider_id: int | None = None,
    user_id: int | None = None,
) -> DeliveryOrder:
    """What was picked up goes back to the shop, for a reason that the tenant is told.

    `rider_id` where it is the rider who says so, else an operator.

    :raises NotYours: another rider's. :raises NotAllowed: not on the way.
    """
    why = clip(reason, 500)

    def act() -> DeliveryOrder:
        order = _mine(order_id, rider_id)
        if order.status in {S.RETURNING, S.RETURNED}:
            return order
        require_status(order, S.PICKED_UP)
        change_delivery(
            order, at=at, actor=actor, user_id=_by(rider_id, user_id), note=why,
            status=S.RETURNING, reason=why,
        )  # fmt: skip
        return order

    return atomically(act)


def finish_return(
    *,
    order_id: int,
    at: datetime,
    actor: Actor,
    rider_id: int | None = None,
    user_id: int | None = None,
) -> DeliveryOrder:
    """The shop has its goods again.

    :raises NotYours: another rider's. :raises NotAllowed: not going back.
    """

    def act() -> DeliveryOrder:
        order = _mine(order_id, rider_id)
        if order.status == S.RETURNED:
            return order
        require_status(order, S.RETURNING)
        end_attempt(order)
        change_delivery(
            order, at=at, actor=actor, user_id=_by(rider_id, user_id),
            status=S.RETURNED, due_at=None,
        )  # fmt: skip
        return order

    return atomically(act)


def _mine(order_id: int, rider_id: int | None) -> DeliveryOrder:
    """The order, locked; of this rider where one is named."""
    order = locked_order(order_id)
    if rider_id is not None and order.rider_id != rider_id:
        raise NotYours
    return order


def _by(rider_id: int | None, user_id: int | None) -> int | None:
    return user_id if rider_id is None else user_of(rider_id)

"""A delivery is cancelled freely until it is picked up, and never after; of a race one is told no.

The rider stays named on a cancelled order: the tenant's callback says who had it.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from config.kernel.errors import Missing
from config.kernel.text import clip
from config.kernel.work.claims import again_if_deadlocked
from delivery.errors import DeliveryCancelRefused
from delivery.models import DeliveryOrder
from delivery.services.attempts import end_attempt
from delivery.services.orders import change_delivery
from delivery.states import (
    CANCELLABLE,
    INSIDE_TEXTS,
    OUTSIDE,
    Actor,
    DeliveryStatus,
    outside_text,
)


def cancel_delivery(
    *, order_id: int, reason: str, at: datetime, actor: Actor, user_id: int | None = None
) -> DeliveryOrder:
    """Cancel a pending or accepted order; cancelling a cancelled one changes nothing.

    :raises DeliveryCancelRefused: picked up or further (409). :raises Missing: no such order.
    """
    return again_if_deadlocked(
        lambda: _cancel(order_id, clip(reason, 500), at=at, actor=actor, user_id=user_id)
    )


def _cancel(
    order_id: int, reason: str, *, at: datetime, actor: Actor, user_id: int | None
) -> DeliveryOrder:
    with transaction.atomic():
        order = DeliveryOrder.objects.select_for_update().filter(pk=order_id).first()
        if order is None:
            raise Missing
        if order.status == DeliveryStatus.CANCELLED:
            return order
        if order.status not in CANCELLABLE:
            raise DeliveryCancelRefused(state=_named(order.status))
        end_attempt(order)
        change_delivery(
            order, at=at, actor=actor, user_id=user_id, note=reason,
            status=DeliveryStatus.CANCELLED, cancelled_at=at, reason=reason or None, due_at=None,
        )  # fmt: skip
    return order


def _named(status: str) -> str:
    """The seed's word; ours for what the seed calls cancelled and which was not."""
    seems = OUTSIDE[status] == OUTSIDE[DeliveryStatus.CANCELLED]
    return INSIDE_TEXTS[status] if seems else outside_text(status)

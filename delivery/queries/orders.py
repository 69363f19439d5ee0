"""Deliveries as one tenant may see them: scoped to that tenant and one mode."""

from __future__ import annotations

from django.db.models import QuerySet

from config.kernel.errors import Missing
from delivery.models import DeliveryOrder, DeliveryStep, RiderPosition
from delivery.states import CARRIED

MOST_STEPS = 200


def tenant_deliveries(*, tenant_id: int, is_test: bool) -> QuerySet[DeliveryOrder]:
    """A tenant's deliveries of one mode."""
    # `= false` becomes NOT on SQLite, which no index serves.
    return DeliveryOrder.objects.filter(tenant_id=tenant_id, is_test__in=[is_test])


def tenant_delivery(
    *, tenant_id: int, is_test: bool, order_no: str = "", external_order_no: str = ""
) -> DeliveryOrder:
    """One of a tenant's deliveries, by our number or else by the tenant's own.

    :raises Missing: there is none, or it is somebody else's.
    """
    rows = tenant_deliveries(tenant_id=tenant_id, is_test=is_test)
    names = {"order_no": order_no} if order_no else {"external_order_no": external_order_no}
    order = rows.filter(**names).first()
    if order is None:
        raise Missing
    return order


def delivery_steps(order: DeliveryOrder) -> list[DeliveryStep]:
    """The order's history, oldest first; of a very long one the newest lines."""
    steps = DeliveryStep.objects.filter(order_id=order.pk).order_by("-created_at", "-id")
    return list(steps[:MOST_STEPS])[::-1]


def latest_position(order: DeliveryOrder) -> RiderPosition | None:
    """Where the rider was last with this order; None where nobody carries it."""
    if order.status not in CARRIED:
        return None
    positions = RiderPosition.objects.filter(order_id=order.pk, attempt=order.attempt)
    return positions.order_by("-created_at", "-id").first()

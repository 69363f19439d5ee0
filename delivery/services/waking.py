"""A pending order is due where it is offered by itself, a test order where it is rehearsed."""

from __future__ import annotations

from datetime import datetime, timedelta

from config.kernel.work import nudge
from delivery.models import DeliveryOrder
from delivery.services.orders import WORK_TASK
from delivery.services.settings import settings_of

# A test order rests so long in each state.
REHEARSAL_PAUSE = timedelta(seconds=3)


def due_when_pending(*, tenant_id: int, is_test: bool, at: datetime) -> datetime | None:
    """When an order that waits for a rider since `at` is to be worked on; None: by nobody."""
    if is_test:
        return at + REHEARSAL_PAUSE
    return at if settings_of(tenant_id=tenant_id).auto_offer else None


def wake_work(order: DeliveryOrder) -> None:
    """Have a worker look once the transaction has committed, if the order is due."""
    if order.due_at is not None and not order.is_test:
        nudge(WORK_TASK)

"""Callbacks that came before their order's number was known are woken when it is."""

from __future__ import annotations

from datetime import datetime

from config.kernel.work import nudge
from logistics.models import CallbackRecord

CALLBACK_TASK = "logistics.callbacks"


def wake_parked_callbacks(*, cainiao_order_id: str, at: datetime) -> int:
    """Make due what waits for this number; returns how many."""
    woken = CallbackRecord.objects.filter(
        cainiao_order_id=cainiao_order_id, processed=False, order_id=None, lease_token=None
    ).update(due_at=at)
    if woken:
        nudge(CALLBACK_TASK)
    return woken

"""Orders nobody has heard of for too long are asked about; terminal ones are left alone."""

from __future__ import annotations

from datetime import datetime

from config.kernel.work import nudge
from logistics.models import ExpressOrder
from logistics.services.orders import WORK_TASK
from logistics.services.steps import QUIET
from logistics.states import TERMINAL, OrderStatus

BATCH = 500
_ACTIVE = [status for status in OrderStatus.values if status not in TERMINAL]


def sync_quiet_orders(*, at: datetime, tenant_id: int | None = None, most: int = BATCH) -> int:
    """Make due the orders with no news since `QUIET` before `at`; returns how many."""
    quiet = ExpressOrder.objects.filter(
        status__in=_ACTIVE, news_at__lte=at - QUIET, due_at=None, asking=None
    ).exclude(cainiao_order_id=None)
    if tenant_id is not None:
        quiet = quiet.filter(tenant_id=tenant_id)
    pks = list(quiet.order_by("news_at").values_list("pk", flat=True)[:most])
    return _make_due(pks, at)


def sync_orders_now(*, order_ids: list[int], at: datetime) -> int:
    """Ask about these orders whatever was heard of them; returns how many can be asked about."""
    rows = ExpressOrder.objects.filter(pk__in=order_ids, status__in=_ACTIVE, asking=None)
    rows = rows.exclude(cainiao_order_id=None)
    pks = list(rows.values_list("pk", flat=True))
    # One that ended since is asked about no more, and would be counted anew for ever.
    ExpressOrder.objects.filter(pk__in=pks, status__in=_ACTIVE).update(news_at=None)
    return _make_due(pks, at)


def _make_due(pks: list[int], at: datetime) -> int:
    made = ExpressOrder.objects.filter(pk__in=pks, due_at=None, lease_token=None).update(due_at=at)
    if made:
        nudge(WORK_TASK)
    return made

"""Attempts go after 30 days, and so do events that are done with; what is owed stays."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Exists, Model, OuterRef, QuerySet

from accounts.models import CallbackAttempt, TenantEvent
from accounts.states import EventStatus

KEPT_FOR = timedelta(days=30)
BITE, MOST_BITES = 2_000, 20
_DONE = (EventStatus.DELIVERED, EventStatus.EXHAUSTED, EventStatus.KEPT)


def prune_outbox(*, at: datetime) -> int:
    """Delete them in bites, a run's share at most; returns rows."""
    before = at - KEPT_FOR
    rows = _bites(CallbackAttempt.objects.filter(created_at__lt=before))
    # One resent lately still has attempts to show.
    tried = CallbackAttempt.objects.filter(event_id=OuterRef("pk"))
    for status in _DONE:
        done = TenantEvent.objects.filter(status=status, created_at__lt=before)
        rows += _bites(done.filter(~Exists(tried)))
    return rows


def _bites(rows: QuerySet[Model]) -> int:
    total = 0
    for _ in range(MOST_BITES):
        pks = list(rows.values_list("pk", flat=True)[:BITE])
        if not pks:
            break
        rows.model._default_manager.filter(pk__in=pks).delete()  # noqa: SLF001
        total += len(pks)
    return total

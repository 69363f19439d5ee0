"""The clock's calls into accounts."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from accounts.services.housekeeping import prune_spent


@shared_task(name="accounts.prune")
def prune() -> int:
    """Delete nonces and idempotency keys whose time is over; returns rows."""
    return prune_spent(at=timezone.now())

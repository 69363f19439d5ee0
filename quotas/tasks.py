"""The clock's calls into quotas."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from quotas.services.closing import close_all_elapsed


@shared_task(name="quotas.reset")
def reset_quotas() -> int:
    """Close every elapsed period; returns how many."""
    return sum(1 for _ in close_all_elapsed(at=timezone.now()))

"""Whatever was missed is found: endpoints nobody woke, events of one that is let go again."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from accounts.models import CallbackEndpoint, TenantEvent
from accounts.services.outbox.schedule import LONGEST_REST
from config.kernel.work.claims import again_if_deadlocked


def sweep_endpoints(*, at: datetime) -> int:
    """Wake endpoints that have an event due and are not due themselves; returns how many.

    Resting ones are due within a minute and are left; so are paused ones and those in hand.
    """
    due = TenantEvent.objects.filter(endpoint_id=OuterRef("pk"), due_at__lte=at)
    idle = Q(due_at=None) | Q(due_at__gt=at + LONGEST_REST)
    asleep = CallbackEndpoint.objects.filter(idle, paused_at=None, lease_token=None)
    pks = list(asleep.filter(Exists(due)).values_list("pk", flat=True))
    if not pks:
        return 0
    return again_if_deadlocked(lambda: asleep.filter(pk__in=pks).update(due_at=at))


def restart_events(*, endpoint_id: int, at: datetime) -> int:
    """Have all that is to be delivered at this endpoint due now, with 72 hours before it; how many.

    For who lets a paused endpoint go, inside that transaction.
    """
    held = TenantEvent.objects.filter(endpoint_id=endpoint_id, due_at__isnull=False)
    return held.update(due_at=at, first_attempt_at=None)

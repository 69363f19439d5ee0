"""What of telling tenants needs a person: each kind by one index, never counted further than 1,001.

A server is paused by itself after 72 hours without one success; operators hear of it after 24.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db.models import Q

from accounts.events import TEST_KIND
from accounts.models import CallbackEndpoint, TenantEvent
from accounts.states import EventStatus
from config.kernel.work.due import DueWork, count_capped, due_work_of, oldest_of

FAILING_FOR = timedelta(hours=24)
# An index serves "later than" where it does not serve "not null".
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


def failing_long(at: datetime) -> Q:
    """A server, not paused yet, that has answered nothing but failures for a day."""
    return Q(failing_since__lte=at - FAILING_FOR, paused_at=None)


def failing_endpoints(*, at: datetime) -> int:
    """How many servers have failed for a day."""
    return count_capped(CallbackEndpoint.objects.filter(failing_long(at)))


def paused_endpoints() -> int:
    """Servers that nothing is sent to, by a person's word or after 72 hours of failures."""
    return count_capped(CallbackEndpoint.objects.filter(paused_at__gt=_EVER))


def exhausted_events(*, since: datetime) -> int:
    """Events made since then that were given up; they can be sent again.

    Not those that only tried a server: nobody waits for them.
    """
    rows = TenantEvent.objects.filter(status=EventStatus.EXHAUSTED, created_at__gte=since)
    return count_capped(rows.exclude(kind=TEST_KIND))


def due_endpoints(*, at: datetime) -> DueWork:
    """Servers that somebody has something for."""
    return due_work_of("endpoints", CallbackEndpoint.objects.all(), at)


def oldest_due_endpoint(*, at: datetime) -> datetime | None:
    """Since when the server that waits longest has been due."""
    return oldest_of(CallbackEndpoint.objects.all(), at)

"""Events and endpoints as one tenant may see them: of that tenant and of one mode."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Final

from django.db.models import QuerySet

from accounts.models import CallbackAttempt, CallbackEndpoint, Tenant, TenantEvent
from accounts.states import UNDELIVERED, EndpointState
from config.kernel.api.pagination import COUNT_CAP
from config.kernel.errors import Missing

MOST_ATTEMPTS: Final = 50
# An event younger than this may still have an older sister in an open transaction.
SETTLED: Final = timedelta(seconds=10)


def tenant_events(*, tenant_id: int, is_test: bool) -> QuerySet[TenantEvent]:
    """A tenant's events of one mode."""
    # `= false` becomes NOT on SQLite, which no index serves.
    return TenantEvent.objects.filter(tenant_id=tenant_id, is_test__in=[is_test])


def tenant_event(*, tenant_id: int, is_test: bool, event_id: str) -> TenantEvent:
    """One of a tenant's events.

    :raises Missing: there is none, or it is somebody else's.
    """
    rows = tenant_events(tenant_id=tenant_id, is_test=is_test)
    event = rows.filter(event_id=event_id).first()
    if event is None:
        raise Missing
    return event


def events_after(
    *, tenant_id: int, is_test: bool, after: int, limit: int, at: datetime
) -> list[TenantEvent]:
    """At most `limit` events that came after the key `after`, oldest first, up to 10 s ago.

    Those of the last ten seconds are left for the next time, and all that follow the first of
    them: what is not committed yet is not passed over.
    """
    rows = tenant_events(tenant_id=tenant_id, is_test=is_test).filter(pk__gt=after)
    found = rows.order_by("pk")[:limit]
    return list(takewhile(lambda event: event.created_at <= at - SETTLED, found))


def attempts_at(event: TenantEvent) -> list[CallbackAttempt]:
    """The last attempts, newest first, at most 50."""
    rows = CallbackAttempt.objects.filter(event_id=event.pk)
    return list(rows.order_by("-created_at", "-id")[:MOST_ATTEMPTS])


def tenant_endpoints(*, tenant_id: int, is_test: bool) -> list[CallbackEndpoint]:
    """The servers of a tenant, its own URL's first, then by host."""
    rows = CallbackEndpoint.objects.filter(tenant_id=tenant_id, is_test__in=[is_test])
    return list(rows.order_by("host"))


def endpoint_state(endpoint: CallbackEndpoint) -> EndpointState:
    """How it does."""
    if endpoint.paused_at is not None:
        return EndpointState.PAUSED
    if endpoint.slow:
        return EndpointState.SLOW
    return EndpointState.FAILING if endpoint.failing_since is not None else EndpointState.OK


def waiting_by_endpoint(*, tenant_id: int, is_test: bool) -> Mapping[int, int]:
    """How many events each endpoint has still to be sent; 10,001 in all at the most."""
    counts: Counter[int] = Counter()
    rows = tenant_events(tenant_id=tenant_id, is_test=is_test)
    for status in UNDELIVERED:
        keys = rows.filter(status=status).values_list("endpoint_id", flat=True)
        counts.update(keys[: COUNT_CAP + 1 - counts.total()])
    return counts


def callback_url(tenant_id: int) -> str:
    """The tenant's own URL, empty where there is none."""
    rows = Tenant.objects.filter(pk=tenant_id).values_list("callback_url", flat=True)
    return rows.first() or ""


def callback_settings(tenant_id: int) -> Tenant:
    """Where a tenant's events go and how they are signed.

    :raises Missing: no such tenant.
    """
    tenant = Tenant.objects.filter(pk=tenant_id).first()
    if tenant is None:
        raise Missing
    return tenant

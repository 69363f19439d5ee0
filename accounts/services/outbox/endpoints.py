"""A tenant's server is paused and goes on again; while it rests its events wait, none is lost."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import CallbackEndpoint
from accounts.services.outbox.owing import CALLBACKS_TASK, endpoint_for
from accounts.services.outbox.restarting import restart_events
from config.kernel.errors import Missing
from config.kernel.text import clip
from config.kernel.work import nudge
from config.kernel.work.claims import again_if_deadlocked


def pause_endpoint(*, endpoint_id: int, reason: str, at: datetime) -> CallbackEndpoint:
    """Send nothing more to it once the turn under way is over. Paused already: it stays so.

    :raises Missing: no such endpoint.
    """
    return again_if_deadlocked(lambda: _pause(endpoint_id, reason, at))


def _pause(
    endpoint_id: int, reason: str, at: datetime, *, others_too: bool = False
) -> CallbackEndpoint:
    with transaction.atomic():
        endpoint = _locked(endpoint_id)
        if others_too:
            endpoint.all_paused_reason = clip(reason, 200)
            endpoint.save(update_fields=["all_paused_reason"])
        if endpoint.paused_at is None:
            endpoint.paused_at, endpoint.paused_reason = at, clip(reason, 200)
            # One in a worker's hands keeps its lease's end: the worker gives it back at rest.
            endpoint.due_at = endpoint.due_at if endpoint.lease_token else None
            endpoint.save(update_fields=["paused_at", "paused_reason", "due_at"])
    return endpoint


def resume_endpoint(*, endpoint_id: int, at: datetime) -> CallbackEndpoint:
    """Send again: all that waited goes out, each event with 72 hours of its own from now.

    One that is not paused is left as it is. Where all rest, this one alone goes on: one that comes
    up later still begins paused, until all are resumed.

    :raises Missing: no such endpoint.
    """
    return again_if_deadlocked(lambda: _resume(endpoint_id, at))


def _resume(endpoint_id: int, at: datetime, *, others_too: bool = False) -> CallbackEndpoint:
    with transaction.atomic():
        endpoint = _locked(endpoint_id)
        if others_too and endpoint.all_paused_reason is not None:
            endpoint.all_paused_reason = None
            endpoint.save(update_fields=["all_paused_reason"])
        if endpoint.paused_at is not None:
            endpoint.paused_at = endpoint.paused_reason = None
            endpoint.failing_since, endpoint.failures, endpoint.slow = None, 0, False
            if endpoint.lease_token is None or (endpoint.due_at or at) <= at:
                endpoint.due_at = at
            endpoint.save(
                update_fields=[
                    "paused_at", "paused_reason", "failing_since", "failures", "slow", "due_at",
                ]
            )  # fmt: skip
            restart_events(endpoint_id=endpoint_id, at=at)
            nudge(CALLBACKS_TASK)
    return endpoint


def pause_all(*, tenant_id: int, is_test: bool, reason: str, at: datetime) -> None:
    """Pause every endpoint of a tenant's mode, those as well that have had no event yet."""
    own = endpoint_for(tenant_id=tenant_id, is_test=is_test)
    again_if_deadlocked(lambda: _pause(own, reason, at, others_too=True))
    for endpoint_id in _endpoints(tenant_id, is_test=is_test):
        pause_endpoint(endpoint_id=endpoint_id, reason=reason, at=at)


def resume_all(*, tenant_id: int, is_test: bool, at: datetime) -> None:
    """Resume every endpoint of a tenant's mode.

    The tenant's own comes first: one that comes up meanwhile either waits for it and begins to
    send, or was there before and is listed.
    """
    own = endpoint_for(tenant_id=tenant_id, is_test=is_test)
    again_if_deadlocked(lambda: _resume(own, at, others_too=True))
    for endpoint_id in _endpoints(tenant_id, is_test=is_test):
        resume_endpoint(endpoint_id=endpoint_id, at=at)


def _endpoints(tenant_id: int, *, is_test: bool) -> list[int]:
    rows = CallbackEndpoint.objects.filter(tenant_id=tenant_id, is_test__in=[is_test])
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _locked(endpoint_id: int) -> CallbackEndpoint:
    endpoint = CallbackEndpoint.objects.select_for_update().filter(pk=endpoint_id).first()
    if endpoint is None:
        raise Missing
    return endpoint

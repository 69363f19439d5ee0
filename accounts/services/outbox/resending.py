"""What was delivered, given up or kept goes out once more, behind nobody and before nobody.

An event that is sent again holds up no later one of its order: it is `passed`, with 72 hours of
its own. One that still waits for its turn keeps its place.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.errors import CallbacksPaused, CallbackUrlMissing
from accounts.events import TEST_KIND, Change
from accounts.models import CallbackEndpoint, Tenant, TenantEvent
from accounts.services.outbox.owing import owe_event, wake_endpoints
from accounts.states import UNDELIVERED, EventStatus
from config.kernel.errors import Missing
from config.kernel.numbers import new_number
from config.kernel.work.claims import again_if_deadlocked

TEST_EVENT = "callback.test"
# In one statement, so that senders wait for none of them long.
BITE = 500
# In one call; who has more calls again.
MOST_AT_ONCE = 50_000
_NOT_DELIVERED = (
    EventStatus.WAITING, EventStatus.PASSED, EventStatus.EXHAUSTED, EventStatus.KEPT,
)  # fmt: skip
_CLOSED = (EventStatus.DELIVERED, EventStatus.EXHAUSTED, EventStatus.KEPT)


def resend_event(*, event: int, at: datetime) -> TenantEvent:
    """Make the event (by its key) due now; one that waits for an earlier one of its order stays.

    :raises Missing: no such event.
    """
    return again_if_deadlocked(lambda: _resend_one(event, at))


def _resend_one(pk: int, at: datetime) -> TenantEvent:
    with transaction.atomic():
        if not _resend([pk], at):
            _see_to_first(pk, at)
        _wake([pk])
    return TenantEvent.objects.get(pk=pk)


def _see_to_first(pk: int, at: datetime) -> None:
    """Where an order's first event has no due time after all, give it one."""
    event = TenantEvent.objects.filter(pk=pk).first()
    if event is None:
        raise Missing
    if event.status != EventStatus.WAITING or event.due_at is not None:
        return
    # Locked in the order's sequence, as whoever finishes one does.
    first = (
        TenantEvent.objects.select_for_update()
        .filter(kind=event.kind, subject_id=event.subject_id, status=EventStatus.WAITING)
        .order_by("sequence")
        .first()
    )
    if first is not None and first.pk == pk and first.due_at is None:
        TenantEvent.objects.filter(pk=pk).update(due_at=at)


def resend_ids(*, tenant_id: int, is_test: bool, event_ids: Sequence[str], at: datetime) -> int:
    """Resend events of one tenant and mode by their ids, all or none; returns how many moved.

    :raises Missing: one of them is not there, or somebody else's; it is named.
    """
    rows = TenantEvent.objects.filter(
        tenant_id=tenant_id, is_test__in=[is_test], event_id__in=event_ids
    )
    known = dict(rows.values_list("event_id", "pk"))
    unknown = {
        f"event_ids.{index}": ["没有这个事件。"]
        for index, event_id in enumerate(event_ids)
        if event_id not in known
    }
    if unknown:
        raise Missing(fields=unknown)
    return _bite(list(known.values()), at)


def resend_events(
    *,
    tenant_id: int,
    is_test: bool,
    at: datetime,
    window: Q | None = None,
    missing: bool = False,
    endpoint_id: int | None = None,
) -> int:
    """Resend a tenant's events of one mode, oldest first; returns how many became due.

    `window` is a condition on `created_at`; `missing` leaves the delivered ones alone. At most
    `MOST_AT_ONCE` in one call: asked again, it goes on with those that are not due yet.
    """
    rows = TenantEvent.objects.filter(
        window or Q(), tenant_id=tenant_id, is_test__in=[is_test], created_at__lte=at
    ).exclude(event_type=TEST_EVENT)
    if endpoint_id is not None:
        rows = rows.filter(endpoint_id=endpoint_id)
    # One status after the other: each is an index's order.
    parts = [rows.filter(status=status) for status in _NOT_DELIVERED] if missing else [rows]
    moved = 0
    for part in parts:
        for pks in _bites(part):
            moved += _bite(pks, at)
            if moved >= MOST_AT_ONCE:
                return moved
    return moved


def _bites(rows: QuerySet[TenantEvent]) -> Iterator[list[int]]:
    """Keys, oldest first, some hundred at a time."""
    ordered = rows.order_by("created_at", "id")
    after = Q()
    while True:
        found = list(ordered.filter(after).values_list("created_at", "pk")[:BITE])
        if found:
            yield [pk for _, pk in found]
        if len(found) < BITE:
            return
        at, last = found[-1]
        after = Q(created_at__gt=at) | Q(created_at=at, id__gt=last)


def _bite(pks: list[int], at: datetime) -> int:
    def run() -> int:
        with transaction.atomic():
            moved = _resend(pks, at)
            if moved:
                _wake(pks)
        return moved

    return again_if_deadlocked(run)


def _resend(pks: list[int], at: datetime) -> int:
    events = TenantEvent.objects.filter(pk__in=pks)
    closed = events.filter(status__in=_CLOSED).update(
        status=EventStatus.PASSED, due_at=at, first_attempt_at=None, refusals=0
    )
    return closed + events.filter(status__in=UNDELIVERED, due_at__gt=at).update(due_at=at)


def _wake(pks: list[int]) -> None:
    endpoints = TenantEvent.objects.filter(pk__in=pks).values_list("endpoint_id", flat=True)
    woken = set(endpoints)
    transaction.on_commit(lambda: wake_endpoints(woken), robust=True)


def send_test_event(*, tenant_id: int, is_test: bool, at: datetime) -> TenantEvent:
    """Owe the tenant's own URL an event of an order that does not exist, in the seed's form.

    :raises Missing: no such tenant. :raises CallbackUrlMissing: it has no URL.
    :raises CallbacksPaused: it would wait, and who tries looks for it now.
    """
    url = Tenant.objects.filter(pk=tenant_id).values_list("callback_url", flat=True).first()
    if url is None:
        raise Missing
    if not url:
        raise CallbackUrlMissing
    own = CallbackEndpoint.objects.filter(tenant_id=tenant_id, is_test__in=[is_test], host="")
    if own.filter(paused_at__isnull=False).exists():
        raise CallbacksPaused
    order_no = new_number("TEST", at)
    change = Change(
        tenant_id=tenant_id,
        is_test=is_test,
        kind=TEST_KIND,
        subject_id=secrets.randbits(62),
        sequence=1,
        event_type=TEST_EVENT,
        order_no=order_no,
        external_order_no=order_no,
        status=0,
        status_text="待接单",
        occurred_at=at,
        more={"reason": None, "delivery_status": "pending"},
    )

    def run() -> TenantEvent:
        with transaction.atomic():
            return owe_event(change)

    return again_if_deadlocked(run)

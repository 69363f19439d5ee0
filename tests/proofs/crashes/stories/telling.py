"""A tenant hears of every change, of each order in order, whoever dies while telling it."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import CallbackAttempt, CallbackEndpoint, Tenant, TenantEvent
from accounts.services.outbox.sending import send_due
from accounts.states import EventStatus
from tests.outbox.ground import SECRET, Orders
from tests.proofs.crashes.ground import Ground
from tests.proofs.crashes.story import Least, Story

# Of one order two changes, of another one.
CHANGES = ((1, 1), (1, 2), (2, 1))


def owed(ground: Ground) -> None:
    ground.receiver.came.clear()
    CallbackAttempt.objects.all().delete()
    CallbackEndpoint.objects.update(due_at=None, lease_token=None, attempts=0)
    tenants = Tenant.objects.filter(pk=ground.tenant.pk)
    tenants.update(callback_url=ground.receiver.url, callback_secret=SECRET)
    orders = Orders(ground.tenant)
    for order, _ in CHANGES:
        with transaction.atomic():
            orders.change(order)


def tell(_: Ground) -> None:
    send_due(threads=1)


def nothing_waits_unseen(_: Ground) -> None:
    """Each order's first event that waits has a time, its endpoint one within a lease."""
    waiting = TenantEvent.objects.filter(status=EventStatus.WAITING).order_by("sequence")
    first: dict[int, TenantEvent] = {}
    for event in waiting:
        first.setdefault(event.subject_id, event)
    assert all(event.due_at is not None for event in first.values()), list(waiting.values())
    if first:
        keys = {event.endpoint_id for event in first.values()}
        soon = timezone.now() + timedelta(seconds=31)
        assert CallbackEndpoint.objects.filter(pk__in=keys, due_at__lte=soon).count() == len(keys)


def told(ground: Ground) -> None:
    """Others go on; each was heard once at least, and none after a later one of its order."""
    for _ in range(10):
        nothing_waits_unseen(ground)
        rows = CallbackEndpoint.objects.filter(due_at__isnull=False)
        due = rows.order_by("due_at").values_list("due_at", flat=True).first()
        if due is None:
            break
        ground.clock.move_to(max(due, timezone.now()) + timedelta(milliseconds=1))
        send_due(threads=1)
    assert not CallbackEndpoint.objects.exclude(lease_token=None, due_at=None).exists()
    assert not TenantEvent.objects.exclude(status=EventStatus.DELIVERED).exists()
    heard: dict[str, list[int]] = defaultdict(list)
    for order_no, sequence in ground.receiver.told():
        heard[order_no].append(sequence)
    assert {name: sorted(set(heard[name])) for name in heard} == {"D1": [1, 2], "D2": [1]}
    assert all(sequences == sorted(sequences) for sequences in heard.values()), heard
    # A call whose maker died before it could write leaves no line, and is made again.
    assert CallbackAttempt.objects.count() >= len(CHANGES)


def once_each(ground: Ground) -> None:
    assert len(ground.receiver.came) == CallbackAttempt.objects.count() == len(CHANGES)


STORIES = (
    Story(
        "tenants-are-told",
        owed,
        tell,
        once_each,
        # Two turns, for an order's second event waits for its first: looking and the claim (4),
        # what is due and for whom (2), the attempts (1, by itself), and the outcome (7).
        Least(statements=2 * 14, commits=2 * 2, calls=3),
        nothing_waits_unseen,
        told,
    ),
)

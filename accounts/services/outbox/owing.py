"""An event is owed in the transaction that made it so, and its endpoint woken after the commit.

Nothing a tenant's other orders are waiting for is locked: of the endpoint only its key is needed,
and whoever finishes an event holds that event's row while the order's next one is made due.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit
from weakref import WeakSet

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.events import Change, new_event_id
from accounts.models import CallbackEndpoint, TenantEvent
from accounts.services.outbox.resting import paused_from_the_start
from accounts.states import EventStatus
from config.kernel.keeping import Kept
from config.kernel.rows import insert
from config.kernel.work.claims import again_if_deadlocked
from config.kernel.work.nudge import hand_over

CALLBACKS_TASK = "accounts.callbacks"
_endpoints: Kept[int | None] = Kept(60)
# Outermost blocks of transactions that made an endpoint, and may yet be rolled back.
_makers: WeakSet[Any] = WeakSet()


def owe_event(change: Change) -> TenantEvent:
    """Write the event, due unless an earlier one of its order is; inside the caller's transaction.

    Called after the statement that moved the order and its counter.
    """
    host = (urlsplit(change.url).hostname or "") if change.url else ""
    endpoint_id = endpoint_for(tenant_id=change.tenant_id, is_test=change.is_test, host=host)
    event = insert(
        TenantEvent,
        {
            "event_id": new_event_id(),
            "endpoint_id": endpoint_id,
            "tenant_id": change.tenant_id,
            "is_test": change.is_test,
            "kind": change.kind,
            "subject_id": change.subject_id,
            "sequence": change.sequence,
            "order_no": change.order_no,
            "external_order_no": change.external_order_no,
            "event_type": change.event_type,
            "content": {
                "status": change.status,
                "status_text": change.status_text,
                "rider_name": change.rider_name,
                "rider_phone": change.rider_phone,
                **change.more,
            },
            "url": change.url,
            "status": EventStatus.WAITING,
            "due_at": None if _earlier_waits(change) else change.occurred_at,
            "occurred_at": change.occurred_at,
            # When it is written, so that keys and times agree for who reads on from a key.
            "created_at": timezone.now(),
        },
    )
    _wake_after_commit(endpoint_id)
    return event


def _earlier_waits(change: Change) -> bool:
    """Whether an earlier event of the order is still to be delivered.

    Asked under lock: whoever finishes that one meanwhile waits for us and then makes ours due.
    """
    if change.sequence == 1:
        return False
    earlier = TenantEvent.objects.filter(
        kind=change.kind, subject_id=change.subject_id, sequence__lt=change.sequence,
        status=EventStatus.WAITING,
    )  # fmt: skip
    return bool(earlier.select_for_update().values_list("pk", flat=True).order_by("sequence")[:1])


def endpoint_for(*, tenant_id: int, is_test: bool, host: str = "") -> int:
    """The key of the endpoint (made where there is none); kept, since it never changes.

    Not by a transaction that made one: what is rolled back would be remembered, and events owed
    where nobody looks.
    """
    names = {"tenant_id": tenant_id, "is_test": is_test, "host": host}

    def read() -> int | None:
        return CallbackEndpoint.objects.filter(**names).values_list("pk", flat=True).first()

    block = _outermost_block(transaction.get_connection())
    unsure = block is not None and block in _makers
    known = read() if unsure else _endpoints.get((tenant_id, is_test, host), read)
    if known is not None:
        return known
    if host:
        # The tenant's own is made first: a row that is not there cannot be locked.
        endpoint_for(tenant_id=tenant_id, is_test=is_test)
    if block is not None:
        _makers.add(block)
    at = timezone.now()
    fresh = CallbackEndpoint(**names, created_at=at, **paused_from_the_start(names, at))
    CallbackEndpoint.objects.bulk_create([fresh], ignore_conflicts=True)
    made = read()
    assert made is not None  # noqa: S101 - ours or another's, it is there now
    return made


def _outermost_block(connection: Any) -> Any:
    """The transaction we are in, if any; a test case's own is none."""
    for block in connection.atomic_blocks:
        if not getattr(block, "_from_testcase", False):
            return block
    return None


class _Waking:
    """The endpoints that a transaction owes something, woken once it is through.

    A savepoint rolled back takes with it what was to be done on its behalf. So each savepoint that
    owes asks for a waking of its own; all share the endpoints, and the first that is left wakes
    them. What was owed to one of them may be undone: it is looked at, and has nothing due.
    """

    def __init__(self, endpoint_ids: set[int]) -> None:
        self.endpoint_ids = endpoint_ids

    def wake(self) -> None:
        """All of them in one statement."""
        if self.endpoint_ids:
            endpoint_ids = set(self.endpoint_ids)
            self.endpoint_ids.clear()
            wake_endpoints(endpoint_ids)


def _wake_after_commit(endpoint_id: int) -> None:
    """Once per endpoint and transaction, whatever it moves."""
    connection = transaction.get_connection()
    if _outermost_block(connection) is None:
        wake_endpoints({endpoint_id})
        return
    endpoint_ids = {endpoint_id}
    # What is still to be done after this very transaction, as Django knows it.
    for savepoints, hook, _robust in reversed(connection.run_on_commit):
        waking = getattr(hook, "__self__", None)
        if isinstance(waking, _Waking):
            endpoint_ids = waking.endpoint_ids
            endpoint_ids.add(endpoint_id)
            if savepoints.issubset(connection.savepoint_ids):
                return
            break
    connection.on_commit(_Waking(endpoint_ids).wake, robust=True)


def wake_endpoints(endpoint_ids: set[int]) -> None:
    """Have idle endpoints looked at now; one in a worker's hands looks again by itself.

    Where this is lost, the sweep finds them.
    """
    now = timezone.now()
    idle = Q(due_at=None) | Q(due_at__gt=now)
    rows = CallbackEndpoint.objects.filter(
        idle, pk__in=endpoint_ids, lease_token=None, paused_at=None
    )
    again_if_deadlocked(lambda: rows.update(due_at=now))
    hand_over(CALLBACKS_TASK)

"""What became of a turn is written at once: its events, whom they held up, and their endpoint.

An event's row is locked before it is finished, so that whoever owes the order's next one either
waits and finds nothing before it, or was first and is found here (see `owing`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from accounts.models import TenantEvent
from accounts.services.outbox.bearing import Bearing, bear
from accounts.services.outbox.schedule import (
    REFUSALS_BEFORE_PASSING,
    TRIES_OF_A_TEST,
    draw_jitter,
    next_try,
)
from accounts.states import AttemptOutcome, EventStatus
from config.kernel.rows import update

if TYPE_CHECKING:
    from accounts.models import CallbackEndpoint
    from accounts.services.outbox.calling import Sent

OPEN = (EventStatus.WAITING, EventStatus.PASSED)
#: What is set on the endpoint here. Claims of a row that is never done are not tries of it.
WRITES = (
    "attempts", "slow", "failures", "failing_since", "last_attempt_at", "last_success_at",
    "paused_at", "paused_reason",
)  # fmt: skip


class _Known(NamedTuple):
    """An event as it is now, under lock: as much of it as its outcome needs."""

    id: int
    kind: str
    subject_id: int
    status: str
    attempts: int
    refusals: int
    first_attempt_at: datetime | None


@dataclass(frozen=True, slots=True)
class Turn:
    """What one claim of an endpoint came to, in order; `nowhere` are keys of events without URL."""

    sent: list[Sent] = field(default_factory=list)
    nowhere: list[int] = field(default_factory=list)


def apply_turn(endpoint: CallbackEndpoint, turn: Turn, at: datetime) -> datetime | None:
    """Write it all; returns when the endpoint is due next.

    `endpoint` is locked. An event that somebody finished or tried meanwhile is left as it is.
    """
    endpoint.attempts = 0
    bearing = bear(endpoint, turn.sent, at)
    keys = [*(sent.pk for sent in turn.sent), *turn.nowhere]
    if keys:
        _apply(turn, keys, bearing, at)
        if bearing.recovered:
            _bring_forward(endpoint, at)
    if endpoint.paused_at is not None:
        return None
    waiting = TenantEvent.objects.filter(endpoint_id=endpoint.pk, due_at__isnull=False)
    due = waiting.order_by("due_at").values_list("due_at", flat=True).first()
    # One with more to send than a turn holds goes to the end of the line, not to its head.
    return None if due is None else max(due, bearing.rests_until or at)


def _apply(turn: Turn, keys: list[int], bearing: Bearing, at: datetime) -> None:
    locked = TenantEvent.objects.select_for_update().filter(pk__in=keys, status__in=OPEN)
    rows = locked.order_by("pk").values_list(*_Known._fields)
    events = {known.id: known for known in map(_Known._make, rows)}
    sent = [
        one for one in turn.sent
        if one.pk in events and events[one.pk].attempts == one.number - 1
    ]  # fmt: skip
    heads_done: list[_Known] = []
    good = [one for one in sent if one.outcome == AttemptOutcome.DELIVERED]
    _finish_delivered(good, events, at)
    heads_done += [events[one.pk] for one in good]
    nowhere = [events[pk] for pk in turn.nowhere if pk in events]
    if nowhere:
        TenantEvent.objects.filter(pk__in=[event.id for event in nowhere]).update(
            status=EventStatus.KEPT, due_at=None
        )
        heads_done += nowhere
    for one in sent:
        if one.outcome != AttemptOutcome.DELIVERED:
            changes = _after_failure(events[one.pk], one, at, paused=bearing.paused)
            update(TenantEvent, {"pk": one.pk}, changes)
            if changes["status"] != events[one.pk].status:
                heads_done.append(events[one.pk])
    # Behind one that was passed over already nobody waits.
    _let_next_go([event for event in heads_done if event.status == EventStatus.WAITING], at)


def _finish_delivered(good: Iterable[Sent], events: Mapping[int, _Known], at: datetime) -> None:
    """Those that end alike with one statement: most were taken at their first try."""
    alike: dict[tuple[int | None, int, datetime], list[int]] = defaultdict(list)
    for one in good:
        first = events[one.pk].first_attempt_at or at
        alike[one.http_status, one.number, first].append(one.pk)
    for (http_status, number, first), pks in alike.items():
        changes: dict[str, Any] = {
            "status": EventStatus.DELIVERED,
            "due_at": None,
            "attempts": number,
            "first_attempt_at": first,
            "delivered_at": at,
            "last_status": http_status,
            "last_error": None,
        }
        if len(pks) == 1:
            update(TenantEvent, {"pk": pks[0]}, changes)
        else:
            TenantEvent.objects.filter(pk__in=pks).update(**changes)


def _after_failure(event: _Known, sent: Sent, at: datetime, *, paused: bool) -> dict[str, Any]:
    first = event.first_attempt_at or sent.at
    refusals = event.refusals + (sent.outcome == AttemptOutcome.REFUSED)
    ended_at = max(sent.at + timedelta(milliseconds=sent.duration_ms), sent.at)
    due_at = next_try(
        first_attempt_at=first, tried_at=sent.at, ended_at=ended_at,
        retry_at=sent.retry_at, jitter=draw_jitter(),
    )  # fmt: skip
    status = event.status
    if sent.trial and (refusals or sent.number >= TRIES_OF_A_TEST):
        status, due_at = EventStatus.EXHAUSTED, None
    elif due_at is None and paused:
        # Its hours begin anew when the endpoint is let go.
        due_at = at
    elif due_at is None:
        status = EventStatus.EXHAUSTED
    elif refusals >= REFUSALS_BEFORE_PASSING:
        status = EventStatus.PASSED
    return {
        "status": status,
        "due_at": due_at,
        "attempts": sent.number,
        "refusals": refusals,
        "first_attempt_at": first,
        "last_status": sent.http_status,
        "last_error": sent.error,
    }


def _let_next_go(done: list[_Known], at: datetime) -> None:
    """Make the first event that still waits of each of these events' orders due."""
    orders: dict[str, set[int]] = defaultdict(set)
    for event in done:
        orders[event.kind].add(event.subject_id)
    following: list[int] = []
    for kind, subjects in orders.items():
        waiting = TenantEvent.objects.filter(
            kind=kind, subject_id__in=subjects, status=EventStatus.WAITING
        )
        rows = waiting.order_by("subject_id", "sequence").values_list("subject_id", "pk", "due_at")
        first: dict[int, tuple[int, datetime | None]] = {}
        for subject_id, pk, due_at in rows:
            first.setdefault(subject_id, (pk, due_at))
        following += [pk for pk, due_at in first.values() if due_at is None]
    if following:
        TenantEvent.objects.filter(pk__in=following, due_at=None).update(due_at=at)


def _bring_forward(endpoint: CallbackEndpoint, at: datetime) -> None:
    """The server is back: what got no answer from it need not wait for its hour."""
    TenantEvent.objects.filter(
        endpoint_id=endpoint.pk, due_at__gt=at, status__in=OPEN, attempts__gt=0, last_status=None
    ).update(due_at=at)

"""Callbacks leave one after another for each endpoint, so that nobody waits for another's server.

An endpoint is the work row. A claim reads what is due at it and sends until one gets no answer or
the turn is over; what became of each is written in one transaction (`outcomes`). Endpoints whose
last call timed out are a job of their own, for a small pool.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from time import monotonic

from django.conf import settings
from django.utils import timezone

from accounts.models import CallbackEndpoint, Tenant, TenantEvent
from accounts.services.outbox.attempts import keep_attempts
from accounts.services.outbox.calling import Recipient, Sent, send_event
from accounts.services.outbox.outcomes import WRITES, Turn, apply_turn
from accounts.states import AttemptOutcome
from config.kernel.rows import read
from config.kernel.work import Job, drain, is_ending

#: Events read, and at most sent, for one claim of their endpoint.
EVENTS_A_TURN = 50
_DEADLINE = float(settings.CALLBACK_DEADLINE_SECONDS)
# No call is begun later than this after the turn's first one.
TURN_SECONDS = _DEADLINE / 2


@dataclass(frozen=True, slots=True)
class _Planned:
    event: TenantEvent
    url: str


def prepare_turn(endpoint: CallbackEndpoint) -> Callable[[], Turn]:
    """Read what is due and whom it is for; a suspended tenant still hears what happened.

    One that was paused while it was in a dead worker's hands sends nothing, and is due no more.
    """
    if endpoint.paused_at is not None:
        return Turn
    now = timezone.now()
    due = {"endpoint_id": endpoint.pk, "due_at__lte": now}
    events = read(TenantEvent, due, order=("due_at", "pk"), most=EVENTS_A_TURN)
    if not events:
        return Turn
    (tenant,) = read(Tenant, {"pk": endpoint.tenant_id})
    recipient = Recipient.of(tenant, now)
    planned = [_Planned(event, event.url or recipient.url) for event in events]
    nowhere = [plan.event.pk for plan in planned if not plan.url]
    somewhere = [plan for plan in planned if plan.url]
    return lambda: Turn(sent=_send_all(somewhere, recipient), nowhere=nowhere)


def _send_all(planned: list[_Planned], recipient: Recipient) -> list[Sent]:
    """Stop where a server gave no answer or wants no more: it is asked again after a rest."""
    ends = monotonic() + TURN_SECONDS
    done: list[Sent] = []
    for plan in planned:
        if done and (monotonic() > ends or is_ending()):
            break
        sent = send_event(plan.event, recipient, plan.url)
        done.append(sent)
        if sent.outcome == AttemptOutcome.NO_ANSWER or sent.gone:
            break
    return done


ENDPOINTS: Job[CallbackEndpoint, Turn] = Job(
    name="endpoints",
    model=CallbackEndpoint,
    deadline=timedelta(seconds=TURN_SECONDS + _DEADLINE),
    lease=timedelta(seconds=2 * (TURN_SECONDS + _DEADLINE)),
    prepare=prepare_turn,
    apply=apply_turn,
    keep_attempt=keep_attempts,
    writes=WRITES,
    # Not `=False`, for which SQLite uses no index.
    only={"slow__in": [False]},
)
SLOW_ENDPOINTS: Job[CallbackEndpoint, Turn] = replace(
    ENDPOINTS, name="slow endpoints", only={"slow__in": [True]}
)


def send_due(*, seconds: float = 50.0, threads: int = 4) -> int:
    """Send here and now what is due, slow endpoints last; returns turns."""
    return sum(drain(job, threads=threads, seconds=seconds) for job in (ENDPOINTS, SLOW_ENDPOINTS))

"""How a tenant's server bears up: a success forgives, silence earns a rest, 72 hours a pause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from accounts.services.outbox.schedule import PAUSED_AFTER, rest_after
from accounts.states import AttemptOutcome

if TYPE_CHECKING:
    from accounts.models import CallbackEndpoint
    from accounts.services.outbox.calling import Sent

GONE_REASON = "对方服务器应答 HTTP 410，表示不再接收，已暂停推送；恢复后，未送达的事件会全部补发。"
SILENT_REASON = "连续 72 小时没有一次成功，已自动暂停推送；恢复后，未送达的事件会全部补发。"
#: A single failure between successes is that one event's affair, not the server's.
FAILURES_OF_A_SERVER = 2


@dataclass(frozen=True, slots=True)
class Bearing:
    """What a turn says of the server: `recovered` after failing, `paused` just now, resting."""

    recovered: bool = False
    paused: bool = False
    rests_until: datetime | None = None


def bear(endpoint: CallbackEndpoint, sent: Sequence[Sent], at: datetime) -> Bearing:
    """Take the turn's calls into the endpoint's figures; changes the object, writes nothing.

    What failed of an order that does not exist counts against nobody; that it arrived, counts.
    """
    failed_before = endpoint.failures
    succeeded = False
    for one in sent:
        endpoint.last_attempt_at = one.at
        endpoint.slow = one.timed_out
        if one.outcome == AttemptOutcome.DELIVERED:
            succeeded = True
            endpoint.failures, endpoint.failing_since = 0, None
            endpoint.last_success_at = one.at
        elif not one.trial:
            endpoint.failures += 1
            endpoint.failing_since = endpoint.failing_since or one.at
    if not sent:
        return Bearing()
    counted = [one for one in sent if not (one.trial and one.outcome != AttemptOutcome.DELIVERED)]
    reason = _reason_to_pause(endpoint, counted[-1]) if counted else None
    if reason is not None:
        endpoint.paused_at, endpoint.paused_reason = endpoint.paused_at or at, reason
        return Bearing(paused=True)
    if sent[-1].outcome == AttemptOutcome.NO_ANSWER:
        return Bearing(rests_until=at + rest_after(max(1, endpoint.failures)))
    return Bearing(recovered=succeeded and failed_before >= FAILURES_OF_A_SERVER)


def _reason_to_pause(endpoint: CallbackEndpoint, last: Sent) -> str | None:
    if last.outcome == AttemptOutcome.DELIVERED:
        return None
    if last.gone:
        return GONE_REASON
    since = endpoint.failing_since
    if since is not None and last.at - since >= PAUSED_AFTER:
        return SILENT_REASON
    return None

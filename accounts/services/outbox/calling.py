"""One call to a tenant's server ends as one of four outcomes and raises nothing.

Runs in a thread that may not use the database.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.services.outbox.answers import GONE, accepted, asked_to_wait_until
from accounts.services.outbox.bodies import event_body, signature_headers
from accounts.services.outbox.targets import TENANTS, refusal_of
from accounts.states import AttemptOutcome
from config.kernel.http import Answer, Forbidden, OutsideError
from config.kernel.masking import mask_body, mask_url
from config.kernel.text import clip

if TYPE_CHECKING:
    from accounts.models import Tenant, TenantEvent

ANSWER_KEPT, URL_KEPT, ERROR_KEPT = 2_048, 500, 300


@dataclass(frozen=True, slots=True)
class Recipient:
    """A tenant as its events need to know it. `secrets` sign, the newest first."""

    url: str
    hosts: frozenset[str]
    ack: str
    zone: ZoneInfo
    secrets: tuple[str, ...]

    @classmethod
    def of(cls, tenant: Tenant, at: datetime) -> Recipient:
        """The tenant as it is at `at`; the former secret signs too until its time is over."""
        own = (urlsplit(tenant.callback_url).hostname or "") if tenant.callback_url else ""
        until = tenant.previous_secret_until
        former = tenant.previous_callback_secret if until is not None and until > at else None
        secrets = filter(None, (tenant.callback_secret, former))
        hosts = frozenset(filter(None, (*tenant.callback_hosts, own)))
        return cls(tenant.callback_url, hosts, tenant.callback_ack, tenant.zone, tuple(secrets))


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one attempt: its `number`, from 1, of the event `pk`.

    `answer`, `error` and `url` are masked and clipped. `retry_at` is what Retry-After asked for.
    """

    pk: int
    number: int
    at: datetime
    url: str
    outcome: AttemptOutcome
    duration_ms: int = 0
    http_status: int | None = None
    answer: str | None = None
    error: str | None = None
    retry_at: datetime | None = None
    timed_out: bool = False

    @property
    def gone(self) -> bool:
        """Whether the server wants no more events, ever."""
        return self.http_status == GONE


def send_event(event: TenantEvent, recipient: Recipient, url: str) -> Sent:
    """Make one attempt at `url`, after asking whether we may."""
    at = timezone.now()
    shown = clip(mask_url(url), URL_KEPT)
    sent = Sent(event.pk, event.attempts + 1, at, shown, AttemptOutcome.FORBIDDEN)
    refusal = refusal_of(url, recipient.hosts)
    if refusal is not None:
        return replace(sent, error=clip(refusal, ERROR_KEPT))
    body = event_body(event, recipient.zone)
    try:
        headers = signature_headers(
            event_id=event.event_id, body=body, at=at, secrets=recipient.secrets
        )
        answer = TENANTS.call("POST", url, data=body, headers=headers)
    except Forbidden as error:
        said = f"回调地址解析到不允许访问的网络地址，请改用公网地址。（{error.detail}）"
        return replace(sent, error=clip(said, ERROR_KEPT))
    except OutsideError as error:
        return replace(
            sent, outcome=AttemptOutcome.NO_ANSWER, error=clip(error.detail, ERROR_KEPT),
            duration_ms=_since(at), timed_out=error.timed_out,
        )  # fmt: skip
    except ValueError as error:
        return replace(sent, error=clip(error, ERROR_KEPT))
    return _answered(sent, answer, recipient.ack)


def _since(at: datetime) -> int:
    return max(0, round((timezone.now() - at).total_seconds() * 1000))


def _answered(sent: Sent, answer: Answer, ack: str) -> Sent:
    good = accepted(ack, answer.status, answer.body)
    masked = mask_body(answer.body, content_type=answer.headers.get("Content-Type", ""))
    return replace(
        sent,
        outcome=AttemptOutcome.DELIVERED if good else AttemptOutcome.REFUSED,
        duration_ms=answer.duration_ms,
        http_status=answer.status,
        answer=clip(masked, ANSWER_KEPT),
        error=None if good else clip(_why_refused(answer.status), ERROR_KEPT),
        retry_at=None if good else asked_to_wait_until(answer.headers, sent.at),
    )


def _why_refused(status: int) -> str:
    if 200 <= status < 300:
        return "应答不是 code 为 0 的 JSON，也不是 success"
    if 300 <= status < 400:
        return f"HTTP {status}：不跟随跳转，请直接填写最终地址"
    return f"HTTP {status}"

"""One call to a tenant's server ends as one of four outcomes and raises nothing.

Runs in a thread that may not use the database.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.events import TEST_KIND
from accounts.services.outbox.answers import GONE, accepted, asked_to_wait_until
from accounts.services.outbox.bodies import event_body, signature_headers
from accounts.services.outbox.targets import TENANTS, refusal_of
from accounts.states import AttemptOutcome
from config.kernel.http import Answer, Forbidden, NotSent, OutsideError
from config.kernel.masking import mask_body, mask_url
from config.kernel.text import clip

if TYPE_CHECKING:
    from accounts.models import Tenant, TenantEvent

log = logging.getLogger(__name__)
ANSWER_KEPT, URL_KEPT, ERROR_KEPT = 2_048, 500, 300
#: Bytes; what is longer is read each time.
SHORT_ANSWER = 300


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

    `answer`, `error` and `url` are masked and clipped. `retry_at` is what Retry-After asked for;
    `trial` one of an order that does not exist, made to try the server.
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
    trial: bool = False

    @property
    def gone(self) -> bool:
        """Whether the server wants no more events, ever."""
        return self.http_status == GONE


def send_event(event: TenantEvent, recipient: Recipient, url: str) -> Sent:
    """Make one attempt at `url`, after asking whether we may."""
    sent = Sent(
        event.pk, event.attempts + 1, timezone.now(), _shown(url),
        AttemptOutcome.FORBIDDEN, trial=event.kind == TEST_KIND,
    )  # fmt: skip
    try:
        return _attempt(sent, event, recipient, url)
    except Exception as error:
        # A defect of ours, or content that is no JSON: it must not cost the turn's other events.
        log.exception("event %s could not be sent", event.event_id)
        said = f"事件无法发出，已记录，请联系平台处理。（{type(error).__name__}）"
        return replace(sent, error=said)


def _attempt(sent: Sent, event: TenantEvent, recipient: Recipient, url: str) -> Sent:
    at = sent.at
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
            sent, outcome=AttemptOutcome.NO_ANSWER,
            error=clip(_why_no_answer(error), ERROR_KEPT),
            duration_ms=_since(at), timed_out=error.timed_out,
        )  # fmt: skip
    return _answered(sent, answer, recipient.ack)


def _since(at: datetime) -> int:
    return max(0, round((timezone.now() - at).total_seconds() * 1000))


def _answered(sent: Sent, answer: Answer, ack: str) -> Sent:
    read = _read if len(answer.body) <= SHORT_ANSWER else _read.__wrapped__
    good, masked = read(ack, answer.status, answer.body, answer.headers.get("Content-Type", ""))
    return replace(
        sent,
        outcome=AttemptOutcome.DELIVERED if good else AttemptOutcome.REFUSED,
        duration_ms=answer.duration_ms,
        http_status=answer.status,
        answer=masked,
        error=None if good else clip(_why_refused(answer.status), ERROR_KEPT),
        retry_at=None if good else asked_to_wait_until(answer.headers, sent.at),
    )


@lru_cache(maxsize=1_000)
def _read(ack: str, status: int, body: bytes, content_type: str) -> tuple[bool, str]:
    """Whether it is taken, and how it is shown. Servers say the same two or three things."""
    masked = mask_body(body, content_type=content_type)
    return accepted(ack, status, body), clip(masked, ANSWER_KEPT)


@lru_cache(maxsize=1_000)
def _shown(url: str) -> str:
    return clip(mask_url(url), URL_KEPT)


def _why_no_answer(error: OutsideError) -> str:
    if error.timed_out:
        said = "没有及时收到应答，请检查服务器是否可达、能否先应答再处理"
    elif isinstance(error, NotSent):
        said = "连接不上，请检查域名、端口与证书"
    else:
        said = "没有收到完整的应答，请检查是否中途断开或应答超过 64 KB"
    return f"{said}。（{error.detail}）"


def _why_refused(status: int) -> str:
    if 200 <= status < 300:
        return "应答不是 code 为 0 的 JSON，也不是 success"
    if 300 <= status < 400:
        return f"HTTP {status}：不跟随跳转，请直接填写最终地址"
    return f"HTTP {status}"

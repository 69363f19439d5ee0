"""Says what is wrong with a signature that a tenant's developer could not verify; never a secret.

Not a single byte of a secret leaves here, and of the right signature only its beginning: who can
ask here still cannot sign in our name.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, cast

from accounts.models import Tenant, TenantEvent
from accounts.services.outbox.bodies import event_body
from accounts.services.outbox.signing import SECRET_PREFIX, VERSION, sign, verify
from config.kernel.errors import Missing

WINDOW_SECONDS = 300
HINT_LENGTH = 9
REASONS = {
    "ok": "签名正确。",
    "ok_previous_secret": "签名正确，但用的是轮换前的密钥；请在其失效前换用新密钥。",
    "timestamp_malformed": "webhook-timestamp 应为 10 位左右的秒级 Unix 时间戳。",
    "timestamp_milliseconds": "webhook-timestamp 应以秒为单位，收到的似乎是毫秒。",
    "timestamp_stale": "签名正确，但时间戳与当前时间相差超过 5 分钟；"
    "请核对服务器时间，若是重放旧请求则属正常。",
    "signature_malformed": "webhook-signature 应为“v1,”加 Base64；多个签名以空格分隔。",
    "secret_expired": "签名用的是已失效的旧密钥，请换用当前密钥。",
    "secret_not_decoded": "算法正确，但密钥用错：请去掉 whsec_ 前缀，"
    "再做 Base64 解码，以所得字节作为 HMAC 密钥。",
    "signature_in_hex": "签名值正确，但应以 Base64 编码，而不是十六进制。",
    "content_wrong": "密钥正确，但签名内容有误："
    "应为“webhook-id.webhook-timestamp.请求体”，以点连接。",
    "body_changed": "签名与我们发出的请求体一致，但您提交的请求体不同："
    "请用收到的原始字节校验，不要先解析 JSON 再重新序列化。",
    "mismatch": "签名不符：请核对密钥是否为当前的 callback_secret，并以收到的原始请求体校验。",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reason` is a key of REASONS; `hint` the beginning of the signature it should have been."""

    valid: bool
    reason: str
    hint: str | None

    @property
    def text(self) -> str:
        """The reason in words, with what to do."""
        return REASONS[self.reason]


@dataclass(frozen=True, slots=True)
class Signed:
    """What a tenant's server received: the three headers, and the body's bytes."""

    event_id: str
    timestamp: str
    signature: str
    body: bytes


def verify_signature(*, tenant_id: int, is_test: bool, signed: Signed, at: datetime) -> Verdict:
    """Compare as a receiver should, and where that fails with the mistakes that are often made.

    :raises Missing: no such tenant.
    """
    tenant = Tenant.objects.filter(pk=tenant_id).first()
    if tenant is None:
        raise Missing
    reason = _form(signed, at)
    if reason is not None:
        return Verdict(valid=False, reason=reason, hint=None)
    stamp = int(signed.timestamp)
    hint = sign(tenant.callback_secret, signed.event_id, stamp, signed.body)[:HINT_LENGTH] + "…"
    reason = _matched(tenant, signed, at)
    if reason is None:
        reason = _mistake(tenant, signed, sent=_sent_body(tenant, signed, is_test=is_test))
        return Verdict(valid=False, reason=reason, hint=hint)
    if reason != "secret_expired" and abs(at.timestamp() - stamp) > WINDOW_SECONDS:
        reason = "timestamp_stale"
    return Verdict(valid=reason.startswith("ok"), reason=reason, hint=hint)


def _form(signed: Signed, at: datetime) -> str | None:
    digits = signed.timestamp
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 15):
        return "timestamp_malformed"
    if int(digits) > 100 * at.timestamp():
        return "timestamp_milliseconds"
    if not any(text.startswith(f"{VERSION},") for text in signed.signature.split()):
        return "signature_malformed"
    return None


def _matched(tenant: Tenant, signed: Signed, at: datetime) -> str | None:
    """Which of the tenant's secrets made it."""
    if _made_by(tenant.callback_secret, signed, signed.body):
        return "ok"
    previous: str | None = cast("Any", tenant.previous_callback_secret)
    until = tenant.previous_secret_until
    if previous is None or not _made_by(previous, signed, signed.body):
        return None
    return "ok_previous_secret" if until is not None and until > at else "secret_expired"


def _made_by(secret: str, signed: Signed, body: bytes) -> bool:
    return verify(secret, signed.event_id, int(signed.timestamp), body, signed.signature)


def _mistake(tenant: Tenant, signed: Signed, *, sent: bytes | None) -> str:
    secrets = [tenant.callback_secret, *filter(None, [tenant.previous_callback_secret])]
    if sent is not None and any(_made_by(secret, signed, sent) for secret in secrets):
        return "body_changed"
    given = {text.partition(",")[2] for text in signed.signature.split()}
    for secret in secrets:
        for reason, value in _often_made(secret, signed):
            if any(hmac.compare_digest(value.encode(), text.encode()) for text in given):
                return reason
    return "mismatch"


def _often_made(secret: str, signed: Signed) -> Iterator[tuple[str, str]]:
    """Signatures as they come out by mistake, each with its reason."""
    bare = secret.removeprefix(SECRET_PREFIX)
    key = base64.b64decode(bare)
    head, body = f"{signed.event_id}.{signed.timestamp}.".encode(), signed.body
    for wrong in (secret.encode(), bare.encode()):
        yield "secret_not_decoded", _base64(wrong, head + body)
    yield "signature_in_hex", hmac.new(key, head + body, sha256).hexdigest()
    stamp = signed.timestamp.encode()
    for content in (body, stamp + b"." + body, head.replace(b".", b"") + body, head[:-1] + body):
        yield "content_wrong", _base64(key, content)


def _base64(key: bytes, content: bytes) -> str:
    return base64.b64encode(hmac.new(key, content, sha256).digest()).decode()


def _sent_body(tenant: Tenant, signed: Signed, *, is_test: bool) -> bytes | None:
    """What we sent under this id, where it is the tenant's."""
    events = TenantEvent.objects.filter(tenant_id=tenant.pk, is_test__in=[is_test])
    event = events.filter(event_id=signed.event_id).first()
    return None if event is None else event_body(event, tenant.zone)

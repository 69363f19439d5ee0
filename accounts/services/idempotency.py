"""The same request under the same key has one effect and one answer for 24 hours.

A key is claimed in a row of its own before the work and holds a lease: a process that dies
leaves the key running for a minute, after which the request may be sent again. What must not
happen twice even then carries `Claim.effect_key` in a unique column of its own.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from django.db import IntegrityError
from rest_framework.utils.encoders import JSONEncoder

from accounts.errors import IdempotencyMismatch, IdempotencyRunning
from accounts.models import IdempotencyKey
from config.kernel.errors import Malformed

LEASE = timedelta(seconds=60)
KEPT = timedelta(hours=24)
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


@dataclass(frozen=True, slots=True)
class Claim:
    """A key held by this request."""

    row_id: int
    tenant_id: int
    key: str
    lock_token: str

    def effect_key(self, part: str = "") -> str:
        """64 hex digits that name this request's effect (or one `part` of it) for ever."""
        text = f"{self.tenant_id}\n{self.key}\n{part}"
        return hashlib.sha256(text.encode()).hexdigest()


class Replay(Exception):
    """The stored answer of the first request."""

    def __init__(self, status_code: int, answer: Any) -> None:
        super().__init__(status_code)
        self.status_code = status_code
        self.answer = answer


def claim_key(
    *,
    tenant_id: int,
    key: str,
    method: str,
    target: str,
    body: bytes,
    at: datetime,
    is_test: bool = False,
) -> Claim:
    """Claim `key` for this request.

    :raises Replay: the request was answered before.
    :raises IdempotencyMismatch: the key belongs to another method, target or body.
    :raises IdempotencyRunning: the first one is still running.
    :raises Malformed: the key is not 1–255 printable ASCII characters.
    """
    if not _KEY.fullmatch(key):
        raise Malformed(fields={"Idempotency-Key": ["应为 1 到 255 个可见 ASCII 字符。"]})
    if is_test:
        key = f"test {key}"  # a live key holds no blank: the two modes never meet
    request_hash = hashlib.sha256(f"{method}\n{target}\n".encode() + body).hexdigest()
    token = secrets.token_hex(16)
    IdempotencyKey.objects.filter(tenant_id=tenant_id, key=key, created_at__lt=at - KEPT).delete()
    try:
        row = IdempotencyKey.objects.create(
            tenant_id=tenant_id, key=key, request_hash=request_hash,
            locked_until=at + LEASE, lock_token=token, created_at=at,
        )  # fmt: skip
    except IntegrityError:
        return _second_claim(tenant_id, key, request_hash, token, at)
    return Claim(row.pk, tenant_id, key, token)


def _second_claim(tenant_id: int, key: str, request_hash: str, token: str, at: datetime) -> Claim:
    row = IdempotencyKey.objects.filter(tenant_id=tenant_id, key=key).first()
    if row is None:  # released between our insert and our look
        raise IdempotencyRunning(retry_after=1)
    if row.request_hash != request_hash:
        raise IdempotencyMismatch
    if row.status_code is not None:
        sealed: str | None = cast("Any", row.sealed_answer)
        raise Replay(row.status_code, row.answer if sealed is None else json.loads(sealed))
    taken_over = IdempotencyKey.objects.filter(
        pk=row.pk, status_code=None, lock_token=row.lock_token, locked_until__lt=at
    ).update(lock_token=token, locked_until=at + LEASE)
    if not taken_over:
        raise IdempotencyRunning(retry_after=1)
    return Claim(row.pk, tenant_id, key, token)


def keep_answer(*, claim: Claim, status_code: int, answer: Any, sealed: bool = False) -> bool:
    """Store a 2xx answer to be replayed; `sealed` ones show a secret and are encrypted.

    False where the key is ours no more: its lease ran out and another request took it over.
    """
    text = json.dumps(answer, cls=JSONEncoder)
    kept = {"sealed_answer": text} if sealed else {"answer": json.loads(text)}
    rows = IdempotencyKey.objects.filter(pk=claim.row_id, lock_token=claim.lock_token)
    return rows.update(status_code=status_code, locked_until=None, **kept) == 1


def release_key(*, claim: Claim) -> None:
    """Forget a key whose request was refused."""
    IdempotencyKey.objects.filter(pk=claim.row_id, lock_token=claim.lock_token).delete()


def prune_keys(*, at: datetime) -> int:
    """Delete the keys whose 24 hours are over; returns how many."""
    return IdempotencyKey.objects.filter(created_at__lt=at - KEPT).delete()[0]

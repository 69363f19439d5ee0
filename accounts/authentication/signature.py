r"""A signed request proves its tenant: key id, fresh timestamp, unused nonce, HMAC over the bytes.

Signed is `METHOD\nTARGET\nTIMESTAMP\nNONCE\nhex(SHA256(body))`, HMAC-SHA256 with the API
secret, lower-case hex (CONTRACT section 2). Vector: secret `sk_test`, POST,
`/api/v1/express-orders`, 1771200000, `n-1`, body `{}` gives
05604bf50d1c1bab92c45df8f525591fa59445c2d2ee7419ff5f7ef3d65b6027.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication

from accounts.errors import NonceReused, SignatureInvalid, TenantSuspended, TimestampStale
from accounts.models import ApiCredential, RequestNonce
from accounts.states import CredentialStatus, Mode, TenantStatus
from config.kernel.keeping import Kept
from config.kernel.rows import insert

if TYPE_CHECKING:
    from rest_framework.request import Request

WINDOW_SECONDS = 300
CACHE_SECONDS = 30
_NONCE = re.compile(r"[\x21-\x7e]{1,64}")


@dataclass(frozen=True, slots=True)
class TenantCaller:
    """The tenant behind a request, as DRF's user."""

    tenant_id: int
    platform_code: str
    name: str
    zone: ZoneInfo
    suspended: bool
    is_test: bool
    key_id: str
    credential_id: int
    requests_per_minute: int | None = None
    is_authenticated: bool = True
    is_staff: bool = False

    @property
    def pk(self) -> str:
        """What identifies the caller in logs."""
        return self.key_id


def signature(
    secret: str, *, method: str, target: str | bytes, timestamp: str, nonce: str, body: bytes
) -> str:
    """The signature a request must carry."""
    digest = hashlib.sha256(body).hexdigest()
    raw = target.encode() if isinstance(target, str) else target
    lines = (method.upper().encode(), raw, timestamp.encode(), nonce.encode(), digest.encode())
    return hmac.new(secret.encode(), b"\n".join(lines), hashlib.sha256).hexdigest()


_callers: Kept[tuple[TenantCaller, str] | None] = Kept(CACHE_SECONDS)
# What `external.py` knows of a tenant.
known_by_code: Kept[Any] = Kept(CACHE_SECONDS)


def _caller(key_id: str) -> tuple[TenantCaller, str] | None:
    """The caller and secret of an active key; at most 30 s stale, a revocation included."""
    return _callers.get(key_id, lambda: _read_caller(key_id))


def _read_caller(key_id: str) -> tuple[TenantCaller, str] | None:
    row = (
        ApiCredential.objects.select_related("tenant")
        .filter(key_id=key_id, status=CredentialStatus.ACTIVE)
        .first()
    )
    if row is None:
        return None
    return caller_of(row), row.secret


def caller_of(row: ApiCredential) -> TenantCaller:
    """The caller that a credential (read with its tenant) proves."""
    return TenantCaller(
        tenant_id=row.tenant_id,
        platform_code=row.tenant.platform_code,
        name=row.tenant.name,
        zone=row.tenant.zone,
        suspended=row.tenant.status != TenantStatus.ENABLED,
        is_test=row.mode == Mode.TEST,
        key_id=row.key_id,
        credential_id=row.pk,
        requests_per_minute=row.tenant.requests_per_minute,
    )


def forget_cached_credentials() -> None:
    """Read every credential from the database again."""
    _callers.forget()
    known_by_code.forget()


class TenantSignature(BaseAuthentication):
    """`X-Tonglu-Key`, `-Timestamp`, `-Nonce`, `-Signature`."""

    def authenticate(self, request: Request) -> tuple[TenantCaller, str] | None:
        """Return the caller, None without the headers.

        :raises SignatureInvalid, TimestampStale, NonceReused: 401.
        :raises TenantSuspended: 403.
        """
        headers = request.headers
        key_id = headers.get("X-Tonglu-Key")
        if key_id is None:
            return None
        stamp = headers.get("X-Tonglu-Timestamp", "")
        nonce = headers.get("X-Tonglu-Nonce", "")
        given = headers.get("X-Tonglu-Signature", "")
        if not _NONCE.fullmatch(nonce) or not re.fullmatch(r"[0-9]{1,12}", stamp):
            raise SignatureInvalid
        found = _caller(key_id)
        secret = found[1] if found else "unknown key: compare all the same, in the same time"
        # A server hands the query's bytes over as latin-1: signed is what was sent.
        query = request.META.get("QUERY_STRING", "").encode("latin-1", "replace")
        target = request.path.encode("utf-8", "replace") + (b"?" + query if query else b"")
        expected = signature(
            secret,
            method=str(request.method),
            target=target,
            timestamp=stamp,
            nonce=nonce,
            body=request._request.body,
        )
        valid = hmac.compare_digest(expected.encode(), given.encode())
        if found is None or not valid:
            raise SignatureInvalid
        caller = found[0]
        now = timezone.now()
        if abs(now.timestamp() - int(stamp)) > WINDOW_SECONDS:
            raise TimestampStale
        try:
            insert(
                RequestNonce,
                {"credential_id": caller.credential_id, "nonce": nonce, "created_at": now},
            )
        except IntegrityError:
            raise NonceReused from None
        if caller.suspended:
            raise TenantSuspended
        return caller, key_id

    def authenticate_header(self, request: Any) -> str:
        """A missing proof is 401, not 403."""
        return "Tonglu"

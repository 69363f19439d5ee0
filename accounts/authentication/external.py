"""`/api/external` (S000): a tenant by its signature, or by platform code and secret in the message.

A secret is compared with every one that the tenant has, in the same time whether it has any; an
unknown tenant is answered like a wrong secret. What is wrong is counted by tenant and by address:
after ten in five minutes the address gets no further, whatever it knows. A right secret opens from
other addresses all the same: it cannot be guessed, and else anybody who knows a platform code could
lock its tenant out. The tenant's list of addresses binds secrets in messages alone, which may be
read on the way: a signature opens from anywhere.
"""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication

from accounts.authentication.doors import IsTenant
from accounts.authentication.known_secrets import Known, compared, read_known, take_as_long
from accounts.authentication.limits import LimitedDoor
from accounts.authentication.signature import TenantCaller, TenantSignature, known_by_code
from accounts.authentication.tokens import PersonToken
from accounts.errors import AddressNotAllowed, SecretInvalid, TenantSuspended
from accounts.services.security import count_one, log_unverified
from config.kernel.api.addresses import client_address
from config.kernel.api.envelope import as_refusal
from config.kernel.encryption import lookup_hash
from config.kernel.errors import Conflict, Malformed, Missing, Rejected, Throttled

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.response import Response

log = logging.getLogger(__name__)
WRONG_TRIES, WINDOW_SECONDS = 10, 300
LONGEST = 200
MOST_NAMED = 5
# What S000's clients look for in the body rather than in the status.
BUSINESS = (Rejected, Conflict, Missing)


class TooManyWrong(Throttled):
    """As any 429, but for a reason that waiting alone does not mend."""

    message = "密钥错误次数过多，本地址暂停 5 分钟：请核对 platform_code 与 api_secret 后再试。"


class PlatformSecret(BaseAuthentication):
    """`platform_code` and `api_secret` in the JSON body or the query."""

    def authenticate(self, request: Request) -> tuple[TenantCaller, str] | None:
        """Return the caller, None where neither is in the message.

        :raises SecretInvalid: 401. :raises Throttled: too many wrong ones.
        :raises TenantSuspended, AddressNotAllowed: 403.
        """
        code, secret = _said(request, "platform_code"), _said(request, "api_secret")
        if code is None and secret is None:
            return None
        address = client_address(request._request)
        caller, known = _proven(code or "", secret or "", address)
        if caller.suspended:
            raise TenantSuspended
        if known.networks and not _within(address, known.networks):
            raise AddressNotAllowed(address=address or "未知")
        return caller, caller.key_id

    def authenticate_header(self, request: Any) -> str:
        """A missing proof is 401, not 403."""
        return "Tonglu"


class ExternalDoor(LimitedDoor):
    """`/api/external`: business refusals are answered as HTTP 200 with `code` ≠ 0 (S000 3.1)."""

    authentication_classes = (TenantSignature, PlatformSecret, PersonToken)
    permission_classes = (IsTenant,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """After identity, count the request.

        :raises OverLimit: 429, with when to come back.
        """
        super().initial(request, *args, **kwargs)
        caller = self.caller
        limit = caller.requests_per_minute or settings.EXTERNAL_REQUESTS_PER_MINUTE
        self.count(tenant_id=caller.tenant_id, is_test=caller.is_test, limit=limit)

    @property
    def caller(self) -> TenantCaller:
        """The tenant that sent this request."""
        return cast("TenantCaller", self.request.user)

    def handle_exception(self, exc: Exception) -> Response:
        """What our present state refuses is said in the body alone, and all in its message."""
        response = super().handle_exception(exc)
        refusal = as_refusal(exc)
        if isinstance(refusal, BUSINESS):
            response.status_code = 200
        if type(refusal) is Malformed and refusal.fields:
            response.data["message"] = _in_one_line(refusal)
        return response


def _in_one_line(refusal: Malformed) -> str:
    """S000's client shows the message and nothing else: it names the fields at fault."""
    said = [f"{name}：{texts[0]}" for name, texts in list(refusal.fields.items())[:MOST_NAMED]]
    return "请求内容有误：" + "".join(said)


def _said(request: Request, name: str) -> str | None:
    """The field in the body, else in the query.

    :raises Malformed: it is no text.
    """
    body = request.data if isinstance(request.data, Mapping) else {}
    value = body.get(name)
    if value is None:
        value = request.query_params.get(name)
    if value is not None and (not isinstance(value, str) or len(value) > LONGEST):
        raise Malformed(fields={name: [f"必须是不超过 {LONGEST} 个字符的字符串。"]})
    return value


def _proven(code: str, secret: str, address: str) -> tuple[TenantCaller, Known]:
    """Who this is, read again from the database where what is kept does not prove it."""
    if address and _counted(_address_key(address)) >= WRONG_TRIES:
        raise TooManyWrong(retry_after=WINDOW_SECONDS)
    known: Known | None = known_by_code.get(code, lambda: None)
    given = lookup_hash(secret).encode()
    caller = compared(known, given)
    if caller is None or known is None:
        # One read for a wrong secret as for an unknown tenant; a new secret opens at once.
        known_by_code.drop(code)
        known = known_by_code.get(code, lambda: read_known(code))
        caller = compared(known, given)
    if caller is None or known is None:
        take_as_long(known)
        raise _wrong(code, address)
    return caller, known


def _wrong(code: str, address: str) -> SecretInvalid | Throttled:
    """Count it, and have it in the security log: the code's digest, never the secret."""
    digest = lookup_hash(code)
    keys = [f"external:code:{digest}", *([_address_key(address)] if address else [])]
    counts = [count_one(key, WINDOW_SECONDS) for key in keys]
    log_unverified(
        door="external", reason="secret_invalid", address=address, digest=digest, at=timezone.now()
    )
    if max(counts) > WRONG_TRIES:
        return TooManyWrong(retry_after=WINDOW_SECONDS)
    return SecretInvalid()


def _counted(key: str) -> int:
    """Nothing where the cache is away: it protects, and proves nothing."""
    try:
        return int(cache.get(key, 0))
    except Exception as exc:  # noqa: BLE001 - whatever client the cache has
        log.warning("wrong secrets could not be counted: %s", type(exc).__name__)
        return 0


def _address_key(address: str) -> str:
    return f"external:address:{address}"


def _within(
    address: str, networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]
) -> bool:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    plain = getattr(ip, "ipv4_mapped", None) or ip
    return any(plain in network for network in networks)

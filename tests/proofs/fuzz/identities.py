"""Who sends a request: proofs of identity made over the very bytes that leave."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from requests import PreparedRequest
from requests.auth import AuthBase

# A sender of its own each time: the login throttle counts by address.
_addresses = itertools.count(1)


def _from_somewhere(request: PreparedRequest) -> PreparedRequest:
    number = next(_addresses)
    request.headers["X-Forwarded-For"] = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
    return request


class Nobody(AuthBase):
    """No proof at all."""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        return _from_somewhere(request)


@dataclass(frozen=True)
class Tenant(AuthBase):
    """CONTRACT section 2: HMAC over method, unescaped path, query as sent, and the body."""

    key_id: str
    secret: str

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        path, _, query = request.path_url.partition("?")
        target = unquote_to_bytes(path) + (f"?{query}".encode() if query else b"")
        body = request.body or b""
        raw = body.encode() if isinstance(body, str) else body
        stamp, nonce = str(int(time.time())), uuid.uuid4().hex
        digest = hashlib.sha256(raw).hexdigest()
        lines = [str(request.method).encode(), target, *map(str.encode, (stamp, nonce, digest))]
        signature = hmac.new(self.secret.encode(), b"\n".join(lines), hashlib.sha256)
        request.headers["X-Tonglu-Key"] = self.key_id
        request.headers["X-Tonglu-Timestamp"] = stamp
        request.headers["X-Tonglu-Nonce"] = nonce
        request.headers["X-Tonglu-Signature"] = signature.hexdigest()
        return _from_somewhere(request)


@dataclass(frozen=True)
class Operator(AuthBase):
    """A token for each request, since one request may end the token it carries."""

    issue: Callable[[], str]

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.issue()}"
        return _from_somewhere(request)

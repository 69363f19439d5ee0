"""A tenant's system: signs as CONTRACT section 2 says, with code of its own."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
import uuid
from typing import Any

from django.test import Client


class TenantClient:
    """Sends signed requests through Django's test client."""

    def __init__(self, key_id: str, secret: str) -> None:
        self.key_id, self.secret = key_id, secret
        self.http = Client(raise_request_exception=False)

    def headers(
        self,
        method: str,
        target: str,
        body: bytes,
        *,
        nonce: str | None = None,
        stamp: int | None = None,
    ) -> dict[str, str]:
        stamp = int(time.time()) if stamp is None else stamp
        nonce = nonce or uuid.uuid4().hex
        text = f"{method}\n{target}\n{stamp}\n{nonce}\n{hashlib.sha256(body).hexdigest()}"
        signature = hmac.new(self.secret.encode(), text.encode(), hashlib.sha256).hexdigest()
        return {
            "X-Tonglu-Key": self.key_id,
            "X-Tonglu-Timestamp": str(stamp),
            "X-Tonglu-Nonce": nonce,
            "X-Tonglu-Signature": signature,
        }

    def send(
        self,
        method: str,
        target: str,
        data: Any = None,
        *,
        raw: bytes | None = None,
        content_type: str = "application/json",
        extra: dict[str, str] | None = None,
        **signing: Any,
    ) -> Any:
        body = raw if raw is not None else b"" if data is None else json.dumps(data).encode()
        headers = self.headers(method, target, body, **signing) | (extra or {})
        return self.http.generic(method, target, body, content_type, headers=headers)

    def get(self, target: str, **more: Any) -> Any:
        return self.send("GET", target, **more)

    def post(self, target: str, data: Any, **more: Any) -> Any:
        return self.send("POST", target, data, **more)

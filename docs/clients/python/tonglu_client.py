"""A client for /api/v1 in one file: copy it. Python 3.9 or newer, nothing to install.

tonglu = Tonglu("https://tonglu.example", "ak_…", "sk_…")
order = tonglu.create_delivery({"external_order_no": "NC20260221A001", …})
event = verify_callback("whsec_…", request.headers, request.body)
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

TRY_AGAIN = (429, 502, 503, 504)
RUNNING = 2021  # the first request under this Idempotency-Key has not answered yet


class TongluError(Exception):
    """Refused. `message` is Chinese, for people; `error` is a word, for programs."""

    def __init__(self, status: int, answer: Mapping[str, Any], wait: str | None = None) -> None:
        self.status, self.code = status, answer.get("code", -1)
        self.passing = status in TRY_AGAIN or self.code == RUNNING
        self.wait = min(int(wait), 60) if wait and wait.isdecimal() else 1
        self.error, self.message = answer.get("error"), answer.get("message", "")
        self.fields = (answer.get("data") or {}).get("errors", {})
        super().__init__(f"{status} {self.error}: {self.message} {self.fields or ''}".rstrip())


class NotFromTonglu(ValueError):
    """A callback that does not verify: answer 401 and change nothing."""


def sign(secret: str, method: str, target: str, timestamp: int, nonce: str, body: bytes) -> str:
    """Lower-case hex HMAC-SHA256 over five lines; `target` is path and query, exactly as sent."""
    digest = hashlib.sha256(body).hexdigest()
    text = f"{method}\n{target}\n{timestamp}\n{nonce}\n{digest}"
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def verify_callback(
    secrets: str | list[str], headers: Mapping[str, str], body: bytes, *, now: float | None = None
) -> dict[str, Any]:
    """Return the event if one of the `whsec_…` secrets signed these very bytes (never re-encode).

    :raises NotFromTonglu: a header is missing, the time is off, or no signature matches.
    """
    names = {name.lower(): value for name, value in headers.items()}
    try:
        identity, stamp = names["webhook-id"], names["webhook-timestamp"]
        given = [part[3:] for part in names["webhook-signature"].split() if part[:3] == "v1,"]
        age = abs((time.time() if now is None else now) - int(stamp))
    except (KeyError, ValueError):
        raise NotFromTonglu("a webhook- header is missing or unreadable") from None
    if age > 300:
        raise NotFromTonglu("signed too long ago, or this clock is wrong")
    for secret in [secrets] if isinstance(secrets, str) else secrets:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        content = f"{identity}.{stamp}.".encode() + body
        ours = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest())
        if any(hmac.compare_digest(ours, one.encode()) for one in given):
            event: dict[str, Any] = json.loads(body)
            return event
    raise NotFromTonglu("no signature matches: wrong secret, or the body was changed")


class Tonglu:
    """Signs, sends, and tries again where that is safe: nothing is ordered twice."""

    timeout, tries = 10.0, 3  # seconds; at most so many times

    def __init__(self, url: str, api_key: str, api_secret: str) -> None:
        self.url, self.api_key, self.api_secret = url.rstrip("/"), api_key, api_secret

    def create_delivery(self, order: Mapping[str, Any]) -> Any:
        """Send a same-city delivery; sent again under its number it is the same one."""
        return self.send("POST", "/api/v1/delivery-orders", order)

    def get_delivery(self, order_no: str) -> Any:
        """State, rider, timeline, tracking link."""
        return self.send("GET", f"/api/v1/delivery-orders/{quote(order_no)}")

    def cancel_delivery(self, order_no: str, reason: str) -> Any:
        """Possible until a rider has picked the goods up."""
        target = f"/api/v1/delivery-orders/{quote(order_no)}/cancel"
        return self.send("POST", target, {"reason": reason})

    def quote_delivery(self, question: Mapping[str, Any]) -> Any:
        """What a delivery would cost."""
        return self.send("POST", "/api/v1/delivery-quotes", question)

    def create_parcel(self, parcel: Mapping[str, Any]) -> Any:
        """Send a parcel; its waybill follows by callback."""
        return self.send("POST", "/api/v1/express-orders", parcel)

    def events(self, after: str = "0", limit: int = 100) -> Any:
        """Events oldest first, those after the one given; `next_cursor` is the next `after`."""
        return self.send("GET", f"/api/v1/events?{urlencode({'after': after, 'limit': limit})}")

    def send(self, method: str, target: str, data: Any = None, *, key: str | None = None) -> Any:
        """Return the answer's `data`. A write carries one Idempotency-Key through all its tries.

        :raises TongluError: refused. :raises OSError: no answer; send again under the same `key`.
        """
        body = b"" if data is None else json.dumps(data, ensure_ascii=False).encode()
        key, left = key or uuid.uuid4().hex, self.tries
        while True:
            left -= 1
            try:
                return self._once(method, target, body, key)
            except TongluError as refusal:
                if left <= 0 or not refusal.passing:
                    raise
                time.sleep(refusal.wait)
            except (OSError, http.client.HTTPException):
                if left <= 0:
                    raise
                time.sleep(1)

    def _once(self, method: str, target: str, body: bytes, key: str) -> Any:
        stamp, nonce = int(time.time()), uuid.uuid4().hex  # new for each try
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": key,
            "X-Tonglu-Key": self.api_key,
            "X-Tonglu-Timestamp": str(stamp),
            "X-Tonglu-Nonce": nonce,
            "X-Tonglu-Signature": sign(self.api_secret, method, target, stamp, nonce, body),
        }
        request = urllib.request.Request(self.url + target, body or None, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=self.timeout) as answer:
                return json.loads(answer.read())["data"]
        except urllib.error.HTTPError as exc:
            raise _refusal(exc) from None


def _refusal(answer: urllib.error.HTTPError) -> TongluError:
    try:
        said = json.loads(answer.read())
    except ValueError:  # a proxy's own page
        said = {"message": answer.reason}
    return TongluError(answer.code, said, answer.headers.get("Retry-After"))

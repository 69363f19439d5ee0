"""What is signed is what is sent, byte for byte, in the form of each sign method.

`link` is what the real gateway verifies (protocols/carriers.md 1.2): Base64 of the raw MD5 of
content and secret. `md5` and `hmac` are S001 4.3 to the letter, its whole envelope included; its
hmac is over the string already wrapped in the secret, unlike TOP's (ARCHITECTURE, D2).
"""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, Final
from urllib.parse import urlencode

from logistics.carriers.cainiao.overrides import Message
from logistics.carriers.cainiao.profile import Profile

#: Cainiao's clocks, on the wire and in callbacks.
CHINA: Final = timezone(timedelta(hours=8))
CONTENT_TYPE: Final = "application/x-www-form-urlencoded; charset=UTF-8"


def link_digest(content: bytes, secret: str) -> str:
    """`data_digest` of the very bytes of `logistics_interface`."""
    digest = hashlib.md5(content + secret.encode(), usedforsecurity=False).digest()
    return b64encode(digest).decode("ascii")


def verify(content: bytes, digest: bytes | str, secrets: Iterable[str]) -> bool:
    """Whether `digest` is that of `content` under one of `secrets`, in constant time.

    An empty secret verifies nothing.
    """
    given = digest.encode("utf-8", "replace") if isinstance(digest, str) else digest
    good = False
    for secret in secrets:
        expected = link_digest(content, secret).encode("ascii")
        good |= hmac.compare_digest(expected, given) and secret != ""
    return good


def seed_sign(fields: Mapping[str, str], secret: str, method: str) -> str:
    """`sign` over all other fields of the envelope, `method` being md5 or hmac."""
    joined = "".join(f"{name}{value}" for name, value in sorted(fields.items()))
    wrapped = f"{secret}{joined}{secret}".encode()
    if method == "hmac":
        return hmac.new(secret.encode(), wrapped, hashlib.md5).hexdigest().upper()
    return hashlib.md5(wrapped, usedforsecurity=False).hexdigest().upper()


def serialise(content: Mapping[str, Any]) -> str:
    """Compact JSON, Chinese as it is; a lone surrogate, which has no bytes, becomes `?`."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace").decode()


def envelope(profile: Profile, message: Message, content: str, at: datetime) -> dict[str, str]:
    """The form's fields, signed; `at` is the aware time of sending."""
    if profile.sign_method == "link":
        fields = {
            "msg_type": message.name,
            "logistic_provider_id": profile.provider_id,
            "to_code": message.to_code,
            "logistics_interface": content,
            "data_digest": link_digest(content.encode(), profile.app_secret),
        }
        return {name: value for name, value in fields.items() if value}
    fields = {
        "app_key": profile.app_key,
        "method": message.name,
        "timestamp": at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S"),
        "format": "json",
        "v": "1.0",
        "sign_method": profile.sign_method,
        "logistics_interface": content,
    }
    return {**fields, "sign": seed_sign(fields, profile.app_secret, profile.sign_method)}


def encode(fields: Mapping[str, str]) -> bytes:
    """The form as bytes; a `+` of Base64 left unescaped would arrive as a blank."""
    return urlencode(fields, encoding="utf-8").encode("ascii")

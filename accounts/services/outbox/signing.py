"""Standard Webhooks signatures: what a tenant checks is over the very bytes that were sent.

Signed is `id.timestamp.body`, by HMAC-SHA256 under the bytes that `whsec_…` encodes; the header
holds one signature, or several separated by spaces while a secret is changed over.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from hashlib import sha256

SECRET_PREFIX = "whsec_"
VERSION = "v1"


def sign(secret: str, event_id: str, timestamp: int, body: bytes) -> str:
    """`v1,<base64>`; `timestamp` in unix seconds, of the attempt.

    :raises ValueError: the secret is not base64.
    """
    content = b".".join((event_id.encode(), str(timestamp).encode(), body))
    digest = hmac.new(_key(secret), content, sha256).digest()
    return f"{VERSION},{base64.b64encode(digest).decode()}"


def verify(secret: str, event_id: str, timestamp: int, body: bytes, signatures: str) -> bool:
    """Whether one of the header's `signatures` is ours; the timestamp's age is not looked at."""
    expected = sign(secret, event_id, timestamp, body).encode()
    given = (text.encode("utf-8", "replace") for text in signatures.split())
    # Every one is compared, so that time says nothing of which.
    return sum(hmac.compare_digest(expected, text) for text in given) > 0


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error:
        msg = "the callback secret is not base64"
        raise ValueError(msg) from None

"""Signatures are recomputed here from the published rules alone, never with the client's code.

`link`: Base64 of the raw MD5 of content bytes followed by secret bytes (Cainiao LINK FAQ).
`md5`, `hmac`: as S001 4.3 writes them: secret + sorted name-value pairs + secret, upper-case hex.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping

SIGN_METHODS = ("link", "md5", "hmac")


def link_digest(content: bytes, secret: str) -> str:
    """Return LINK's `data_digest`, 24 characters."""
    raw = hashlib.md5(content + secret.encode(), usedforsecurity=False).digest()
    return base64.b64encode(raw).decode("ascii")


def envelope_sign(parameters: Mapping[str, bytes], secret: str, sign_method: str) -> str:
    """Return the `sign` of S001's envelope over every parameter given (leave `sign` out)."""
    key = secret.encode()
    pairs = b"".join(name.encode() + parameters[name] for name in sorted(parameters))
    wrapped = key + pairs + key
    if sign_method == "hmac":
        return hmac.new(key, wrapped, "md5").hexdigest().upper()
    return hashlib.md5(wrapped, usedforsecurity=False).hexdigest().upper()


def same(given: bytes, expected: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(given, expected.encode("ascii"))

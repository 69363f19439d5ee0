"""Order numbers are given once; a public link cannot be guessed, and needs no column."""

from __future__ import annotations

import hmac
import secrets
from base64 import b32encode
from datetime import datetime
from hashlib import sha256

from django.conf import settings

_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_LETTERS = (_ALPHABET * 8).encode()  # of each byte, a letter
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
# 125 bits: nobody tries so many.
_MAC_LENGTH = 25
_LONGEST_KEY = 13


def new_number(prefix: str, at: datetime) -> str:
    """24 characters of A–Z 0–9, two of them `prefix`: the UTC second and 50 random bits."""
    return f"{prefix}{at:%y%m%d%H%M%S}{secrets.token_bytes(10).translate(_LETTERS).decode()}"


def link_token(kind: str, pk: int) -> str:
    """The unguessable name of row `pk` of `kind` (one lower-case letter) in a public link."""
    number, digits = pk, ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return f"{kind}{digits}-{_mac(kind, pk)}"


def read_link_token(token: str) -> tuple[str, int] | None:
    """Kind and key of the row that this token names; None where nobody was given it."""
    name = token.partition("-")[0]
    kind, digits = name[:1], name[1:]
    if not digits or len(digits) > _LONGEST_KEY or not (digits.isascii() and digits.isalnum()):
        return None
    pk = int(digits, 36)
    if not hmac.compare_digest(link_token(kind, pk).encode(), token.encode("utf-8", "replace")):
        return None
    return kind, pk


def _mac(kind: str, pk: int) -> str:
    key, text = settings.LOOKUP_KEY.encode(), f"link/{kind}/{pk}".encode()
    return b32encode(hmac.new(key, text, sha256).digest()).decode().lower()[:_MAC_LENGTH]

"""One value of a known kind is masked so that a person can still tell two apart, and no more.

Every function here is total and idempotent: masking twice is masking once.
"""

from __future__ import annotations

import re
from typing import Final

HIDDEN: Final = "***"
_NAME_STARS = 3
_ADDRESS_HEAD = 6
_FULL_NUMBER, _SHORT_NUMBER, _LOCAL_NUMBER = 11, 9, 7

# Numbers typed with a Chinese input method: same digits, other code points.
_NARROW = {0xFF10 + digit: ord("0") + digit for digit in range(10)} | {0xFF0B: "+", 0xFF0D: "-"}

_EXTENSION = r"(?:[ ]?(?:[-\u2014#*,\uff0c转x]|ext\.?|分机号?[:\uff1a]?)[ ]?\d{1,6}(?!\d))?"
# A digit before it would make it part of a longer number, unless it ends a percent escape.
_START = r"(?:(?<!\d)(?<!\d\.)|(?<=%[0-9A-Fa-f]{2}))"
_GAP = r"[-. \u00a0]?"
_MOBILE = rf"(?:(?:\+|00)?86{_GAP})?1[3-9]\d{_GAP}\d{{4}}{_GAP}\d{{4}}(?!\d)"
_LANDLINE = rf"(?<![A-Za-z])(?:\+?86{_GAP})?\(?0[1-9]\d{{1,2}}\)?{_GAP}\d{{3,4}}{_GAP}\d{{4}}(?!\d)"
_ABROAD = rf"\+[1-9]\d{{0,2}}{_GAP}\(?\d{{2,4}}\)?{_GAP}\d{{3,4}}{_GAP}\d{{3,5}}(?!\d)"
_GROUPED = r"(?<!-)(?:\(\d{3}\) ?|\d{3}[-.])\d{3}[-.]\d{4}(?![-\d])"
#: A telephone number wherever it stands; for use inside a larger expression.
PHONE: Final = f"{_START}(?:{_MOBILE}|{_LANDLINE}|{_ABROAD}|{_GROUPED}){_EXTENSION}"

_PHONE = re.compile(PHONE)
_NUMBER = re.compile(f"{_MOBILE}|{_LANDLINE}|{_ABROAD}|{_GROUPED}")
_BARE = re.compile(r"\+?[\d\s().-]{7,24}")
#: The same, once masked.
MASKED_PHONE: Final = r"(?:\d{3}\*{4}\d{4}|\d{3}\*{4}\d{2}|\*{4}\d{2}|\*{3})(?:-\*{3})?"
_MASKED = re.compile(rf"{MASKED_PHONE}(?:/{MASKED_PHONE})*")


def narrow(text: str) -> str:
    """Full-width digits and signs as ASCII ones."""
    return text.translate(_NARROW)


def mask_number(found: str) -> str:
    """Mask one telephone number as found: first three and last four digits stay, no extension."""
    start = _NUMBER.match(found)
    number = start.group() if start else found
    tail = "" if number == found else f"-{HIDDEN}"
    digits = "".join(char for char in number if char.isdecimal())
    if len(digits) > _FULL_NUMBER:
        digits = re.sub(r"\A(?:00)?86(?=1[3-9]\d{9}\Z|0\d{9,}\Z)", "", digits)
    if len(digits) >= _FULL_NUMBER:
        return f"{digits[:3]}****{digits[-4:]}{tail}"
    if len(digits) >= _SHORT_NUMBER:
        return f"{digits[:3]}****{digits[-2:]}{tail}"
    if len(digits) >= _LOCAL_NUMBER:
        return f"****{digits[-2:]}{tail}"
    return HIDDEN


def mask_phone(text: str) -> str:
    """`13800138000` -> `138****8000`; several are joined by `/`; what is no number is hidden."""
    text = narrow(text).strip()
    if not text or _MASKED.fullmatch(text):
        return text
    found = [match.group() for match in _PHONE.finditer(text)]
    if not found and _BARE.fullmatch(text):
        found = [text]
    return "/".join(mask_number(one) for one in found) or HIDDEN


def mask_name(text: str) -> str:
    """`张三丰` -> `张**`, `张三` -> `张*`; never more than three stars."""
    text = text.strip()
    if len(text) <= 1:
        return "*" if text else ""
    return text[0] + "*" * min(len(text) - 1, _NAME_STARS)


def _head(text: str) -> str:
    """The first characters, up to six and never a digit: house numbers do not show."""
    return re.split(r"\d", text[:_ADDRESS_HEAD], maxsplit=1)[0]


def mask_address(text: str) -> str:
    """`文一西路969号3幢502室` -> `文一西路***`; at most half of it and six characters stay."""
    text = text.strip()
    if not text:
        return ""
    already = text.removesuffix(HIDDEN)
    if already != text and already == _head(already):
        return text
    return _head(text[: (len(text) + 1) // 2]) + HIDDEN


def mask_secret(_value: object = None) -> str:
    """Always `***`: not even the length shows."""
    return HIDDEN

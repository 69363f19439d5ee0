"""One value from outside becomes one of ours, or nothing: no input makes these functions raise."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Final

from config.kernel.text import clip
from logistics.carriers.cainiao.wire import CHINA

_NUMBER = re.compile(r"[+-]?\d{1,30}(?:\.\d{0,30})?(?:[eE][+-]?\d{1,2})?", re.ASCII)
_IDENTIFIER = re.compile(r"[!-~]+")
_MILLISECONDS, _SECONDS = 13, 10
_SMALL = 20
_YEARS: Final = range(2000, 2100)
_LONGEST_TIME = 40


def text(value: object, length: int) -> str:
    """A scalar as text without outer white space, fit for a column of `length`; else ''."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        value = _plainly(value)
    if not isinstance(value, str | int):
        return ""
    # Clipped before stripping too: a megabyte of blanks must not be copied around.
    return clip(clip(value, length + _SMALL).strip(), length)


def identifier(value: object, length: int = 100) -> str:
    """A number that names something: printable ASCII without blanks, whole; else ''."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    plain = str(value).strip()
    return plain if len(plain) <= length and _IDENTIFIER.fullmatch(plain) else ""


def truth(value: object) -> bool | None:
    """True and false as JSON, XML and old Taobao write them; None for all else."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return {"true": True, "t": True, "false": False, "f": False}.get(value.strip().lower())
    return None


def amount(value: object, places: int, below: Decimal) -> Decimal | None:
    """A number in [0, `below`), rounded half up to `places`; None for what is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    plain = value.strip() if isinstance(value, str) else str(value)
    if not _NUMBER.fullmatch(plain):
        return None
    try:
        number = Decimal(plain)
        if not 0 <= number < below:
            return None
        # abs(): "-0" is zero.
        rounded = abs(number).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    except InvalidOperation:
        return None
    return rounded if rounded < below else None


def moment(value: object) -> datetime | None:
    """An aware time in UTC: ISO forms, at +08:00 unless they say; seconds or milliseconds."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    plain = str(value).strip()[: _LONGEST_TIME + 1]
    try:
        if plain.isascii() and plain.isdigit() and len(plain) in (_MILLISECONDS, _SECONDS):
            seconds = int(plain) / (1000 if len(plain) == _MILLISECONDS else 1)
            at = datetime.fromtimestamp(seconds, UTC)
        else:
            at = datetime.fromisoformat(plain)
            at = at if at.tzinfo else at.replace(tzinfo=CHINA)
        # Years far off are placeholders, and may not exist in another zone.
        return at.astimezone(UTC) if at.year in _YEARS else None
    except (ValueError, OverflowError, OSError):
        return None


def _plainly(number: Decimal) -> str | int:
    """400.0 as 400; huge exponents stay exponents."""
    if not number.is_finite() or abs(number.adjusted()) >= _SMALL:
        return str(number)
    return int(number) if number == number.to_integral_value() else format(number, "f")

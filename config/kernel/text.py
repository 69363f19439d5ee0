"""Text from outside is checked and clipped to its column here and nowhere else."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
# Control characters, with and without those that people write lines and columns by.
_CONTROLS = r"\x00-\x1f\x7f-\x9f"
_BUT_LINES = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
# What is not seen, or turns the direction of what is; telephones put it around copied numbers.
_INVISIBLE = (
    r"\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
)
# Not seen by itself, but part of emoji or of Korean: no text consists of it.
_HARDLY = r"\u034f\u115f\u1160\u200d\u2800\u3164\uffa0\ufe00-\ufe0f\U000e0000-\U000e01ef"
# The joiner has its place behind an emoji, nowhere else.
_JOINER = r"\u200d(?<![\u2600-\u27bf\ufe0f\U0001f000-\U0001faff]\u200d)"
_UNSEEN = re.compile(rf"[{_INVISIBLE}]|{_JOINER}")
_NOTHING = re.compile(rf"[\s{_INVISIBLE}{_HARDLY}]*")
NO_IDENTIFIER = re.compile(rf"[\s{_CONTROLS}{_INVISIBLE}{_HARDLY}]")
NO_LINE = re.compile(rf"[{_CONTROLS}\u2028\u2029]")
NO_PROSE = re.compile(rf"[{_BUT_LINES}]")


def seen(text: str) -> str:
    """The text without what nobody sees of it, empty where that is all; controls are left."""
    if _NOTHING.fullmatch(text):
        return ""
    return text if text.isprintable() else _UNSEEN.sub("", text)


def unstorable(text: str) -> bool:
    """Whether a database would refuse or garble it: NUL or a lone surrogate."""
    return _UNSTORABLE.search(text) is not None


def clip(text: object, length: int) -> str:
    """Return `text` as something a column of `length` characters can always hold."""
    clean = _CONTROL.sub("\ufffd", str(text))
    return clean if len(clean) <= length else clean[: length - 1] + "…"


# MariaDB takes JSON of 32 levels and no more.
DEEPEST = 25


def storable(value: Any, depth: int = 0) -> Any:
    """Return a JSON-like value that any database's JSON column can hold.

    :raises ValueError: nested deeper than they can.
    """
    if depth > DEEPEST:
        msg = "nested too deep"
        raise ValueError(msg)
    if isinstance(value, str):
        return _CONTROL.sub("\ufffd", value)
    if isinstance(value, Mapping):
        return {str(storable(str(key))): storable(inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [storable(inner, depth + 1) for inner in value]
    return value


def as_json(text: str, length: int) -> Any:
    """Return what `text` says where it is JSON a column can hold, else the text, clipped.

    Numbers with a point, NaN and Infinity become texts: databases refuse some of them.
    """
    try:
        return storable(json.loads(text, parse_float=str, parse_constant=str))
    except (ValueError, RecursionError):
        return clip(text, length) or None

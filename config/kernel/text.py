"""Text from outside is checked and clipped to its column here and nowhere else."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


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

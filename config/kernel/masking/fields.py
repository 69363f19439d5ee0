"""A masked deep copy of any JSON-like value, decided by key names; JSON inside strings included."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from config.kernel.masking.keys import Kind, folded
from config.kernel.masking.text import MASKS, Extra, kind_under, mask_text, settled
from config.kernel.masking.values import HIDDEN

_DEEPEST = 40
_NESTED_JSON = 4
_LONGEST_ID = 64
_HARMLESS = (bool, float, Decimal, date, time, timedelta, UUID, type(None))


def mask_fields(value: Any, *, extra: Extra = frozenset()) -> Any:
    """A copy of `value` fit for logs: dicts, lists and scalars, never the same containers.

    Keys keep their style; ids, codes, statuses, province, city and district stay. Values under
    the keys in `extra` (any style) are hidden whole. Never raises, and masking twice is masking
    once. Clipping to a column is the caller's.
    """
    return _Walk(frozenset(folded(key) for key in extra)).value(value, Kind.TEXT, 0)


class _Walk:
    """One walk over one value; `nested` counts how many JSON strings we are inside of."""

    def __init__(self, extra: Extra, nested: int = 0) -> None:
        self.extra = extra
        self.nested = nested

    def value(self, value: Any, kind: Kind, depth: int) -> Any:
        if isinstance(value, str):
            return self.text(value, kind)
        if isinstance(value, Mapping | list | tuple | set | frozenset):
            return self.container(value, kind, depth)
        harmless = isinstance(value, _HARMLESS) and kind not in MASKS
        if harmless or value is None or isinstance(value, bool):
            return value
        return self.scalar(value, kind)

    def container(self, value: Any, kind: Kind, depth: int) -> Any:
        if kind is Kind.SECRET or depth >= _DEEPEST:
            return HIDDEN
        if isinstance(value, Mapping):
            return self.mapping(value, depth)
        return [self.value(each, kind, depth + 1) for each in value]

    def mapping(self, value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
        shown: dict[str, Any] = {}
        for key, each in value.items():
            # The kind is that of the key as shown, or a second masking could differ.
            name = mask_text(_as_text(key))
            shown[name] = self.value(each, kind_under(name, self.extra), depth + 1)
        return shown

    def scalar(self, value: Any, kind: Kind) -> Any:
        """A number, or an object of a type nobody expected."""
        plain = _as_text(value)
        masked = self.text(plain, kind)
        if isinstance(value, int) and masked == plain:
            return value
        return masked

    def text(self, text: str, kind: Kind) -> str:
        if not text:
            return text
        if kind in MASKS:
            return MASKS[kind](text)
        if kind is Kind.IDENTIFIER and len(text) <= _LONGEST_ID and _is_token(text):
            return text
        return settled(self.free, text)

    def free(self, text: str) -> str:
        """Text that may be JSON (`logistics_interface`, `printData`) or a form, or prose."""
        if self.nested < _NESTED_JSON and text.lstrip()[:1] in ("{", "["):
            try:
                parsed = json.loads(text)
            except (ValueError, RecursionError):
                return mask_text(text, extra=self.extra)
            inner = _Walk(self.extra, self.nested + 1).value(parsed, Kind.TEXT, 0)
            return json.dumps(inner, ensure_ascii=False)
        return mask_text(text, extra=self.extra)


def _is_token(text: str) -> bool:
    return all(char.isalnum() or char in "_.:-/" for char in text)


def _as_text(value: object) -> str:
    """`str(value)`, which may raise: huge integers do, and so may any object's `__str__`."""
    if isinstance(value, bytes | bytearray | memoryview):
        return HIDDEN
    try:
        return str(value)
    except Exception:  # noqa: BLE001 - a log line must not fail for a broken __str__
        return HIDDEN

"""What a list is narrowed down by is read strictly: a value that cannot be is refused by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from drf_spectacular.utils import OpenApiParameter

from config.kernel.errors import Malformed
from config.kernel.text import unstorable

LARGEST = 2**63 - 1
LONGEST_TEXT = 200
FLAGS = {"true": True, "1": True, "false": False, "0": False}
PAGE_PARAMETERS = [
    OpenApiParameter("page", int),
    OpenApiParameter("page_size", int),
    OpenApiParameter("cursor", str),
]
DATE_PARAMETERS = [
    OpenApiParameter("date_range", str, description="2026-02-01,2026-02-28，含首尾两日"),
    OpenApiParameter("date_from", str),
    OpenApiParameter("date_to", str),
]


def number(query: Mapping[str, str], name: str) -> int | None:
    """A row's number, None where it is not asked by."""
    given = query.get(name, "")
    if not given:
        return None
    if not (given.isascii() and given.isdigit() and len(given) <= 19 and int(given) <= LARGEST):
        raise Malformed(fields={name: ["必须是非负整数。"]})
    return int(given)


def flag(query: Mapping[str, str], name: str) -> bool | None:
    """True or false, None where it is not asked by."""
    given = query.get(name, "").lower()
    if given and given not in FLAGS:
        raise Malformed(fields={name: ["必须是 true 或 false。"]})
    return FLAGS.get(given)


def word(query: Mapping[str, str], name: str, known: Iterable[str]) -> str | None:
    """One of the `known` words, None where it is not asked by."""
    given = query.get(name, "")
    words = list(known)
    if given and given not in words:
        raise Malformed(fields={name: [f"只能是 {'、'.join(words)}。"]})
    return given or None


def text(query: Mapping[str, str], name: str) -> str | None:
    """A text to be equal to, None where it is not asked by."""
    given = query.get(name, "")
    if len(given) > LONGEST_TEXT or unstorable(given):
        raise Malformed(fields={name: [f"最长 {LONGEST_TEXT} 个字符，且不含控制字符。"]})
    return given or None

"""Doors told by numbers alone: 3-1-502, A1203, 1502. In prose only those of the address are one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from config.kernel.masking.folding import folded

# The house, the stair and the room.
_JOINED = re.compile(r"(?<!\d)\d{1,4}(?:[-#\u2010-\u2015\uff0d]\d{1,5}){1,2}(?!\d)")
_JOINT = re.compile(r"[-#\u2010-\u2015\uff0d]")
# Never a piece of a longer number or word, of a date, a time, a fraction or what is masked already.
_BARE = re.compile(
    r"(?<![A-Za-z\d*])(?<!\d[.,:/])(?<!\d{3}-)(?!(?:19|20)\d\d[-年])"
    r"[A-Za-z]?(?P<digits>\d{3,5})(?![A-Za-z\d*]{2}|[\d*]|[.,:/]\d)(?P<after>[A-Za-z]?)"
)
# What is counted, weighed or paid, and the number of an order, is no door.
_COUNTED = re.compile(
    r"\s*(?:[元块件份个克斤米次年%\uff05]|公[斤里]|千克|毫升|分钟|(?:kg|km|ml|[gml])(?![A-Za-z]))",
    re.IGNORECASE,
)
_COUNTING = re.compile(r"(?:[$\xa5\uffe5]|数量|金额|价格?|费|计|单号|订单)[:\uff1a\s]*$")
_COUNTING_LONGEST = 8
_KEYED = re.compile(r"\":?\s*\"?$")
# Shorter ones are too common to be one without their letter.
_WITHOUT_LETTER = 4


def known_doors(address: str) -> set[str]:
    """The doors of an address, as `doors` finds them in prose."""
    known: set[str] = set()
    for match in _JOINED.finditer(address):
        parts = _JOINT.split(match.group())
        # Also without the house: 1-502 of 3-1-502.
        known |= {_joined(parts[at:]) for at in range(len(parts) - 1)}
    for match in _BARE.finditer(address):
        known |= _forms(match)
    return known


def doors(text: str, known: set[str], *, lone: bool = True) -> Iterator[tuple[int, int]]:
    """Where `text` names a known door.

    Unless `lone`, a number that is all of a text or of a JSON value is none: codes look like that.
    """
    for match in _JOINED.finditer(text):
        if _joined(_JOINT.split(match.group())) in known:
            yield match.span()
    for match in _BARE.finditer(text):
        told = not known.isdisjoint(_forms(match)) and not _is_counted(text, match)
        if told and (lone or not _is_lone(text, match)):
            yield match.span()


def _joined(parts: list[str]) -> str:
    """Told from a bare number by its dash, whichever was written."""
    return "-".join(folded(part) for part in parts)


def _forms(match: re.Match[str]) -> set[str]:
    digits = folded(match["digits"])
    return {folded(match.group())} | ({digits} if len(digits) >= _WITHOUT_LETTER else set())


def _is_counted(text: str, match: re.Match[str]) -> bool:
    start = match.start()
    before = text[max(0, start - _COUNTING_LONGEST) : start]
    return bool(_COUNTED.match(text, match.end("digits")) or _COUNTING.search(before))


def _is_lone(text: str, match: re.Match[str]) -> bool:
    start = match.start()
    before = text[max(0, start - _COUNTING_LONGEST) : start]
    return match.group() == text.strip() or bool(_KEYED.search(before))

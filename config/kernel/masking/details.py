"""The detail of an address is what stands behind its areas; its parts are found in folded prose."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from config.kernel.masking.folding import folded

_SUFFIX = re.compile(r"(?<=..)(?:省|市|(?:壮族|回族|维吾尔)?自治区|区|县|街道|镇|乡)$")
# A part tells where it is by four characters with a number among them. Without one it takes more
# than `mask_address` leaves, or what was masked would be masked again.
UNNUMBERED = 7
_NUMBERED, _FOREIGN = 4, 8
# Whole Latin words tell it sooner: Century, Tower A.
_LATIN = 6


def detail_of(address: str, areas: Iterable[str]) -> str:
    """`address`, folded, without those of the `areas`, widest first, that it begins with.

    With or without 省, 市 and the like, as people write them.
    """
    detail = folded(address)
    for area in areas:
        full = folded(area)
        short = _SUFFIX.sub("", full)
        taken = next((name for name in (full, short) if name and detail.startswith(name)), "")
        detail = detail[len(taken) :]
    return detail


def grams_of(detail: str) -> dict[str, list[int]]:
    """Every four characters in a row, and where they stand."""
    grams: dict[str, list[int]] = {}
    for at in range(len(detail) - _NUMBERED + 1):
        grams.setdefault(detail[at : at + _NUMBERED], []).append(at)
    return grams


def runs(
    detail: str,
    grams: Mapping[str, list[int]],
    plain: str,
    is_word: Callable[[int, int], bool],
) -> Iterator[tuple[int, int]]:
    """Where `plain` says, word for word, a part of `detail` that tells a place.

    `is_word` says of a Latin part whether no letter or digit stands beside it.
    """
    at = 0
    while at <= len(plain) - _NUMBERED:
        begins = grams.get(plain[at : at + _NUMBERED], ())
        longest = max((_alike(detail[begin:], plain, at) for begin in begins), default=0)
        behind = at + longest
        run = plain[at:behind]
        if _tells(run) or (_tells_as_word(run) and is_word(at, behind)):
            yield at, behind
            at = behind
        else:
            at += 1


def _alike(part: str, plain: str, at: int) -> int:
    length = 0
    for one, other in zip(part, plain[at : at + len(part)], strict=False):
        if one != other:
            break
        length += 1
    return length


def _tells(run: str) -> bool:
    if run.isascii():
        return len(run) >= _FOREIGN and any(char.isalpha() for char in run)
    return len(run) >= UNNUMBERED or any(char.isdecimal() for char in run)


def _tells_as_word(run: str) -> bool:
    numbered = any(char.isdecimal() for char in run)
    latin = run.isascii() and any(char.isalpha() for char in run)
    return latin and (numbered or len(run) >= _LATIN)

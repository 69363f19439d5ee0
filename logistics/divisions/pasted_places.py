"""Where in pasted text the address begins is found by names written in full, and never guessed.

`parse` reads an address from its first character. Pasted text may have a company's name before
it, or two addresses: then what is read is offered unless nothing speaks against it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache

from logistics.divisions.errors import Ambiguous, Unparsable
from logistics.divisions.folding import FoldedText
from logistics.divisions.index import index
from logistics.divisions.parsed import Parsed
from logistics.divisions.parsing import parse
from logistics.divisions.surroundings import ends_short_name, is_street
from logistics.divisions.table import Level, provinces

# Places in the text where reading is tried; a pasted list of addresses is no address.
MOST_STARTS = 12
MOST_OFFERED = 12


@dataclass(frozen=True, slots=True)
class Placed:
    """An address read from pasted text; see `pasting.Pasted`."""

    detail: str
    province: str = ""
    city: str = ""
    district: str = ""
    town: str = ""
    offered: tuple[str, ...] = ()
    moved: str = ""

    @property
    def lacks_district(self) -> bool:
        """Whether the city has districts and none of them was read."""
        return bool(self.city) and not self.district and (self.province, self.city) in _divided()


def place_in(text: str, picked: str = "") -> Placed:
    """Read the address; `picked` is taken if it is among what this text would be offered."""
    placed = _read(text)
    if not picked or picked not in placed.offered:
        return placed
    return _settled(text, placed, picked)


def detached(text: str, position: int) -> int:
    """How many characters stand before an address written right behind them (张三浙江省)."""
    head = _heads().search(text, position + 1)
    if head is None or head.start() > position + 4 or _parsed(text[position:]) is not None:
        return 0
    return head.start() - position if _parsed(text[head.start() :]) is not None else 0


def begins_in_full(text: str) -> bool:
    """Whether the text begins with a province or city written in full."""
    return _heads().match(text) is not None


def _read(text: str) -> Placed:
    try:
        whole = parse(text)
    except Ambiguous as doubt:
        return Placed(text, offered=_few(*doubt.candidates, *_readings(text, 1)))
    except Unparsable:
        return _read_further_on(text)
    others = _readings(text, len(text) - len(whole.detail))
    rivals = [path for path, read in others.items() if _is_whole(read) and _differs(read, whole)]
    if rivals:
        return Placed(text, offered=_few(path_of(whole), *rivals))
    return _placed(whole, offered=whole.candidates)


def _read_further_on(text: str) -> Placed:
    """Nothing is read from the beginning: perhaps something else stands there."""
    readings = _readings(text, 1)
    if not readings:
        words = [match.start() for match in re.finditer(r"(?<=[\s,，;；、])\S", text)]
        weak = {
            path_of(read): read
            for start in words[:MOST_STARTS]
            if (read := _parsed(text[start:])) is not None
        }
        return Placed(text, offered=_few(*weak))
    first = next(iter(readings.values()))
    before = _before(text, first)
    if len(readings) > 1 or _names_a_place(before):
        return Placed(text, offered=_few(*readings))
    return _placed(first, offered=first.candidates, moved=before)


def _readings(text: str, start: int) -> dict[str, Parsed]:
    """What is read at each province or city written in full from `start` on, by path."""
    found: dict[str, Parsed] = {}
    for _ in range(MOST_STARTS):
        head = _heads().search(text, start)
        if head is None:
            break
        start = head.end()
        read = _parsed(text[head.start() :])
        if read is not None:
            start = max(start, len(text) - len(read.detail))
            found.setdefault(path_of(read), read)
    return found


def _settled(text: str, placed: Placed, picked: str) -> Placed:
    """The levels a person picked; the detail without what already says them."""
    at_head = _readings(text, 0).get(picked)
    if at_head is not None:
        return _placed(at_head, moved=_before(text, at_head))
    again = _parsed(f"{picked} {placed.detail}")
    if again is not None and f"{path_of(again)} ".startswith(f"{picked} "):
        return _placed(replace(again, detail=_unrepeated(again.detail, picked)))
    province, city, district, town, *_ = (*picked.split(" "), "", "", "")
    return Placed(placed.detail, province, city, district, town)


def _unrepeated(detail: str, picked: str) -> str:
    """The detail without the name that was in doubt, but not without an institution's beginning."""
    name = picked.rpartition(" ")[2]
    following = detail.removeprefix(name)
    ends = is_street(following) or ends_short_name(Level.DISTRICT, following)
    return following.strip() if following != detail and ends else detail


def _placed(read: Parsed, offered: tuple[str, ...] = (), moved: str = "") -> Placed:
    detail = f"{read.detail} {moved}".strip() if moved else read.detail
    return Placed(
        detail,
        read.province or "",
        read.city or "",
        read.district or "",
        read.town or "",
        _few(*offered),
        moved,
    )


def _parsed(text: str) -> Parsed | None:
    try:
        return parse(text)
    except (Ambiguous, Unparsable):
        return None


def path_of(read: Parsed) -> str:
    """The full path, as the table writes it."""
    return " ".join(filter(None, (read.province, read.city, read.district, read.town)))


def _is_whole(read: Parsed) -> bool:
    """Whether it is an address of its own, not a landmark named after a city."""
    return read.district is not None or read.city != read.province


def _differs(one: Parsed, other: Parsed) -> bool:
    first, second = f"{path_of(one)} ", f"{path_of(other)} "
    return not (first.startswith(second) or second.startswith(first))


def _before(text: str, read: Parsed) -> str:
    """What stands before the address that `read` was read from."""
    for head in _heads().finditer(text):
        if _parsed(text[head.start() :]) == read:
            return text[: head.start()].strip(" ,，;；、:：")
    return ""


def _names_a_place(text: str) -> bool:
    """Whether any of these words begins like a division: then it speaks against what follows."""
    if _heads().search(text):
        return True
    for match in re.finditer(r"[^\s,，;；、]+", text):
        word = FoldedText.of(match.group())
        if index().at(None, word.folded, 0):
            return True
    return False


def _few(*paths: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(paths))[:MOST_OFFERED]


@cache
def _heads() -> re.Pattern[str]:
    names = [
        division.name
        for province in provinces()
        for division in (province, *province.children)
        if len(division.name) > 2 and not division.is_county_as_city
    ]
    return re.compile("|".join(sorted(map(re.escape, names), key=len, reverse=True)))


@cache
def _divided() -> frozenset[tuple[str, str]]:
    return frozenset(
        (province.name, city.name)
        for province in provinces()
        for city in province.children
        if any(below.level is Level.DISTRICT for below in city.children)
    )

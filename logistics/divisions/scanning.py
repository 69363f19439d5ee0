"""Every way a text can be read from its left as nested divisions; which one holds is not decided.

A name counts only below what was read before it. A short name counts only if another name nests
in it right after, or if what follows shows that it ends there (surroundings.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from logistics.divisions.folding import FoldedText
from logistics.divisions.index import Index, Reading
from logistics.divisions.surroundings import ends_full_name, ends_short_name
from logistics.divisions.table import Division, Level

# Words that forms and lists put between two levels; only passed over when a name follows them.
_COUNTRY = ("中华人民共和国", "中国大陆", "中国")
GROUPS = (
    "市辖区",
    "市区",
    "省直辖县级行政区划",
    "自治区直辖县级行政区划",
    "省直辖县级行政单位",
    "省直辖县",
)
PARTS = {
    # Lists put Chongqing's counties below a city named 县.
    "重庆市": (*GROUPS, "县"),
    "香港特别行政区": ("香港岛", "港岛", "九龙", "新界"),
    "澳门特别行政区": ("澳门半岛", "澳门离岛", "澳门外岛", "氹仔", "路环"),
}


@dataclass(frozen=True, slots=True)
class End:
    """The text up to `stop` names `division`; or, as its last name was short, one of `rivals`."""

    division: Division
    stop: int
    rivals: tuple[Division, ...] = ()


class Scan:
    """One text's readings: `ends` is every place where reading may stop."""

    def __init__(self, text: FoldedText, index: Index) -> None:
        self._text = text
        self._index = index
        self._walked: dict[tuple[Division | None, int], tuple[End, ...]] = {}
        # What short names below a city may mean that were seen and not taken.
        self.hints: dict[Division, tuple[Division, ...]] = {}
        self.ends = self._walk(None, 0)

    def _walk(self, above: Division | None, position: int) -> tuple[End, ...]:
        key = (above, position)
        if key not in self._walked:
            self._walked[key] = tuple(self._from(above, position))
        return self._walked[key]

    def _from(self, above: Division | None, position: int) -> Iterator[End]:
        start = self._text.after_separators(position)
        for begin in (start, *self._after_asides(above, start)):
            for reading in self._index.at(above, self._text.folded, begin):
                yield from self._below(above, reading, begin + len(reading.name))
        if above is not None:
            yield from self._repeated(above, start)

    def _after_asides(self, above: Division | None, start: int) -> Iterator[int]:
        for aside in _asides(above):
            if self._text.folded.startswith(aside, start):
                yield self._text.after_separators(start + len(aside))

    def _below(self, above: Division | None, reading: Reading, stop: int) -> Iterator[End]:
        division = reading.division
        yield from self._walk(division, stop)
        if not reading.is_short:
            if ends_full_name(reading.name, self._text.folded[stop:]):
                yield End(division, stop)
            return
        if above is not None and division is above.own_city:
            return
        rivals = self._index.rivals(reading, above)
        following = self._text.folded[stop:]
        clear = self._text.is_boundary(stop) or ends_short_name(division.level, following)
        city = _city_settled_by(above)
        if city is None:
            if clear:
                yield End(division, stop, rivals)
        elif clear and not rivals:
            yield End(division, stop)
        else:
            self.hints[city] = (division, *rivals)

    def _repeated(self, above: Division, start: int) -> Iterator[End]:
        """Reads over names already read: 浙江省浙江省, or a form's region and the whole address."""
        path = above.path
        for first in range(len(path)):
            names, last = [], None
            stop = start
            for division in path[first:]:
                if name := self._repetition(division, stop):
                    stop = self._text.after_separators(stop) + len(name)
                    names.append(name)
                    last = division
                elif not names:
                    break
            if last is not None:
                yield from self._walk(above, stop)
                # One name may begin an institution's (余杭区政府), two short ones a sight's.
                is_address = len(names) > 1 and names[-1] in self._index.names(above).full
                if last is above and (is_address or self._text.is_boundary(stop)):
                    yield End(above, stop)
                return

    def _repetition(self, division: Division, position: int) -> str | None:
        if division.level is Level.TOWN:
            return None
        start = self._text.after_separators(position)
        names = self._index.names(division)
        for name in (*names.full, *names.short):
            if self._text.folded.startswith(name, start):
                return name
        return None


def _asides(above: Division | None) -> tuple[str, ...]:
    if above is None:
        return _COUNTRY
    return PARTS.get(above.name, GROUPS) if above.level <= Level.CITY else ()


def _city_settled_by(above: Division | None) -> Division | None:
    if above is None or above.level is Level.CITY:
        return above
    return above.own_city

"""Which names may be read below a recognised division, and which divisions rival for a name."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from logistics.divisions.names import (
    Names,
    former_names_of,
    is_told_only_by_its_city,
    loose_names_of_town,
    names_of,
)
from logistics.divisions.table import Division, Level, provinces


@dataclass(frozen=True, slots=True)
class Reading:
    """A written name that may stand for `division`; `is_short` if it lacks its suffix."""

    division: Division
    name: str
    is_short: bool


@dataclass(frozen=True, slots=True)
class _Lookup:
    by_name: dict[str, list[Reading]]
    longest: int

    @classmethod
    def of(cls, readings: Iterable[Reading]) -> _Lookup:
        by_name: defaultdict[str, list[Reading]] = defaultdict(list)
        for reading in readings:
            by_name[reading.name].append(reading)
        return cls(dict(by_name), max(map(len, by_name), default=0))


class Index:
    """Readings below each division, made when first asked for. Below None is the whole country."""

    def __init__(self) -> None:
        self._names: dict[Division, Names] = {}
        self._rivals: defaultdict[str, list[Division]] = defaultdict(list)
        self._below: dict[Division | None, _Lookup] = {}
        for division in self.everywhere():
            self._names[division] = names = names_of(division)
            for name in {*names.full, *names.short}:
                self._rivals[name].append(division)

    @staticmethod
    def everywhere() -> Iterator[Division]:
        for province in provinces():
            yield province
            for city in province.children:
                yield city
                yield from city.children

    def names(self, division: Division) -> Names:
        return self._names[division]

    def named(self, name: str) -> tuple[Division, ...]:
        """Every province, city and district that `name`, full or short, may stand for."""
        return tuple(self._rivals.get(name, ()))

    def rivals(self, reading: Reading, scope: Division | None) -> tuple[Division, ...]:
        """Other places in `scope` of that name: none of them above or below the one read."""
        own = reading.division
        return tuple(
            other
            for other in self.named(reading.name)
            if not other.is_within(own)
            and not own.is_within(other)
            and (scope is None or other.is_within(scope))
        )

    def at(self, division: Division | None, text: str, start: int) -> list[Reading]:
        """The readings below `division` that stand at `start` of `text`, longest names first."""
        below = self._below.get(division)
        if below is None:
            # Two threads may both make one; both are the same.
            below = self._below[division] = _Lookup.of(self._readings_below(division))
        longest = min(below.longest, len(text) - start)
        return [
            reading
            for length in range(longest, 1, -1)
            for reading in below.by_name.get(text[start : start + length], ())
        ]

    def _readings_below(self, division: Division | None) -> Iterator[Reading]:
        if division is None:
            yield from self._from_anywhere()
        elif division.level is Level.PROVINCE:
            yield from self._from_province(division)
        elif division.level is Level.CITY:
            yield from self._from_city(division)
        elif division.level is Level.DISTRICT:
            yield from _in_full((town, town.name) for town in division.towns())

    def _from_anywhere(self) -> Iterator[Reading]:
        for division in self.everywhere():
            yield from self._full(division)
            if division.level is not Level.DISTRICT and not division.is_county_as_city:
                yield from self._short(division)

    def _from_province(self, province: Division) -> Iterator[Reading]:
        for city in province.children:
            yield from self._full(city)
            yield from self._short(city)
            if city is province.own_city:
                yield from self._from_city(city)
                continue
            for district in city.children:
                yield from self._full(district)
                # 义乌 and 昆山 follow their province in daily use; an urban district never does.
                if not district.name.endswith("区"):
                    yield from self._short(district)
        yield from self._under_former_names(
            [district for city in province.children for district in city.children]
        )

    def _from_city(self, city: Division) -> Iterator[Reading]:
        for district in city.children:
            yield from _in_full((district, name) for name in self.names(district).full)
            yield from self._short(district)
        yield from self._under_former_names(city.children)
        towns = list(city.towns())
        yield from _in_full((town, town.name) for town in towns)
        if not city.children:
            yield from self._under_loose_names(towns)
        for district in city.children:
            yield from _in_full((town, town.name) for town in district.towns())

    def _under_former_names(self, districts: Iterable[Division]) -> Iterator[Reading]:
        for reading in _claimed_once(
            (district, former_names_of(district)) for district in districts
        ):
            # 东兴市 is no old name of 东兴区: it exists, elsewhere.
            if not self.named(reading.name):
                yield reading

    def _under_loose_names(self, towns: list[Division]) -> Iterator[Reading]:
        official = {town.name for town in towns}
        for reading in _claimed_once((town, loose_names_of_town(town)) for town in towns):
            if reading.name not in official:
                yield reading

    def _full(self, division: Division) -> Iterator[Reading]:
        for name in self.names(division).full:
            if division.level is not Level.DISTRICT or not is_told_only_by_its_city(name):
                yield Reading(division, name, is_short=False)

    def _short(self, division: Division) -> Iterator[Reading]:
        for name in self.names(division).short:
            yield Reading(division, name, is_short=True)


def _in_full(named: Iterable[tuple[Division, str]]) -> Iterator[Reading]:
    for division, name in named:
        yield Reading(division, name, is_short=False)


def _claimed_once(claims: Iterable[tuple[Division, Iterable[str]]]) -> Iterator[Reading]:
    claimants: defaultdict[str, list[Division]] = defaultdict(list)
    for division, names in claims:
        for name in names:
            claimants[name].append(division)
    for name, divisions in claimants.items():
        if len(divisions) == 1:
            yield Reading(divisions[0], name, is_short=False)


_lock = threading.Lock()
_index: Index | None = None


def index() -> Index:
    """The one index of the process."""
    global _index  # noqa: PLW0603 - loaded once, when first asked
    if _index is None:
        with _lock:
            if _index is None:
                _index = Index()
    return _index

"""Structured fields become official names, or are refused where they are too few or contradict.

Unlike in free text a field's level is known, so that a short city needs nothing behind it; the
rules for districts are those of free text.
"""

from __future__ import annotations

from logistics.divisions.errors import Ambiguous, Unparsable
from logistics.divisions.folding import without_separators
from logistics.divisions.index import Index, Reading, index
from logistics.divisions.parsed import Parsed
from logistics.divisions.parsing import filled
from logistics.divisions.scanning import GROUPS, PARTS
from logistics.divisions.table import Division, Level, provinces


def complete(province: str | None, city: str | None, district: str | None) -> Parsed:
    """The official names for fields that may be missing, empty or short (浙江, 杭州, 余杭).

    The city field may hold what lists of divisions put there for want of a city (市辖区), or a
    county-level city whose own city was left out (义乌市); the district field of a city without
    districts may hold its town (东莞市, 虎门镇) or the city again. `detail` is empty. Raises
    Ambiguous and Unparsable as `parse` does; fields that contradict are Unparsable.
    """
    fields = (province, city, district)
    text = " ".join(field for field in fields if field)
    return filled(_Completion(text, index()).division(*map(_given, fields)))


def is_known(province: str, city: str, district: str | None) -> bool:
    """Whether these official names, exactly, nest; without a district: whether the city exists."""
    return any(
        not district or any(below.name == district for below in named.children)
        for above in provinces()
        if above.name == province
        for named in above.children
        if named.name == city
    )


_NO_CITIES = frozenset(GROUPS).union(*PARTS.values())


class _Completion:
    def __init__(self, text: str, known: Index) -> None:
        self._text = text
        self._known = known

    def division(self, province: str, city: str, district: str) -> Division:
        scope = self._province(province) if province else None
        if city:
            cities = self._exactly(scope, city, Level.CITY)
            if not cities and district in ("", city):
                return self._district_in_place_of_city(scope, city)
            # A district that nests tells 海南 the prefecture from 海南 the province.
            scope = self._one(cities, scope, with_rivals=not district)
        if district:
            return self._district(scope, district)
        settled = scope and (scope.own_city or scope)
        if settled is None or settled.level is not Level.CITY:
            raise Unparsable(self._text)
        return settled

    def _province(self, name: str) -> Division:
        return self._one(self._exactly(None, name, Level.PROVINCE), None)

    def _district_in_place_of_city(self, scope: Division | None, name: str) -> Division:
        readings = self._exactly(scope, name, Level.DISTRICT)
        return self._one([reading for reading in readings if not reading.is_short], scope)

    def _district(self, scope: Division | None, name: str) -> Division:
        city = scope and (scope.own_city or scope)
        if city is not None and city.level is Level.CITY:
            names = self._known.names(city)
            if not city.children:
                if name in (*names.full, *names.short):
                    return city
                return self._one(self._exactly(city, name, Level.TOWN), city)
            return self._one(self._exactly(city, name, Level.DISTRICT), city)
        readings = self._exactly(scope, name, Level.DISTRICT)
        readings += [
            reading
            for reading in self._exactly(scope, name, Level.CITY)
            if reading.division.is_county_as_city
        ]
        return self._one(readings or self._everything_named(scope, name), scope)

    def _exactly(self, scope: Division | None, name: str, level: Level) -> list[Reading]:
        return [
            reading
            for reading in self._known.at(scope, name, 0)
            if reading.name == name and reading.division.level is level
        ]

    def _everything_named(self, scope: Division | None, name: str) -> list[Reading]:
        """Districts that the name fits but that it may not settle alone; one only is none."""
        found = [
            Reading(division, name, is_short=True)
            for division in self._known.named(name)
            if division.level is Level.DISTRICT and (scope is None or division.is_within(scope))
        ]
        return found if len(found) > 1 else []

    def _one(
        self, readings: list[Reading], scope: Division | None, *, with_rivals: bool = True
    ) -> Division:
        places = dict.fromkeys(reading.division for reading in readings)
        if not places:
            raise Unparsable(self._text)
        for reading in readings:
            if reading.is_short and with_rivals:
                for rival in self._known.rivals(reading, scope):
                    # The field's level is known, yet 海南 in it may still be the province.
                    if rival.level <= reading.division.level:
                        places[rival] = None
        if len(places) > 1:
            raise Ambiguous(self._text, tuple(place.full_path for place in places))
        return next(iter(places))


def _given(field: str | None) -> str:
    value = without_separators(field or "")
    return "" if value in _NO_CITIES else value

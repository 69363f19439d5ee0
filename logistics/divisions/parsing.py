"""A written address becomes official names, or is refused; nothing in between is made up.

Of all nested readings the one that explains most of the text is taken. Where two that explain
equally much differ, the address is ambiguous; where one contains the other, the wider one holds.
"""

from __future__ import annotations

from logistics.divisions.errors import Ambiguous, Unparsable
from logistics.divisions.folding import FoldedText
from logistics.divisions.index import Index, index
from logistics.divisions.parsed import Parsed
from logistics.divisions.scanning import End, Scan
from logistics.divisions.surroundings import ends_full_name, is_street
from logistics.divisions.table import Division, Level


def parse(text: str) -> Parsed:
    """Reads the divisions an address begins with; `detail` is the rest, as it was written.

    Raises Ambiguous when the place exists more than once and the text does not say which, and
    Unparsable when no city (or county administered by a province) is named, or when what is named
    does not nest: a district of one city below another.
    """
    folded = FoldedText.of(text)
    known = index()
    scan = Scan(folded, known)
    end = _chosen(text, scan)
    division = _city(end)
    if division.level is Level.PROVINCE:
        raise Unparsable(text)
    if division.level is Level.CITY and _is_contradicted(known, folded, end):
        raise Unparsable(text)
    hints = () if division.level is not Level.CITY else scan.hints.get(division, ())
    candidates = tuple(hint.full_path for hint in hints)
    return filled(division, folded.rest(end.stop), candidates)


def filled(division: Division, detail: str = "", candidates: tuple[str, ...] = ()) -> Parsed:
    names = {above.level: above.name for above in division.path}
    return Parsed(
        names[Level.PROVINCE],
        names.get(Level.CITY),
        names.get(Level.DISTRICT),
        names.get(Level.TOWN),
        detail,
        candidates,
    )


def _chosen(text: str, scan: Scan) -> End:
    if not scan.ends:
        raise Unparsable(text)
    furthest = max(end.stop for end in scan.ends)
    tied = {end.division.full_path: end for end in scan.ends if end.stop == furthest}
    widest = [
        end
        for end in tied.values()
        if not any(
            other is not end and end.division.is_within(other.division) for other in tied.values()
        )
    ]
    if len(widest) == 1 and not widest[0].rivals:
        return widest[0]
    if city_end := _common_city(widest, scan):
        scan.hints[_city(city_end)] = tuple(end.division for end in widest)
        return city_end
    places = {place.full_path: None for end in widest for place in (end.division, *end.rivals)}
    raise Ambiguous(text, tuple(places))


def _common_city(ends: list[End], scan: Scan) -> End | None:
    """Where the city stops, if only the way down from it is in doubt: one town, two counties."""
    cities = {above for end in ends for above in end.division.path if above.level is Level.CITY}
    if len(cities) > 1 or any(end.rivals for end in ends):
        return None
    within = [end for end in scan.ends if cities & {end.division, end.division.own_city}]
    return max(within, key=lambda end: end.stop, default=None)


def _city(end: End) -> Division:
    """A municipality that was named once stands for its province and its city."""
    return end.division.own_city or end.division


def _is_contradicted(known: Index, text: FoldedText, end: End) -> bool:
    start = text.after_separators(end.stop)
    for reading in known.at(None, text.folded, start):
        following = text.folded[start + len(reading.name) :]
        if (
            not reading.is_short
            and len(reading.name) > 2
            and not reading.division.is_within(end.division)
            and not end.division.is_within(reading.division)
            and ends_full_name(reading.name, following)
            and not is_street(following)
        ):
            return True
    return False

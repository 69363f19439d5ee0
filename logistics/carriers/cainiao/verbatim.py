"""The very characters of one value inside a JSON text: what was signed must not be rewritten."""

from __future__ import annotations

import re
from json import JSONDecoder
from json.decoder import scanstring  # type: ignore[attr-defined]  # public, but not in the stubs

Step = str | int

_BLANKS = re.compile(r"[ \t\n\r]*")
# Only ends are looked for: no number is worth converting, or refusing for its length.
_DECODER = JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)


def raw_value(source: str, way: tuple[Step, ...]) -> str:
    """The characters of the value found by `way` in `source`, which is known to be JSON.

    Of a member given twice the last counts, as for `json.loads`.

    :raises KeyError: there is no such value.
    """
    start = _skip(source, 0)
    for step in way:
        start = _member(source, start, step)
    return source[start : _end(source, start)]


def _member(source: str, at: int, step: Step) -> int:
    """Where the member `step` of the container at `at` begins."""
    opening, found, place = source[at], -1, 0
    at = _skip(source, at + 1)
    while source[at] not in "}]":
        name: Step = place
        if opening == "{":
            name, at = scanstring(source, at + 1, True)
            at = _skip(source, _skip(source, at) + 1)
        if name == step:
            found = at
        at = _skip(source, _end(source, at))
        if source[at] == ",":
            at = _skip(source, at + 1)
        place += 1
    if found < 0:
        raise KeyError(step)
    return found


def _end(source: str, at: int) -> int:
    return _DECODER.raw_decode(source, at)[1]


def _skip(source: str, at: int) -> int:
    blanks = _BLANKS.match(source, at)
    return blanks.end() if blanks else at

"""What the goods are, without people, for riders who have not the order in hand.

Shops send prose or JSON of their own. JSON keeps its shape and every number as it was written; a
key tells what is under it as everywhere in masked JSON, but a bare `name` is that of the goods.
"""

from __future__ import annotations

import json
from typing import Any

from config.kernel.masking import KnownValues, mask_secret, mask_text
from config.kernel.masking.keys import Kind, folded, is_of_person, kind_of
from config.kernel.masking.text import MASKS


class _Number(str):
    """A number's own digits: 17.50 stays 17.50, and no digit of a long one is lost."""

    __slots__ = ()


def without_people(known: KnownValues, goods: str) -> str:
    """`goods` as whoever may not know its people reads it."""
    try:
        # Objects as pairs, so that keys which are masked alike stay two.
        value = json.loads(goods, object_pairs_hook=tuple, parse_int=_Number, parse_float=_Number)
        if isinstance(value, tuple | list):
            return _Writer(known).value(value, Kind.TEXT, of_person=False)
    except (ValueError, RecursionError):
        pass
    return known.hide(goods)


class _Writer:
    """Masks one value and writes it as JSON in one walk."""

    def __init__(self, known: KnownValues) -> None:
        self._known = known

    def value(self, value: Any, kind: Kind, *, of_person: bool) -> str:
        """JSON of a `value` that stands under a key of this `kind`, or below one about a person."""
        if isinstance(value, tuple | list) and kind is Kind.SECRET:
            return _written(mask_secret())
        if isinstance(value, tuple):
            return self._object(value, of_person=of_person)
        if isinstance(value, list):
            each = (self.value(inner, kind, of_person=of_person) for inner in value)
            return f"[{', '.join(each)}]"
        if isinstance(value, _Number):
            return self._number(value, kind)
        return _written(self._text(value, kind) if isinstance(value, str) else value)

    def _object(self, pairs: tuple[tuple[str, Any], ...], *, of_person: bool) -> str:
        shown: dict[str, str] = {}
        for key, value in pairs:
            own_name = folded(key) == "name" and not of_person
            kind = Kind.TEXT if own_name else kind_of(key)
            about = of_person or is_of_person(key)
            shown[self._key(key, shown)] = self.value(value, kind, of_person=about)
        return "{" + ", ".join(f"{_written(key)}: {value}" for key, value in shown.items()) + "}"

    def _key(self, key: str, taken: dict[str, str]) -> str:
        """The key as shown; one that is there already gets a number."""
        hidden = name = self._known.hide(key)
        count = 1
        while name in taken:
            count += 1
            name = f"{hidden} ({count})"
        return name

    def _text(self, text: str, kind: Kind) -> str:
        return MASKS[kind](text) if text and kind in MASKS else self._known.hide(text)

    def _number(self, number: _Number, kind: Kind) -> str:
        """A phone or a card written as a number becomes a text; any other is left alone."""
        plain = str(number)
        if kind in MASKS:
            masked = MASKS[kind](plain)
        elif not plain.removeprefix("-").isdecimal():
            return plain
        else:
            # An id may be as long as a card's number; as in any masked JSON it stays.
            free = plain if kind is Kind.IDENTIFIER else mask_text(plain)
            masked = self._known.hide_kept(free)
        return plain if masked == plain else _written(masked)


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)

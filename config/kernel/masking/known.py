"""What a row knows of its people shows in no text that is shown masked, labelled or not.

Carriers, shops and operators name them in prose ("张三丰拒接，文一西路969号"), where nothing but
the row itself tells that it is a name. Numbers of parcels, provinces, cities and districts stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from config.kernel.masking.details import UNNUMBERED, detail_of, grams_of, runs
from config.kernel.masking.doors import doors, known_doors
from config.kernel.masking.folding import folded, positions
from config.kernel.masking.text import mask_text, settled
from config.kernel.masking.values import mask_address, mask_name, mask_phone, mask_secret
from config.kernel.phones import search_form

_SEPARATE = re.compile(r"[/、,\uff0c;\uff1b|()\uff08\uff09\[\]【】]+")
_TITLES = "先生|女士|小姐|老师|师傅|经理|老板"
_TITLE = re.compile(rf"(?<=..)(?:{_TITLES})$")
_ONLY_A_TITLE = re.compile(rf"\s*(?:{_TITLES})\s*")
_SHORTEST_NAME, _SHORTEST_PHONE, _SHORTEST_ADDRESS = 2, 7, 3
# 95338, 123456: a shop's or a courier's service number, known as it is only.
_SHORTEST_SERVICE = 5
_WHOLE_PHONE = 11
_WORD = 4
# One or two digits beside a name are no code: Amy2号.
_NEAR = 3
_BEFORE = re.compile(r"(?:^|[^A-Za-z\d])\d{0,2}$")
_BEHIND = re.compile(r"\d{0,2}(?![A-Za-z\d])")
_Span = tuple[int, int, str]


class KnownValues:
    """Names, phones, and addresses with the areas they may begin with; made once for all texts.

    Of columns that may be NULL: what is None or blank is no value.
    """

    def __init__(
        self,
        *,
        names: Iterable[str | None] = (),
        phones: Iterable[str | None] = (),
        addresses: Iterable[tuple[str | None, Iterable[str | None]]] = (),
    ) -> None:
        self._words: dict[str, str] = {}
        self._phones: dict[str, str] = {}
        self._details: dict[str, dict[str, list[int]]] = {}
        self._doors: set[str] = set()
        for name in names:
            self._add_name(name or "")
        for phone in phones:
            self._add_phone(phone or "")
        for address, areas in addresses:
            self._add_address(address or "", (area or "" for area in areas))
        grams = {gram for places in self._details.values() for gram in places}
        self._marks = (*self._words, *self._phones, *map(folded, self._doors), *grams)

    def hide(self, text: str) -> str:
        """Prose as it may be shown: `mask_text`, and what is known. Never raises."""
        return settled(lambda once: self._hidden(mask_text(once), lone=True), text)

    def hide_kept(self, value: Any) -> Any:
        """A copy of what was masked when it was kept, JSON or text, without what is known.

        Nothing else is touched: `mask_text` would take a long number for a card's, whose key said
        that it is none; nor is a lone number a door there.
        """
        if not self._marks:
            return value
        if isinstance(value, str):
            return settled(lambda once: self._hidden(once, lone=False), value)
        if isinstance(value, Mapping):
            return {self.hide_kept(key): self.hide_kept(each) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.hide_kept(each) for each in value]
        return value

    def _add_name(self, name: str) -> None:
        parts = [name, *_SEPARATE.split(name)]
        for part in {*parts, *(_TITLE.sub("", part.strip()) for part in parts)}:
            word = folded(part)
            known = len(word) >= _SHORTEST_NAME and not _ONLY_A_TITLE.fullmatch(part)
            if known and not _is_masked(part):
                self._words[word] = mask_name(part)

    def _add_phone(self, phone: str) -> None:
        for part in _SEPARATE.split(phone) if not _is_masked(phone) else ():
            digits = search_form(part)
            forms = [digits, f"86{digits}", f"0086{digits}"]
            if digits.startswith("0"):
                local = digits[3:] if digits[1:2] in {"1", "2"} else digits[4:]
                forms += [local, f"86{digits[1:]}", f"0086{digits[1:]}"]
            if len(digits) >= _SHORTEST_PHONE:
                long = [form for form in forms if len(form) >= _SHORTEST_PHONE]
                self._phones |= {form: mask_phone(form) for form in long}
            elif len(digits) >= _SHORTEST_SERVICE:
                self._phones[digits] = mask_secret()

    def _add_address(self, address: str, areas: Iterable[str]) -> None:
        detail = detail_of(address, areas)
        if len(detail) < _SHORTEST_ADDRESS or _is_masked(address):
            return
        if len(detail) < UNNUMBERED:  # too short to be known by its parts
            self._words[detail] = mask_address(detail)
        self._details[detail] = grams_of(detail)
        self._doors |= known_doors(address)

    def _hidden(self, text: str, *, lone: bool) -> str:
        plain = folded(text)
        if not any(mark in plain for mark in self._marks):
            return text
        places = positions(text)
        shown, at = [], 0
        spans = [*self._spans(text, plain, places), *self._places(text, plain, places)]
        spans += [(*span, mask_secret()) for span in doors(text, self._doors, lone=lone)]
        for start, end, instead in _joined(spans):
            shown += [text[at:start], instead]
            at = end
        return "".join([*shown, text[at:]])

    def _spans(self, text: str, plain: str, places: list[int]) -> Iterator[_Span]:
        for word, instead in self._words.items():
            for start, end in _found(word, plain, places):
                if not _is_in_another(word, text, start, end):
                    yield start, end, instead
        for number, instead in self._phones.items():
            for start, end in _found(number, plain, places):
                if not _touches(text, start, end, only_digits=len(number) >= _WHOLE_PHONE):
                    yield start, end, instead

    def _places(self, text: str, plain: str, places: list[int]) -> Iterator[_Span]:
        def is_word(first: int, behind: int) -> bool:
            return not _touches(text, places[first], places[behind - 1] + 1)

        for detail, grams in self._details.items():
            for first, behind in runs(detail, grams, plain, is_word):
                start, end = places[first], places[behind - 1] + 1
                # The head of a Latin word tells which it is.
                latin = plain[first:behind].isascii()
                yield start, end, mask_secret() if latin else mask_address(text[start:end])


def _is_masked(value: str) -> bool:
    return "*" in value


def _found(word: str, plain: str, places: list[int]) -> Iterator[tuple[int, int]]:
    at = plain.find(word)
    while at >= 0:
        yield places[at], places[at + len(word) - 1] + 1
        at = plain.find(word, at + 1)


def _is_in_another(word: str, text: str, start: int, end: int) -> bool:
    """Whether a word of few Latin letters is but a piece of another, or of a code: Li in SLi123."""
    if not word.isascii():
        return False
    if not word.isalpha():
        return _touches(text, start, end)
    near = text[max(0, start - _NEAR) : start], text[end : end + _NEAR]
    return len(word) < _WORD and not (_BEFORE.search(near[0]) and _BEHIND.match(near[1]))


def _touches(text: str, start: int, end: int, *, only_digits: bool = False) -> bool:
    """Whether it is but a piece of a longer number or word of Latin letters."""
    return any(
        char.isdecimal() or (not only_digits and char.isascii() and char.isalpha())
        for char in (text[start - 1 : start], text[end : end + 1])
        if char
    )


def _joined(spans: Iterable[_Span]) -> list[_Span]:
    """In order, none over another: one inside another is part of it."""
    joined: list[_Span] = []
    for start, end, instead in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not joined or start >= joined[-1][1]:
            joined.append((start, end, instead))
        elif end > joined[-1][1]:
            joined[-1] = (joined[-1][0], end, mask_secret())
    return joined

"""What an order knows of its people shows in no text that is shown masked, labelled or not.

Carriers and operators name them in prose ("张三丰拒接，文一西路969号"), where nothing but the
order itself tells that it is a name. Numbers of parcels, provinces, cities and districts stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from config.kernel.masking import mask_address, mask_name, mask_phone, mask_secret, mask_text
from config.kernel.masking.text import settled
from config.kernel.phones import search_form
from logistics.models import ExpressOrder
from logistics.queries.folded_text import folded, positions

_SIDES = ("receiver", "sender")
_LEVELS = ("province", "city", "district", "town")
_NAMES = ("receiver_name", "sender_name", "courier_name")
_PHONES = ("receiver_phone", "sender_phone", "courier_phone")
_ADDRESSES = ("receiver_address", "receiver_address_text", "sender_address")
#: The columns that name people, and those that tell where in an address its detail begins.
NAMING: Final = (*_NAMES, *_PHONES, *_ADDRESSES)
AREAS: Final = {side: tuple(f"{side}_{level}" for level in _LEVELS) for side in _SIDES}
#: The columns that `KnownValues.of` reads.
PEOPLE: Final = (*NAMING, *AREAS["receiver"], *AREAS["sender"], "former_people")

_SEPARATE = re.compile(r"[/、,\uff0c;\uff1b|()\uff08\uff09\[\]【】]+")
_TITLE = re.compile(r"(?<=..)(?:先生|女士|小姐|老师|师傅|经理|老板)$")
_SUFFIX = re.compile(r"(?<=..)(?:省|市|(?:壮族|回族|维吾尔)?自治区|区|县|街道|镇|乡)$")
_SHORTEST_NAME, _SHORTEST_PHONE, _SHORTEST_ADDRESS = 2, 7, 3
# A part of an address tells where it is by four characters with a number among them. Without one
# it takes more than `mask_address` leaves, or what was masked would be masked again.
_NUMBERED, _UNNUMBERED, _FOREIGN = 4, 7, 8
_WHOLE_PHONE = 11
_WORD = 4
_Span = tuple[int, int, str]


class KnownValues:
    """The names, phones and addresses of one order, made once for all its texts."""

    def __init__(self) -> None:
        self._words: dict[str, str] = {}
        self._phones: dict[str, str] = {}
        self._details: dict[str, dict[str, list[int]]] = {}
        self._marks: tuple[str, ...] = ()

    @classmethod
    def of(cls, order: Any) -> KnownValues:
        """Of an order, or of any row that has the columns `PEOPLE`."""
        known = cls()
        known._add({name: getattr(order, name) for name in PEOPLE[:-1]})
        for former in order.former_people or ():
            known._add(former)
        grams = {gram for places in known._details.values() for gram in places}
        known._marks = (*known._words, *known._phones, *grams)
        return known

    def hide(self, text: str) -> str:
        """Prose as it may be shown: `mask_text`, and what the order knows. Never raises."""
        return settled(lambda once: self._hidden(mask_text(once)), text)

    def hide_kept(self, value: Any) -> Any:
        """A copy of what was masked when it was kept, JSON or text, without what the order knows.

        Nothing else is touched: `mask_text` would take a long number for a card's, whose key said
        that it is none.
        """
        if not self._marks:
            return value
        if isinstance(value, str):
            return settled(self._hidden, value)
        if isinstance(value, Mapping):
            return {self.hide_kept(key): self.hide_kept(each) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.hide_kept(each) for each in value]
        return value

    def _add(self, people: Mapping[str, str | None]) -> None:
        for column in _NAMES:
            self._add_name(people.get(column) or "")
        for column in _PHONES:
            self._add_phone(people.get(column) or "")
        for column in _ADDRESSES:
            areas = AREAS[column.partition("_")[0]]
            self._add_address(people.get(column) or "", [people.get(area) or "" for area in areas])

    def _add_name(self, name: str) -> None:
        parts = [name, *_SEPARATE.split(name)]
        for part in {*parts, *(_TITLE.sub("", part.strip()) for part in parts)}:
            word = folded(part)
            if len(word) >= _SHORTEST_NAME and not _is_masked(part):
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

    def _add_address(self, address: str, levels: Iterable[str]) -> None:
        detail = folded(address)
        for level in levels:
            full = folded(level)
            short = _SUFFIX.sub("", full)
            taken = next((name for name in (full, short) if name and detail.startswith(name)), "")
            detail = detail[len(taken) :]
        if len(detail) < _SHORTEST_ADDRESS or _is_masked(address):
            return
        if len(detail) < _UNNUMBERED:
            self._words[detail] = mask_address(detail)
        places: dict[str, list[int]] = {}
        for at in range(len(detail) - _NUMBERED + 1):
            places.setdefault(detail[at : at + _NUMBERED], []).append(at)
        self._details[detail] = places

    def _hidden(self, text: str) -> str:
        plain = folded(text)
        if not any(mark in plain for mark in self._marks):
            return text
        places = positions(text)
        shown, at = [], 0
        for start, end, instead in _joined(self._spans(text, plain, places)):
            shown += [text[at:start], instead]
            at = end
        return "".join([*shown, text[at:]])

    def _spans(self, text: str, plain: str, places: list[int]) -> Iterator[_Span]:
        for word, instead in self._words.items():
            for start, end in _found(word, plain, places):
                inside = word.isascii() and (len(word) < _WORD or not word.isalpha())
                if not (inside and _touches(text, start, end)):
                    yield start, end, instead
        for number, instead in self._phones.items():
            for start, end in _found(number, plain, places):
                if not _touches(text, start, end, only_digits=len(number) >= _WHOLE_PHONE):
                    yield start, end, instead
        for detail, grams in self._details.items():
            for first, behind in _runs(detail, grams, plain):
                start, end = places[first], places[behind - 1] + 1
                yield start, end, mask_address(text[start:end])


def known_values(order_ids: Iterable[int | None]) -> dict[int | None, KnownValues]:
    """Those of a page's orders, in one statement; of no order nothing is known."""
    wanted = {order_id for order_id in order_ids if order_id is not None}
    rows = ExpressOrder.objects.filter(pk__in=wanted).only(*PEOPLE) if wanted else ()
    found: dict[int | None, KnownValues] = dict.fromkeys((None, *wanted), KnownValues())
    return found | {row.pk: KnownValues.of(row) for row in rows}


def _is_masked(value: str) -> bool:
    return "*" in value


def _found(word: str, plain: str, places: list[int]) -> Iterator[tuple[int, int]]:
    at = plain.find(word)
    while at >= 0:
        yield places[at], places[at + len(word) - 1] + 1
        at = plain.find(word, at + 1)


def _touches(text: str, start: int, end: int, *, only_digits: bool = False) -> bool:
    """Whether it is but a piece of a longer number or word of Latin letters."""
    return any(
        char.isdecimal() or (not only_digits and char.isascii() and char.isalpha())
        for char in (text[start - 1 : start], text[end : end + 1])
        if char
    )


def _runs(detail: str, grams: Mapping[str, list[int]], plain: str) -> Iterator[tuple[int, int]]:
    """Where `plain` says, word for word, a part of `detail` that tells a place."""
    at = 0
    while at <= len(plain) - _NUMBERED:
        begins = grams.get(plain[at : at + _NUMBERED], ())
        longest = max((_alike(detail[begin:], plain, at) for begin in begins), default=0)
        if _tells(plain[at : at + longest]):
            yield at, at + longest
            at += longest
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
    return len(run) >= _UNNUMBERED or any(char.isdecimal() for char in run)


def _joined(spans: Iterable[_Span]) -> list[_Span]:
    """In order, none over another: one inside another is part of it."""
    joined: list[_Span] = []
    for start, end, instead in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not joined or start >= joined[-1][1]:
            joined.append((start, end, instead))
        elif end > joined[-1][1]:
            joined[-1] = (joined[-1][0], end, mask_secret())
    return joined

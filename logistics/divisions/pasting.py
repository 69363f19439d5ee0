"""A pasted block becomes name, phone and address; what is not certain is offered, never taken.

Pure: the division table, the labels people write and the shapes of phones and names. It never
raises. Every division it gives is one that `parse` reads off the text, or one the caller chose
among those offered; what cannot be read stays in the detail, and a doubt says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum

from logistics.divisions.cleaning import clean
from logistics.divisions.labels import PHONE_MARK, Label, labelled, side_of
from logistics.divisions.pasted_phones import cut_masked, cut_phones, labelled_phone
from logistics.divisions.pasted_places import begins_in_full, detached, place_in
from logistics.divisions.pasted_words import Word, on_one_line, outer, without, words_of
from logistics.divisions.people import Likeness, glued_name, likeness

LONGEST = 1_000
LONGEST_NAME = 40
_RECEIVED = re.compile(r"(?<=.)(?:[(（](?:亲)?收[)）]|亲收|收)$")
_LONE = frozenset({"收", "亲收", "(收)", "（收）"})
_POSTCODE = re.compile(r"[0-8]\d{5}")


class Doubt(Enum):
    """Why something was not taken, or was taken in part."""

    TOO_LONG = "too_long"
    OTHER_SIDE = "other_side"
    NO_NAME = "no_name"
    WHICH_NAME = "which_name"
    NO_PHONE = "no_phone"
    MASKED_PHONE = "masked_phone"
    WHICH_PHONE = "which_phone"
    NO_PLACE = "no_place"
    WHICH_PLACE = "which_place"
    NO_DISTRICT = "no_district"
    HINTED_PLACE = "hinted_place"
    MOVED = "moved"
    LEFT_OUT = "left_out"


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a person picked among what was offered; anything else is ignored."""

    name: str = ""
    phone: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Pasted:
    """What a block was read as; an empty text was not read.

    `names`, `phones` and `places` (full paths, levels between blanks) are offered and not taken.
    `left_out` is text that belongs in none of the fields (a postcode, a remark), `moved` what
    stood before the address and is now behind its detail.
    """

    name: str = ""
    phone: str = ""
    province: str = ""
    city: str = ""
    district: str = ""
    town: str = ""
    detail: str = ""
    names: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    moved: str = ""
    doubts: tuple[Doubt, ...] = ()


def split_pasted(text: str, *, sender: bool = False, chosen: Chosen | None = None) -> Pasted:
    """Read a block; of one that names both sides by their labels, the side asked for."""
    picked = chosen or Chosen()
    whole = clean(text[: 2 * LONGEST])
    part, other_side = side_of(whole[:LONGEST], sender=sender)
    if not part:
        return Pasted()
    block = _Block.of(part)
    name, names = block.take_name(picked.name)
    phone, phones = _one_of(block.phones, picked.phone)
    placed = place_in(on_one_line(block.body), picked.place)
    spare = " ".join(block.spare_names)
    pasted = Pasted(
        name=name,
        phone=phone,
        province=placed.province,
        city=placed.city,
        district=placed.district,
        town=placed.town,
        detail=f"{placed.detail} {spare}".strip(),
        names=names,
        phones=phones,
        places=placed.offered,
        left_out=tuple(block.left_out),
        moved=placed.moved,
    )
    doubts = _doubts(pasted, is_masked=block.is_masked, lacks_district=placed.lacks_district)
    too_long = len(text) > 2 * LONGEST or len(whole) > LONGEST
    return replace(
        pasted,
        doubts=(
            *((Doubt.TOO_LONG,) if too_long else ()),
            *((Doubt.OTHER_SIDE,) if other_side else ()),
            *doubts,
        ),
    )


def _doubts(pasted: Pasted, *, is_masked: bool, lacks_district: bool) -> Iterator[Doubt]:
    if not pasted.name:
        yield Doubt.WHICH_NAME if pasted.names else Doubt.NO_NAME
    if not pasted.phone and pasted.phones:
        yield Doubt.WHICH_PHONE
    elif not pasted.phone:
        yield Doubt.MASKED_PHONE if is_masked else Doubt.NO_PHONE
    if not pasted.province:
        yield Doubt.WHICH_PLACE if pasted.places else Doubt.NO_PLACE
    elif pasted.places:
        yield Doubt.HINTED_PLACE
    elif lacks_district:
        yield Doubt.NO_DISTRICT
    if pasted.moved:
        yield Doubt.MOVED
    if pasted.left_out:
        yield Doubt.LEFT_OUT


def _one_of(found: tuple[str, ...], picked: str) -> tuple[str, tuple[str, ...]]:
    if picked in found:
        return picked, ()
    return (found[0], ()) if len(found) == 1 else ("", found)


@dataclass(slots=True)
class _Block:
    """The text cut at its labels: numbers, a labelled name, and all else in its order."""

    phones: tuple[str, ...]
    left_out: list[str]
    is_masked: bool
    name: str = ""
    body: str = ""
    spare_names: tuple[str, ...] = ()

    @classmethod
    def of(cls, text: str) -> _Block:
        phones, rest = cut_phones(text)
        masked, rest = cut_masked(rest)
        block = cls(phones, list(masked), is_masked=bool(masked))
        block.body = "\n".join(
            block._without_labelled(label, value) for label, value in labelled(rest)
        )
        block._cut_outer()
        return block

    def _without_labelled(self, label: Label, value: str) -> str:
        words = [word for word in words_of(value) if word.text != PHONE_MARK]
        first = words[0] if words else None
        if label is Label.NOTE:
            note, _, rest = value.strip().partition("\n")
            self.left_out += [on_one_line(note)] if note else []
            return rest
        if first is None:
            return value
        if label is Label.PHONE and not self.phones:
            number, rest = labelled_phone(value)
            self.phones = (number,) if number else ()
            return rest
        if label is Label.POSTCODE and _POSTCODE.fullmatch(first.text):
            self.left_out.append(first.text)
            return without(value, first)
        if label is Label.NAME and not self.name and _may_be_named(first.text):
            self.name = _RECEIVED.sub("", first.text)
            return without(value, first)
        return value

    def _cut_outer(self) -> None:
        """收 behind a name, and six digits alone where no part of an address stands."""
        lone = [word for word in words_of(self.body) if word.text in _LONE]
        self.body = without(self.body, *lone)
        found = [word for word in outer(words_of(self.body)) if _POSTCODE.fullmatch(word.text)]
        self.left_out += [word.text for word in found]
        self.body = without(self.body, *found)

    def take_name(self, picked: str) -> tuple[str, tuple[str, ...]]:
        """The name, cut out of the body; else the names there may be."""
        if self.name:
            return self.name, ()
        self._detach_names()
        found = sorted(self._candidates(), key=lambda one: one.grade, reverse=True)
        taken = next((one for one in found if one.name == picked), None) or _sure(found)
        # Several names keep the address from being read; those not taken go behind it.
        spare = [one for one in found if one.grade is Likeness.GOOD and one is not taken]
        names = dict.fromkeys(one.name for one in spare)
        self.spare_names = tuple(name for name in names if taken is None or name != taken.name)
        self.body = without(self.body, *(one.word for one in (*spare, taken) if one))
        if taken is None:
            return "", tuple(dict.fromkeys(one.name for one in found))
        return taken.name, ()

    def _detach_names(self) -> None:
        """张三浙江省杭州市: the address is read only once the name stands apart."""
        for word in reversed(words_of(self.body)):
            length = detached(self.body, word.start)
            if length and likeness(word.text[:length]) is Likeness.GOOD:
                cut = word.start + length
                self.body = f"{self.body[:cut]}\n{self.body[cut:]}"

    def _candidates(self) -> Iterator[_Candidate]:
        words = outer(words_of(self.body))
        for place, word in enumerate(words):
            name = _RECEIVED.sub("", word.text)
            if grade := likeness(name):
                yield _Candidate(grade, name, word, begins=place == 0 and len(words) > 1)
            elif tail := glued_name(name):
                end = word.start + len(word.text)
                yield _Candidate(Likeness.POOR, tail, Word(tail, end - len(tail), end))


@dataclass(frozen=True, slots=True)
class _Candidate:
    grade: Likeness
    name: str
    word: Word
    begins: bool = False


def _sure(found: list[_Candidate]) -> _Candidate | None:
    """The one nothing rivals; a word without a surname only where the block begins with it."""
    good = [one for one in found if one.grade is Likeness.GOOD]
    if good:
        return good[0] if len({one.name for one in good}) == 1 else None
    fair = [one for one in found if one.grade is Likeness.FAIR]
    return fair[0] if len(fair) == 1 and fair[0].begins else None


def _may_be_named(word: str) -> bool:
    """Whether a label's word may be the name it promises, and not already the address."""
    return len(word) <= LONGEST_NAME and not re.search(r"\d", word) and not begins_in_full(word)

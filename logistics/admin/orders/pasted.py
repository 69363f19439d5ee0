"""What was read of a pasted block, as the page shows it: values to fill in, questions to click."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from logistics.admin.orders.forms import PARTS, SIDES
from logistics.divisions.pasting import LONGEST, Chosen, Doubt, Pasted, split_pasted

# A block is read to its beginning; more than this of it is not even looked at.
MOST_SENT = 20_000
_SAID: dict[Doubt, Any] = {
    Doubt.TOO_LONG: _("Only the first %(longest)d characters were read."),
    Doubt.OTHER_SIDE: _("The text names both sides; only the part of this one was taken."),
    Doubt.NO_NAME: _("No name was recognised: please fill it in."),
    Doubt.NO_PHONE: _("No phone was recognised: please fill it in."),
    Doubt.MASKED_PHONE: _("The phone is hidden by asterisks: please fill it in."),
    Doubt.NO_PLACE: _("No province and city were recognised: everything stays in the address."),
    Doubt.NO_DISTRICT: _("No district was recognised: please fill it in if you know it."),
    Doubt.MOVED: _("Not recognised, put behind the address: %(moved)s"),
    Doubt.LEFT_OUT: _("Not taken into any field: %(left_out)s"),
}
_ASKED: dict[Doubt, tuple[str, Any]] = {
    Doubt.WHICH_NAME: ("name", _("Which of these is the name? Nothing was taken.")),
    Doubt.WHICH_PHONE: ("phone", _("Which of these phones? Nothing was taken.")),
    Doubt.WHICH_PLACE: ("place", _("Several places fit. Nothing was taken, please choose:")),
    Doubt.HINTED_PLACE: ("place", _("Perhaps it lies here? Not taken, please choose:")),
}


@dataclass(frozen=True, slots=True)
class Option:
    """One possibility; `value` is what its button sends."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Question:
    """What a person must say, and the possibilities."""

    text: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """A block as read for one side; `values` are that side's fields, empty ones included."""

    side: str
    values: dict[str, str]
    questions: tuple[Question, ...]
    notes: tuple[str, ...]
    chosen: dict[str, str]

    @property
    def is_certain(self) -> bool:
        """Nothing is asked or said."""
        return not self.questions and not self.notes


def read_block(side: str, data: Mapping[str, Any]) -> Reading:
    """Read the side's block; what was chosen before, and is clicked now, is taken."""
    chosen = {
        kind: str(data.get(f"{side}_chosen_{kind}", "")) for kind in ("name", "phone", "place")
    }
    return _reading(side, str(data.get(f"{side}_text", "")), chosen)


def take_choice(data: Mapping[str, Any]) -> Reading | None:
    """Read the block again with what was clicked (`_take`: side, kind and value); None: nothing."""
    side, _colon, rest = str(data.get("_take", "")).partition(":")
    kind, _colon, value = rest.partition(":")
    if side not in SIDES or kind not in {"name", "phone", "place"}:
        return None
    return read_block(side, {**dict(data.items()), f"{side}_chosen_{kind}": value})


def _reading(side: str, text: str, chosen: dict[str, str]) -> Reading:
    pasted = split_pasted(text[:MOST_SENT], sender=side == "sender", chosen=Chosen(**chosen))
    said = {
        "longest": LONGEST,
        "moved": pasted.moved,
        "left_out": "，".join(pasted.left_out),
    }
    return Reading(
        side=side,
        values={
            f"{side}_{part}": getattr(pasted, "detail" if part == "address" else part)
            for part in PARTS
        },
        questions=tuple(_question(side, one, pasted) for one in pasted.doubts if one in _ASKED),
        notes=tuple(str(_SAID[one]) % said for one in pasted.doubts if one in _SAID),
        chosen={kind: value for kind, value in chosen.items() if value},
    )


def _question(side: str, doubt: Doubt, pasted: Pasted) -> Question:
    kind, text = _ASKED[doubt]
    found: tuple[str, ...] = getattr(pasted, f"{kind}s")
    return Question(
        str(text),
        tuple(Option(f"{side}:{kind}:{value}", _short(value)) for value in found),
    )


def _short(value: str) -> str:
    """Municipalities are named once."""
    return " ".join(dict.fromkeys(value.split(" ")))

"""Pasted text as words between separators, each knowing where it stands, so that it can be cut."""

from __future__ import annotations

import re
from dataclasses import dataclass

from logistics.divisions.labels import PHONE_MARK

_SEPARATORS = r"\s,;|、。，；｜【】"
_WORD = re.compile(rf"{PHONE_MARK}|[^{_SEPARATORS}{PHONE_MARK}]+")
_EDGES = "-_—–~:：/\\+=·.*\"'“”"
_LATIN = re.compile(r"[A-Za-z][A-Za-z.'’-]*")
_EMPTY = re.compile(r"[(（【\[]\s*[)）】\]]")
_TRIMMED = f" {_EDGES},;|、。，；｜【"


@dataclass(frozen=True, slots=True)
class Word:
    """One word, and where it stands; `PHONE_MARK` where a number was cut out."""

    text: str
    start: int
    stop: int


def words_of(text: str) -> list[Word]:
    """The words in their order; Latin ones that follow each other are one."""
    words: list[Word] = []
    for found in _WORD.finditer(text):
        word = found.group() if found.group() == PHONE_MARK else found.group().strip(_EDGES)
        last = words[-1] if words else None
        if last and _LATIN.fullmatch(word) and _LATIN.fullmatch(last.text.rpartition(" ")[2]):
            words[-1] = Word(f"{last.text} {word}", last.start, found.end())
        elif word:
            words.append(Word(word, *found.span()))
    return words


def outer(words: list[Word]) -> list[Word]:
    """Where a name or a postcode may stand: at either end, or beside a phone."""
    plain = [word for word in words if word.text != PHONE_MARK]
    return [
        word
        for place, word in enumerate(words)
        if word.text != PHONE_MARK
        and (
            word in (plain[0], plain[-1])
            or any(near.text == PHONE_MARK for near in words[max(0, place - 1) : place + 2])
        )
    ]


def without(text: str, *words: Word) -> str:
    """The text with a line's end in place of each of these words."""
    for word in sorted(words, key=lambda word: word.start, reverse=True):
        text = f"{text[: word.start]}\n{text[word.stop :]}"
    return text


def on_one_line(text: str) -> str:
    """The text without marks, empty brackets and what only separated the parts cut out."""
    lines = (line.strip(_TRIMMED) for line in re.split(rf"[\n{PHONE_MARK}]", text))
    return _EMPTY.sub("", " ".join(line for line in lines if line)).strip()

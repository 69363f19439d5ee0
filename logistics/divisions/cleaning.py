"""Pasted text without what nobody sees in it: invisible characters, control codes, odd blanks."""

from __future__ import annotations

import re
import unicodedata

_HALF_WIDTH = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {0x3000: " "}
# Digits and letters; Chinese punctuation stays as it was written.
_PLAIN = {code: plain for code, plain in _HALF_WIDTH.items() if plain.isalnum() or plain in "+-#@ "}
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_BLANKS = re.compile(r"[^\S\n]+")


def clean(text: str) -> str:
    """Blanks are single spaces and line feeds, digits and letters half-width."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    seen = "".join(
        character
        for character in lines.translate(_PLAIN)
        if character == "\n" or unicodedata.category(character) not in _UNSEEN
    )
    return _BLANKS.sub(" ", seen).strip()


def half_width(text: str) -> str:
    """The text with ASCII in place of its full-width forms; every position stays."""
    return text.translate(_HALF_WIDTH)

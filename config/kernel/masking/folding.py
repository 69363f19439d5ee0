"""Texts are compared as people read them: width, case, accents, blanks and dashes do not matter.

Folding goes character by character, so what is found can be found again in the text itself.
"""

from __future__ import annotations

import unicodedata

_LOOSE = frozenset("-\u2010\u2011\u2012\u2013\u2014\u2015\u2212_.\u00b7\u2022\u2027\u30fb'\u2019()")
_LOOSE_KINDS = frozenset(("Cc", "Cf", "Mn", "Zs", "Zl", "Zp"))


class _Folding(dict[int, str]):
    """What a character becomes, learned as characters come."""

    def __missing__(self, code: int) -> str:
        plain = unicodedata.normalize("NFKD", chr(code)).casefold()
        self[code] = "".join(
            char for char in plain
            if char not in _LOOSE and unicodedata.category(char) not in _LOOSE_KINDS
        )  # fmt: skip
        return self[code]


_FOLDING = _Folding()


def folded(text: str) -> str:
    """`１３８-0013 8000` -> `13800138000`."""
    return text.translate(_FOLDING)


def positions(text: str) -> list[int]:
    """Which character of `text` each one of `folded(text)` comes from."""
    return [at for at, char in enumerate(text) for _ in _FOLDING[ord(char)]]

"""Text made comparable for matching, with the way back: every position knows its original one.

Folded are width and compatibility forms (NFKC), the radicals that copying from a PDF leaves in
place of characters (NFKC keeps those of the CJK Radicals Supplement), and invisible characters.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

# Longer than any address prefix, short enough that a pasted novel costs nothing.
_WINDOW = 200

_RADICALS = {
    "\u2e81": "厂",
    "\u2e92": "巳",
    "\u2e97": "心",
    "\u2ea0": "民",
    "\u2ea9": "王",
    "\u2eab": "目",
    "\u2eae": "竹",
    "\u2ec4": "西",
    "\u2ec5": "见",
    "\u2ec6": "角",
    "\u2ec9": "贝",
    "\u2ecb": "车",
    "\u2ed3": "长",
    "\u2ed4": "门",
    "\u2ed8": "青",
    "\u2ed9": "韦",
    "\u2eda": "页",
    "\u2edb": "风",
    "\u2edc": "飞",
    "\u2ee2": "马",
    "\u2ee3": "骨",
    "\u2ee4": "鬼",
    "\u2ee5": "鱼",
    "\u2ee6": "鸟",
    "\u2ee7": "卤",
    "\u2ee8": "麦",
    "\u2ee9": "黄",
    "\u2eea": "黾",
    "\u2eec": "齐",
    "\u2eef": "竜",
    "\u2ef0": "龙",
    # NFKC turns the Kangxi radicals into these traditional forms.
    "長": "长",
    "門": "门",
    "馬": "马",
    "龍": "龙",
    "鳥": "鸟",
    "魚": "鱼",
    "風": "风",
    "飛": "飞",
    "見": "见",
    "車": "车",
    "貝": "贝",
    "頁": "页",
    "黃": "黄",
    "齊": "齐",
    "麥": "麦",
    "韋": "韦",
    "鹵": "卤",
    "臺": "台",
}
_IN_FOLDED = str.maketrans(_RADICALS)
_BETWEEN_LEVELS = frozenset(",.;:/|\\-_~>\u00b7\u2014\u2013\u2022\u3001\u3002")


def fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text.translate(_IN_FOLDED)).translate(_IN_FOLDED)


def is_separator(character: str) -> bool:
    return character.isspace() or character in _BETWEEN_LEVELS


def without_separators(text: str) -> str:
    return "".join(c for c in fold(text) if not is_separator(c) and not _is_invisible(c))


@dataclass(frozen=True, slots=True)
class FoldedText:
    """The beginning of `original` in folded form; `origins[i]` is where `folded[i]` stood."""

    original: str
    folded: str
    origins: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> FoldedText:
        original = text.strip()
        folded: list[str] = []
        origins: list[int] = []
        for position, character in enumerate(original[:_WINDOW]):
            for part in fold(character):
                if not _is_invisible(part):
                    folded.append(part)
                    origins.append(position)
        origins.append(min(len(original), _WINDOW))
        return cls(original, "".join(folded), tuple(origins))

    def after_separators(self, position: int) -> int:
        while position < len(self.folded) and is_separator(self.folded[position]):
            position += 1
        return position

    def is_boundary(self, position: int) -> bool:
        return position >= len(self.folded) or is_separator(self.folded[position])

    def rest(self, position: int) -> str:
        """The original text from a folded position on, without the separators it begins with."""
        return self.original[self.origins[self.after_separators(position)] :].strip()


def _is_invisible(character: str) -> bool:
    return unicodedata.category(character) == "Cf"

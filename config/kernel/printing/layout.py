"""Text is wrapped and shrunk until it fits: nothing ever leaves its box, however long it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

LEADING = 1.22
STEP = 0.95
# Where a line starts, the top of its letters is this much of the size above the base line.
ASCENT = 0.94
_UNITS = re.compile(r"[!-~\u00a1-\u024f]+| |.")

Width = Callable[[str, float], float]


class Text:
    """A text measured once: words of Latin letters stay whole where a line can hold them."""

    def __init__(self, text: str, width: Width) -> None:
        self._width = width
        self._units = [(unit, width(unit, 1.0)) for unit in _UNITS.findall(text)]

    def wrap(self, size: float, room: float) -> list[str]:
        """The lines, none of them wider than `room`."""
        most = room / size
        lines: list[str] = []
        line, used = "", 0.0
        for unit, wide in self._pieces(most):
            if line and used + wide > most:
                lines.append(line.rstrip())
                line, used = "", 0.0
            if line or unit != " ":
                line, used = line + unit, used + wide
        return [*lines, line.rstrip()] if line.strip() else lines

    def fit(self, size: float, room: float, height: float) -> tuple[float, list[str]]:
        """The largest size up to `size` at which it fits, and its lines."""
        while True:
            lines = self.wrap(size, room)
            if len(lines) * size * LEADING <= height and self._narrow(size, room):
                return size, lines
            size *= STEP

    def _pieces(self, most: float) -> list[tuple[str, float]]:
        """The units, those too wide for any line in single characters."""
        pieces: list[tuple[str, float]] = []
        for unit, wide in self._units:
            if wide <= most:
                pieces.append((unit, wide))
            else:
                pieces += [(each, self._width(each, 1.0)) for each in unit]
        return pieces

    def _narrow(self, size: float, room: float) -> bool:
        """Whether even the widest character has room."""
        return all(wide <= room / size for _unit, wide in self._pieces(room / size))


class Block:
    """Texts below each other, each at its share of one size, with `padding` above and below."""

    def __init__(
        self, parts: Sequence[tuple[Text, float]], *, size: float, room: float, padding: float
    ) -> None:
        self.parts, self.room, self.padding = parts, room, padding
        self.size = size

    def lines(self) -> list[tuple[str, float, int]]:
        """Every line with its size and the place of its text, from the top."""
        return [
            (line, self.size * share, place)
            for place, (text, share) in enumerate(self.parts)
            for line in text.wrap(self.size * share, self.room)
        ]

    @property
    def height(self) -> float:
        """What it needs at its present size."""
        return 2 * self.padding + sum(size * LEADING for _line, size, _place in self.lines())


def settle(blocks: Sequence[Block], height: float) -> None:
    """Shrink until they fit into `height` together; the tallest gives way first."""
    heights = [block.height for block in blocks]
    while sum(heights) > height:
        tallest = heights.index(max(heights))
        blocks[tallest].size *= STEP
        heights[tallest] = blocks[tallest].height

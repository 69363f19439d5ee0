"""The divisions of China as one tree, loaded once on first use and never changed.

Where the tree comes from, and how a line of the file is written, is in data/README.md.
"""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from importlib.resources import files

_FILE = "data/divisions.tsv.gz"
_SEPARATOR_OF_TOWNS = ","


class Level(IntEnum):
    PROVINCE = 1
    CITY = 2
    DISTRICT = 3
    TOWN = 4


@dataclass(frozen=True, slots=True, eq=False)
class Division:
    """One division; compared by identity. `code` is its six digits, empty where none exist."""

    code: str
    name: str
    level: Level
    parent: Division | None
    children: list[Division] = field(default_factory=list, repr=False)
    # Kept as one string: 39,000 town objects would make the first address pay for all the others.
    towns_in_line: str = field(default="", repr=False)

    @property
    def path(self) -> tuple[Division, ...]:
        return (*self.parent.path, self) if self.parent else (self,)

    @property
    def full_path(self) -> str:
        return " ".join(division.name for division in self.path)

    @property
    def is_county_as_city(self) -> bool:
        """A county that its province administers itself; it stands at the level of a city."""
        return self.level is Level.CITY and not self.code.endswith("00") and bool(self.code)

    @property
    def own_city(self) -> Division | None:
        """The city of a municipality (or of Hong Kong or Macau), which has its province's name."""
        if self.level is Level.PROVINCE and self.children[0].name == self.name:
            return self.children[0]
        return None

    def towns(self) -> Iterator[Division]:
        """The towns directly below, made anew at each call; callers that compare keep them."""
        for name in self.towns_in_line.split(_SEPARATOR_OF_TOWNS) if self.towns_in_line else ():
            yield Division("", name, Level.TOWN, self)

    def is_within(self, other: Division) -> bool:
        return other in self.path


_lock = threading.Lock()
_provinces: tuple[Division, ...] = ()


def provinces() -> tuple[Division, ...]:
    """Every province with all below it, in the order of their codes."""
    global _provinces  # noqa: PLW0603 - loaded once, when first asked
    if not _provinces:
        with _lock:
            if not _provinces:
                _provinces = _load()
    return _provinces


def _load() -> tuple[Division, ...]:
    loaded: list[Division] = []
    above: dict[int, Division] = {}
    lines = gzip.decompress(files(__package__).joinpath(_FILE).read_bytes()).decode()
    for line in lines.splitlines():
        depth, code, name, towns = line.split("\t")
        level = Level(int(depth))
        parent = above.get(level - 1)
        division = Division(code, name, level, parent, towns_in_line=towns)
        above[level] = division
        (parent.children if parent else loaded).append(division)
    return tuple(loaded)

"""What happened is written down line by line; two runs of one seed have the same lines."""

from __future__ import annotations

import hashlib
from collections import Counter


class Broken(BaseException):
    """An invariant does not hold; no handler of the product may take it for its own trouble."""


class Trace:
    """Lines of one run, their hash, and how often each kind of thing happened."""

    def __init__(self, *, aloud: bool = False) -> None:
        self.lines: list[str] = []
        self.counts: Counter[str] = Counter()
        self.depth = 0
        self._aloud = aloud
        self._hash = hashlib.sha256()

    def say(self, seconds: float, text: str) -> None:
        line = f"{seconds:12.3f} {'. ' * self.depth}{text}"
        self._hash.update(f"{line}\n".encode())
        self.lines.append(line)
        if self._aloud:
            print(line, flush=True)

    def count(self, what: str) -> None:
        self.counts[what] += 1

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()

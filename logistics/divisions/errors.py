"""A place that cannot be told for certain is refused with its reason as data, never guessed.

The messages carry no address: they end up in logs, the address stays in the attribute.
"""

from __future__ import annotations


class Ambiguous(ValueError):
    """Several divisions fit. `candidates` are their full paths ("北京市 北京市 朝阳区")."""

    def __init__(self, text: str, candidates: tuple[str, ...]) -> None:
        super().__init__(f"{len(candidates)} divisions fit this address")
        self.text = text
        self.candidates = candidates

    def __reduce__(self) -> tuple[type[Ambiguous], tuple[str, tuple[str, ...]]]:
        return type(self), (self.text, self.candidates)


class Unparsable(ValueError):
    """No city was recognised, or what is written contradicts the table."""

    def __init__(self, text: str) -> None:
        super().__init__("no division at the level of a city fits this address")
        self.text = text

    def __reduce__(self) -> tuple[type[Unparsable], tuple[str]]:
        return type(self), (self.text,)

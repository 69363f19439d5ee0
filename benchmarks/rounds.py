"""Rounds are interleaved; a figure is the median of the rounds' own ratios, with its extremes."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table: `median` [`low`–`high`], and whether `goal` was met."""

    name: str
    median: float
    low: float
    high: float
    unit: str = "×"
    at_least: float | None = None
    at_most: float | None = None
    beside: str = ""

    @property
    def met(self) -> bool | None:
        """None where there is no goal."""
        if self.at_least is not None:
            return self.median >= self.at_least
        if self.at_most is not None:
            return self.median <= self.at_most
        return None

    def as_json(self) -> dict[str, Any]:
        """With the verdict."""
        return {**asdict(self), "met": self.met}


def interleave(
    kinds: Mapping[str, Callable[[int], float]], rounds: int, *, warm_up: bool = True
) -> dict[str, list[float]]:
    """Run every kind once a round, in turning order; round 0 warms up and is not counted."""
    out: dict[str, list[float]] = {name: [] for name in kinds}
    names = list(kinds)
    for number in range(0 if warm_up else 1, rounds + 1):
        order = names if number % 2 else names[::-1]
        for name in order:
            value = kinds[name](number)
            if number:
                out[name].append(value)
    return out


def figure(name: str, values: list[float], **more: Any) -> Figure:
    """The median and extremes of `values`."""
    return Figure(name, statistics.median(values), min(values), max(values), **more)


def ratio(name: str, upper: list[float], lower: list[float], **more: Any) -> Figure:
    """The ratio of two kinds, round by round."""
    return figure(name, [a / b for a, b in zip(upper, lower, strict=True)], **more)


def rates(**kinds: list[float]) -> str:
    """The medians behind a ratio, for the reader."""
    return ", ".join(f"{name} {statistics.median(values):,.0f}/s" for name, values in kinds.items())

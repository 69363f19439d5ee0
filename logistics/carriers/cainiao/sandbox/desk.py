"""What every message's handler works with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from logistics.carriers.cainiao.sandbox.book import Book
from logistics.carriers.cainiao.sandbox.envelope import Message
from logistics.carriers.cainiao.sandbox.rounds import Rounds
from logistics.carriers.cainiao.sandbox.world import World


@dataclass(frozen=True)
class Desk:
    """The book is what is known, the rounds are what happens on the road."""

    world: World
    book: Book
    rounds: Rounds


# Returns the answer's members beside `success`; raises Refusal.
Handler = Callable[[Desk, Message], Mapping[str, object]]

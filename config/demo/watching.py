"""Watches until every parcel is where it must be and nothing more is to come, or time is over."""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live

from config.demo.board import Parcel, callbacks_due, draw, line, read_board
from config.demo.door import SandboxDoor
from config.demo.scenario import REFUSED, Expectation
from config.supervisor import Crew

_TICK = 0.5
# What is written to a file is not looked at twice a second.
_BETWEEN_LINES = 4.0

Show = Callable[[list[Parcel], float], None]


def watch(
    *,
    crew: Crew,
    door: SandboxDoor,
    console: Console,
    tenant_id: int,
    expected: list[Expectation],
    seconds: float,
) -> list[Parcel]:
    """Return the parcels as they stand at the end.

    :raises ProgramEnded: one of the programs gave up.
    """
    ends = {one.number: one.end for one in expected if one.end != REFUSED}
    began = time.monotonic()
    with _showing(console, {one.number for one in expected if one.fault}) as show:
        while True:
            crew.check()
            parcels = read_board(tenant_id)
            elapsed = time.monotonic() - began
            show(parcels, elapsed)
            there = all(parcel.status == ends.get(parcel.number) for parcel in parcels)
            if elapsed > seconds or (there and _quiet(door)):
                return parcels
            time.sleep(_TICK)


def _quiet(door: SandboxDoor) -> bool:
    """Whether nothing is scheduled over there, and nothing received waits here."""
    return not door.state()["pending"] and not callbacks_due()


@contextmanager
def _showing(console: Console, first: Container[str]) -> Iterator[Show]:
    """A live table on a terminal; elsewhere a line now and then, when something changed."""
    if console.is_terminal:
        with Live(console=console, auto_refresh=False) as live:
            yield lambda parcels, elapsed: live.update(
                draw(parcels, elapsed, console, first), refresh=True
            )
        return
    said, said_at = "", -_BETWEEN_LINES

    def show(parcels: list[Parcel], elapsed: float) -> None:
        nonlocal said, said_at
        counts = line(parcels, 0)
        if counts != said and elapsed - said_at >= _BETWEEN_LINES:
            said, said_at = counts, elapsed
            console.print(line(parcels, elapsed), highlight=False, soft_wrap=True)

    yield show

"""Sets the wall clock of a Python process as if an administrator had set the machine's.

TONGLU_CLOCK names a file with the seconds to add to the true time; it is read all the time, and
every reading of the wall clock in the process follows. The monotonic clock goes on undisturbed.
"""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import time_machine

LOOK_EVERY = 0.02


def offset() -> float:
    """Seconds between the true time and ours."""
    return float(Path(os.environ["TONGLU_CLOCK"]).read_text())


def follow(clock: time_machine.Traveller, known: float) -> None:
    """Set the clock whenever the file says another offset."""
    waiting = threading.Event()
    while not waiting.wait(LOOK_EVERY):
        now = offset()
        if now != known:
            clock.move_to(time_machine.escape_hatch.time.time() + now)
            known = now


def begin() -> None:
    """Set the clock and keep it so; a forked child needs a thread of its own."""
    known = offset()
    clock = time_machine.travel(time.time() + known, tick=True).start()

    def start() -> None:
        threading.Thread(target=follow, args=(clock, known), daemon=True).start()

    os.register_at_fork(after_in_child=start)
    start()


if "TONGLU_CLOCK" in os.environ:
    begin()

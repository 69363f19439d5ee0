"""One seed is played and what came of it is a small report, whatever it was."""

from __future__ import annotations

import time
import traceback
from collections import Counter
from dataclasses import dataclass, field

# What a run is worth is decided by how many orders meet each other in it; measured so that a
# thousand seeds take two cores less than ten minutes.
ORDERS = 8


@dataclass(frozen=True)
class Played:
    """`wrong` is empty when every invariant held."""

    seed: int
    digest: str
    seconds: float
    orders: int
    wrong: str = ""
    counts: Counter[str] = field(default_factory=Counter)


def play(seed: int, *, orders: int = ORDERS, aloud: bool = False) -> Played:
    """Play one seed on the database that is there."""
    from tests.proofs.schedules.simulation import Simulation
    from tests.proofs.schedules.trace import Broken

    began = time.process_time()
    simulation = Simulation(seed, orders=orders, aloud=aloud)
    wrong = ""
    try:
        simulation.run()
    except Broken as exc:
        wrong = str(exc)
    except Exception:  # noqa: BLE001 - whatever it is, the seed that shows it is worth more
        wrong = traceback.format_exc()
    trace = simulation.trace
    seconds = time.process_time() - began
    return Played(seed, trace.digest, seconds, len(simulation.known), wrong, trace.counts)

"""Time passes and workers work, die, stand still, and take over from each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from accounts.services.housekeeping import prune_spent
from logistics.services.syncing import sync_quiet_orders
from quotas.services.closing import close_all_elapsed
from tests.proofs.schedules.workers import Worker

if TYPE_CHECKING:
    from tests.proofs.schedules.simulation import Simulation

HOUR = 3600.0
SHORT = (0.5, 3.0, 11.0, 31.0, 65.0, 300.0)
LONG = (1800.0, 3 * HOUR, 7 * HOUR, 7 * HOUR, 25 * HOUR, 25 * HOUR, 6 * 24 * HOUR)
LEASE = 31.0


def wait_a_little(sim: Simulation) -> str:
    return _pass(sim, sim.dice.choice(SHORT))


def wait_long(sim: Simulation) -> str | None:
    """Not while somebody stands in the middle of a step: its request would be days old."""
    if sim.trace.depth:
        return None
    return _pass(sim, sim.dice.choice(LONG))


def work(sim: Simulation) -> str:
    """One worker takes some rows, of orders and of callbacks."""
    worker = Worker(sim)
    orders = worker.orders(sim.dice.choice((1, 3, 20)))
    return f"{orders} orders, {worker.callbacks(sim.dice.choice((1, 20)))} callbacks"


def die(sim: Simulation) -> str:
    """A worker that does not live to see the end of its drain."""
    worker = Worker(sim, doom=sim.dice.randint(0, 7))
    if sim.dice.random() < 0.25:
        return f"lived through {worker.callbacks()} callbacks"
    return f"lived through {worker.orders()} orders"


def take_over(sim: Simulation) -> str:
    """A lease's time passes, and another worker comes; inside a step: under its holder's hands."""
    sim.clock.advance(LEASE)
    worker = Worker(sim)
    return f"{worker.orders()} orders, {worker.callbacks()} callbacks"


def tick(sim: Simulation) -> str:
    """What the clock starts beside the workers."""
    at = timezone.now()
    closed = sum(1 for _ in close_all_elapsed(at=at))
    return f"{sync_quiet_orders(at=at)} looked for, {closed} closed, {prune_spent(at=at)} pruned"


ACTIONS = {
    "wait a little": (14, wait_a_little),
    "wait long": (4, wait_long),
    "work": (26, work),
    "worker may die": (6, die),
    "take over": (3, take_over),
    "tick": (3, tick),
}


def _pass(sim: Simulation, seconds: float) -> str:
    sim.clock.advance(seconds)
    return f"{seconds:g} s"

"""Faults stop and time passes until nothing is left to do, and that comes to an end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import Min
from django.utils import timezone

from logistics.models import CainiaoAccount, CallbackRecord, ExpressOrder
from logistics.services.resuming import resume_order
from logistics.services.steps import QUIET
from logistics.services.syncing import sync_quiet_orders
from tests.proofs.schedules.operators import decide_truthfully
from tests.proofs.schedules.passing import tick
from tests.proofs.schedules.tenants import repeat
from tests.proofs.schedules.trace import Broken
from tests.proofs.schedules.workers import Worker

if TYPE_CHECKING:
    from tests.proofs.schedules.simulation import Simulation

# Nobody waits more finely than this once the faults are over.
GRAIN = timedelta(minutes=2)
LOOKS = 4
MOST_ROUNDS = 3_000


def let_it_settle(sim: Simulation) -> None:
    """Until no row is due, the carrier has nothing more to tell, and looking finds nothing new."""
    _end_faults(sim)
    _until_idle(sim)
    for _ in range(LOOKS):
        sim.clock.advance((QUIET + GRAIN).total_seconds())
        sync_quiet_orders(at=timezone.now())
        _until_idle(sim)
    sim.do("tick", tick)


def let_people_decide(sim: Simulation) -> None:
    """Whoever the system waits for does what it waits for; then nothing is in doubt any more."""
    for order in ExpressOrder.objects.exclude(asking=None).order_by("pk"):
        sim.trace.count("left to a person")
        if sim.cast.can_query or order.is_test:
            resume_order(order_id=order.pk, at=timezone.now())
            sim.say(f"a person resumes {sim.label(order.pk)}")
        else:
            sim.say(f"a person decides {decide_truthfully(sim, order.pk)}")
    _until_idle(sim)
    for _ in range(LOOKS):
        sim.clock.advance((QUIET + GRAIN).total_seconds())
        sync_quiet_orders(at=timezone.now())
        _until_idle(sim)


def _end_faults(sim: Simulation) -> None:
    sim.cast.world.faults.remove()
    sim.cast.wire.troubles.clear()
    sim.cast.door.deaf = 0.0
    CainiaoAccount.objects.update(status="enabled")
    sim.cast.door.switch(off=False)
    for parcel in sim.cast.book.parcels.values():
        if parcel.held and parcel.order_code:
            sim.cast.control("POST", "release", tradeOrderNo=parcel.trade_order_no)
    sim.clock.advance(65)  # keys of dead web processes are free again
    while sim.unanswered:
        sim.do("repeat", repeat)
    sim.say("the faults are over")


def _until_idle(sim: Simulation) -> None:
    for _ in range(MOST_ROUNDS):
        worker = Worker(sim)
        worker.orders()
        worker.callbacks()
        sim.look()
        moment = _next(sim)
        if moment is None:
            return
        sim.clock.advance(max(moment - timezone.now(), GRAIN).total_seconds())
    raise Broken(f"still not quiet after {MOST_ROUNDS} rounds")


def _next(sim: Simulation) -> datetime | None:
    """When something comes due next."""
    moments = [
        model.objects.filter(due_at__isnull=False).aggregate(first=Min("due_at"))["first"]
        for model in (ExpressOrder, CallbackRecord)
    ]
    waiting = sim.cast.world.schedule._heap
    if waiting:
        moments.append(waiting[0][0])
    return min((moment for moment in moments if moment is not None), default=None)

"""One seed from beginning to end: what happens next is rolled, also inside a worker's pauses."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from random import Random
from typing import Any
from unittest import mock

from django.db import connection
from django.utils import timezone

from config.kernel.http import partner
from config.kernel.work.rows import WorkRow
from logistics.models import ExpressOrder
from quotas.models import TenantQuota
from tests.proofs.schedules import carrier, ground, moves, operators, passing, tenants
from tests.proofs.schedules.cast import Cast, Owner, gather
from tests.proofs.schedules.clock import Clock
from tests.proofs.schedules.invariants import check_everything
from tests.proofs.schedules.quiet import let_it_settle, let_people_decide
from tests.proofs.schedules.trace import Broken, Trace
from tests.proofs.schedules.workers import Killed, Stumble

Action = Callable[["Simulation"], str | None]
ACTIONS: dict[str, tuple[int, Action]] = (
    tenants.ACTIONS | operators.ACTIONS | carrier.ACTIONS | passing.ACTIONS
)
# Actions a seed has for each of its orders; what comes after is the settling.
A_LIFE = 14
_USED = "monthly_used - overage_used, overage_used, monthly_free_quota, overage_enabled"
DEEPEST = 2


@dataclass
class Known:
    """An order as its owner knows it."""

    label: str
    owner: Owner
    body: dict[str, Any]
    key: str | None
    order_no: str
    pk: int


class Simulation:
    """The state that actions share."""

    def __init__(self, seed: int, *, orders: int, aloud: bool = False) -> None:
        self.seed, self.most_orders = seed, orders
        self.dice = Random(seed)
        self.trace = Trace(aloud=aloud)
        self.known: list[Known] = []
        self.labels: dict[int, str] = {}
        #: Requests whose answer the tenant never saw.
        self.unanswered: list[tuple[Owner, dict[str, Any], str]] = []
        self.booked = 0
        self.calm = False
        self.focus: Known | None = None
        self.cast: Cast
        self.clock: Clock
        self._troubles: list[str] = []

    def run(self) -> Trace:
        """Play the seed; raises what an invariant or the product raises."""
        start = ground.begin_at(self.dice)
        with ExitStack() as stack:
            self.clock = stack.enter_context(ground.seeded(self.seed, start, _Ear(self._troubles)))
            ground.empty_tables()
            self.cast = gather(self.seed, self.dice, self.clock, self.trace)
            session = self.cast.wire.new_session
            stack.enter_context(mock.patch.object(partner, "new_session", session))
            for _ in range(self.most_orders * A_LIFE):
                self.act()
            self.calm = True
            let_it_settle(self)
            self.look()
            check_everything(self)
            let_people_decide(self)
            self.look()
            check_everything(self, people_decided=True)
        return self.trace

    def act(self) -> None:
        """Do one thing, whichever the dice say, and look what it did."""
        names = list(ACTIONS)
        name = self.dice.choices(names, [ACTIONS[n][0] for n in names])[0]
        self.do(name, ACTIONS[name][1])

    def do(self, name: str, action: Action) -> None:
        if self.focus:
            name = f"{name} ({self.focus.label})"
        try:
            said = action(self)
        except Broken as exc:
            raise Broken(str(exc), *self._troubles) from exc
        except Killed as exc:
            said = f"dies {exc}"
            if connection.in_atomic_block:
                raise Broken("a dead worker's transaction is still open") from exc
        if said is None:
            return
        self.trace.count(f"action {name.partition(' (')[0]}")
        self.say(f"{name}: {said}")
        self.look()

    def meanwhile(self, point: str, row: WorkRow) -> None:
        """In a worker's pause others act, mostly on the very order it has in its hands."""
        if self.calm or self.trace.depth >= DEEPEST or self.dice.random() > 0.15:
            return
        before = self.focus
        self.focus = None
        if isinstance(row, ExpressOrder) and self.dice.random() < 0.7:
            self.focus = next((k for k in self.known if k.pk == row.pk), None)
        self.trace.depth += 1
        self.trace.count(f"meanwhile {point}")
        self.say(f"meanwhile, {self.label(row.pk)} {point}")
        try:
            for _ in range(self.dice.randint(1, 3)):
                self.act()
        finally:
            self.trace.depth -= 1
            self.focus = before

    def pick(self) -> Known | None:
        """An order: the one in focus, else a recent one, else any."""
        if self.focus is not None:
            return self.focus
        if not self.known:
            return None
        return self.dice.choice(self.known[-6:] if self.dice.random() < 0.6 else self.known)

    def happened(self, what: str) -> None:
        self.trace.count(what)
        self.say(what)

    def say(self, text: str) -> None:
        self.trace.say(self.clock.seconds(), text)

    def label(self, pk: int) -> str:
        return self.labels.get(pk, "an order nobody was told of")

    def look(self) -> None:
        """What must hold at every moment."""
        for pk, old, new in moves.news():
            self.trace.count(f"state {new}")
            self.say(f"{self.label(pk)}: {old} -> {new}")
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {_USED} FROM {TenantQuota._meta.db_table}")
            for free, over, granted, allowed in cursor.fetchall():
                if free > granted or (over and not allowed):
                    raise Broken(f"a tenant drew {free} of {granted} free units and {over} more")
        if self._troubles:
            raise Broken(self._troubles[0])
        if abs((timezone.now() - self.clock.now()).total_seconds()) > 0.001:
            raise Broken("the proof's clocks differ")


class _Ear(logging.Handler):
    """An error in the log is a failure, unless this proof itself made the trouble."""

    def __init__(self, heard: list[str]) -> None:
        super().__init__(logging.ERROR)
        self._heard = heard

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if not isinstance(error, Stumble):
            self._heard.append(f"logged: {record.getMessage()}: {error!r} {_where(error)}")


def _where(error: BaseException | None) -> str:
    return "".join(traceback.format_exception(error)[-6:]) if error else ""

"""A worker is the product's drain; between any two of its steps others may act, or it may die."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any
from unittest import mock

from django.db import OperationalError

from config.kernel.work import Job, drain, runner
from config.kernel.work.rows import WorkRow
from logistics.services.handling import CALLBACKS
from logistics.services.work import ORDERS

if TYPE_CHECKING:
    from tests.proofs.schedules.simulation import Simulation

DEADLOCK = 1213
_finish_rows = runner.finish_rows


class Killed(BaseException):
    """The process is gone: nothing of it runs any further, no handler sees this."""


class Stumble(Exception):
    """Something of ours broke in the middle of finishing a row."""


class Worker:
    """One process: takes some rows, and perhaps dies at the `doom`-th of its steps."""

    def __init__(self, sim: Simulation, *, doom: int | None = None) -> None:
        self._sim, self._doom = sim, doom

    def orders(self, most: int = 1_000_000) -> int:
        threads = 1 if most == 1 else 4
        return drain(self._watched(ORDERS), threads=threads, seconds=5.0, most=most)

    def callbacks(self, most: int = 1_000_000) -> int:
        """Rows that ask nobody finish together; others may act before they do."""

        def paused(job: Job[Any, Any], rows: list[Any]) -> None:
            self._step("claimed", rows[0][0])
            _finish_rows(job, rows)

        with mock.patch.object(runner, "finish_rows", paused):
            return drain(self._watched(CALLBACKS), threads=4, seconds=5.0, most=most)

    def _watched(self, job: Job[Any, Any]) -> Job[Any, Any]:
        def keep(row: WorkRow, answer: Any) -> None:
            self._step("answered", row)
            if job.keep_attempt is not None:
                job.keep_attempt(row, answer)
            self._step("logged", row)

        def apply(row: Any, answer: Any, at: datetime) -> datetime | None:
            self._stumble("before")
            due = job.apply(row, answer, at)
            self._stumble("after")
            return due

        if job.prepare is None:
            return dataclasses.replace(job, apply=apply)
        prepare = self._prepared(job)
        return dataclasses.replace(job, prepare=prepare, keep_attempt=keep, apply=apply)

    def _prepared(self, job: Job[Any, Any]) -> Callable[[Any], Callable[[], Any]]:
        def prepare(row: Any) -> Callable[[], Any]:
            assert job.prepare is not None
            self._step("claimed", row)
            asked = job.prepare(row)
            self._step("intended", row)

            def network() -> Any:
                self._step("calling", row)
                return asked()

            return network

        return prepare

    def _step(self, point: str, row: WorkRow) -> None:
        """Between two transactions: the moment in which anything else may happen."""
        self._die(point)
        self._sim.meanwhile(point, row)

    def _stumble(self, point: str) -> None:
        """Inside the finishing transaction: nobody else acts, but this may be where it ends."""
        self._die(f"finishing, {point}")
        if self._sim.calm:
            return
        chance = self._sim.dice.random()
        if chance < 0.004:
            self._sim.happened("worker stumbles")
            raise Stumble(point)
        if chance < 0.012:
            self._sim.happened("worker deadlocks")
            raise OperationalError(DEADLOCK, "injected deadlock")

    def _die(self, point: str) -> None:
        if self._doom is None:
            return
        self._doom -= 1
        if self._doom < 0:
            self._sim.happened(f"worker dies {point}")
            raise Killed(point)

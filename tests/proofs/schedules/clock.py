"""One clock for us and for the carrier: it stands still unless somebody moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import time_machine

from config.kernel.http import budget
from config.sandbox.world import World


class Clock:
    """Moves faked time and the sandbox's manual clock alike; what comes due meanwhile happens."""

    def __init__(self, traveller: time_machine.Coordinates, start: datetime) -> None:
        self._traveller = traveller
        self._stepping = False
        self.start = self._now = start
        self.world: World | None = None

    def now(self) -> datetime:
        return self._now

    def seconds(self) -> float:
        """Since the run began; also what stands in for `time.monotonic`."""
        return (self._now - self.start).total_seconds()

    def monotonic(self) -> float:
        return 1_000.0 + self.seconds()

    def catch_up(self) -> None:
        """Be where the sandbox is: it steps from one of its moments to the next."""
        if self.world is not None:
            self._move_to(self.world.now())

    def advance(self, seconds: float) -> None:
        target = self._now + timedelta(seconds=max(0.0, seconds))
        if self.world is not None and not self._stepping:
            self._stepping = True
            try:
                self.world.schedule.step((target - self.world.now()).total_seconds())
            finally:
                self._stepping = False
        self._move_to(target)

    def pause(self, seconds: float) -> None:
        """The other side takes its time; whoever called it gives up at the call's deadline."""
        if self._stepping:
            return  # for a request whose sender gave up nobody waits
        left = budget.current().left()
        self.advance(min(seconds, left))
        if seconds >= left:
            msg = "timed out"
            raise TimeoutError(msg)

    def _move_to(self, moment: datetime) -> None:
        if moment > self._now:
            self._now = moment
            self._traveller.move_to(moment.astimezone(UTC), tick=False)

"""The clock ticks on whatever happens to the time on the wall."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from celery.utils.imports import symbol_by_name

from config.celery import app

EACH_SECOND = ("logistics.work", "logistics.callbacks")
NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)


class Ticking:
    """The scheduler that beat is told to use; what it sends is counted, not sent."""

    def __init__(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        kind = symbol_by_name(app.conf.beat_scheduler)
        self.sent: Counter[str] = Counter()
        monkeypatch.setattr(kind, "apply_async", self._count)
        self.scheduler = kind(app=app, schedule_filename=str(file))

    def _count(self, entry: Any, **_: Any) -> None:
        self.sent[entry.name] += 1

    def run(self, clock: Any, seconds: float) -> Counter[str]:
        """Beat's own loop, its pauses jumped over."""
        self.sent.clear()
        while seconds > 0:
            # Never none: beat rounds against a clock that moves by itself.
            pause = max(self.scheduler.tick(), 0.005)
            seconds -= pause
            clock.shift(pause)
        return self.sent


@pytest.fixture
def ticking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    made: list[Ticking] = []

    def make() -> Ticking:
        for old in made:
            old.scheduler.close()
        made.append(Ticking(tmp_path / "beat", monkeypatch))
        return made[-1]

    yield make
    made[-1].scheduler.close()


@pytest.mark.parametrize("back", [1, 3600, 86_400])
def test_each_second_is_ticked_after_the_clock_was_set_back(ticking: Any, back: int) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        beat = ticking()
        assert set(EACH_SECOND) <= set(beat.run(clock, 10))
        clock.shift(timedelta(seconds=-back))
        sent = beat.run(clock, 10)
    assert all(8 <= sent[name] <= 11 for name in EACH_SECOND), sent


def test_a_restart_after_the_clock_was_set_back_ticks_too(ticking: Any) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        ticking().run(clock, 10)
        clock.shift(timedelta(hours=-1))
        sent = ticking().run(clock, 10)
    assert all(sent[name] >= 8 for name in EACH_SECOND), sent

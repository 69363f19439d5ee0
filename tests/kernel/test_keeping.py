"""What a process keeps is read again after its seconds, and that there is nothing never kept."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from config.kernel import keeping
from config.kernel.keeping import Kept


class Clock:
    """A clock that only the test moves."""

    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(keeping, "time", clock)
    return clock


@pytest.fixture
def source() -> Iterator[int]:
    return iter(range(100))


def test_a_value_is_read_once_until_its_seconds_are_over(
    clock: Clock, source: Iterator[int]
) -> None:
    kept: Kept[int] = Kept(2)
    assert [kept.get("a", lambda: next(source)) for _ in range(3)] == [0, 0, 0]
    clock.now += 1.9
    assert kept.get("a", lambda: next(source)) == 0
    clock.now += 0.2
    assert kept.get("a", lambda: next(source)) == 1
    assert kept.get("b", lambda: next(source)) == 2


def test_that_there_is_nothing_is_never_kept(clock: Clock) -> None:
    kept: Kept[int | None] = Kept(2)
    assert kept.get("a", lambda: None) is None
    assert kept.get("a", lambda: 5) == 5


def test_what_is_not_worth_it_is_read_each_time(clock: Clock, source: Iterator[int]) -> None:
    kept: Kept[int] = Kept(2, worth=lambda value: value > 1)
    assert [kept.get("a", lambda: next(source)) for _ in range(4)] == [0, 1, 2, 2]


def test_what_is_gone_when_read_again_is_gone(clock: Clock) -> None:
    kept: Kept[int | None] = Kept(2)
    kept.get("a", lambda: 5)
    clock.now += 3
    assert kept.get("a", lambda: None) is None
    assert kept.get("a", lambda: 6) == 6


def test_it_never_grows_without_bounds(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MOST", 3)
    kept: Kept[int] = Kept(2)
    for number in range(10):
        kept.get(number, lambda: 1)
        assert len(kept._values) <= 3


def test_all_may_be_forgotten_at_once(clock: Clock, source: Iterator[int]) -> None:
    one: Kept[int] = Kept(2)
    other: Kept[int] = Kept(2)
    one.get("a", lambda: next(source))
    other.get("a", lambda: next(source))
    Kept.forget_all()
    assert one.get("a", lambda: next(source)) == 2
    assert other.get("a", lambda: next(source)) == 3

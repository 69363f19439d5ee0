"""Tries come ever more seldom, each within a fifth of its pause, the last after 72 hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.services.outbox.schedule import (
    LONGEST_RETRY_AFTER,
    PAUSES,
    TRIED_FOR,
    draw_jitter,
    next_try,
    rest_after,
)

FIRST = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
JITTERS = st.floats(0.8, 1.2)
SECOND = timedelta(seconds=1)


def tries(jitters: list[float], took: timedelta = timedelta(0)) -> list[datetime]:
    made = [FIRST]
    for jitter in jitters:
        following = next_try(
            first_attempt_at=FIRST, tried_at=made[-1], ended_at=made[-1] + took, jitter=jitter
        )
        if following is None:
            return made
        made.append(following)
    raise AssertionError(made)


def test_without_jitter_the_pauses_are_those_promised() -> None:
    made = tries([1.0] * 30)
    pauses = [later - earlier for earlier, later in pairwise(made)]
    hours = timedelta(hours=1)
    assert pauses[:7] == [
        5 * SECOND, 60 * SECOND, 300 * SECOND, 1800 * SECOND, 2 * hours, 5 * hours, 10 * hours,
    ]  # fmt: skip
    assert pauses[7:-1] == [12 * hours] * 4
    assert made[-1] == FIRST + TRIED_FOR


@given(st.lists(JITTERS, min_size=40, max_size=40), st.integers(0, 10))
@settings(max_examples=60)
def test_with_any_jitter_each_step_comes_once_and_the_last_try_ends_72_hours(
    jitters: list[float], took: int
) -> None:
    made = tries(jitters, took * SECOND)
    assert made[-1] == FIRST + TRIED_FOR
    for step, (earlier, later) in enumerate(pairwise(made)):
        pause = PAUSES[min(step, len(PAUSES) - 1)]
        # To the microsecond: products of times are rounded.
        assert later - earlier - took * SECOND <= pause * 1.2 + timedelta(microseconds=1)
        if later != made[-1]:
            assert later - earlier - took * SECOND >= pause * 0.8 - timedelta(microseconds=1)


@given(
    st.timedeltas(timedelta(0), TRIED_FOR - SECOND),
    st.timedeltas(timedelta(days=-2), timedelta(days=9)),
    JITTERS,
)
@settings(max_examples=60)
def test_what_the_other_side_asks_for_is_honoured_within_12_hours_and_the_72(
    elapsed: timedelta, asked: timedelta, jitter: float
) -> None:
    at = FIRST + elapsed
    plain = next_try(first_attempt_at=FIRST, tried_at=at, ended_at=at, jitter=jitter)
    due = next_try(
        first_attempt_at=FIRST, tried_at=at, ended_at=at, retry_at=at + asked, jitter=jitter
    )
    assert plain is not None
    assert due == min(FIRST + TRIED_FOR, max(plain, at + min(asked, LONGEST_RETRY_AFTER)))


def test_after_the_last_try_there_is_none() -> None:
    end = FIRST + TRIED_FOR
    assert next_try(first_attempt_at=FIRST, tried_at=end, ended_at=end, jitter=1.0) is None


def test_a_silent_server_rests_for_a_minute_at_most() -> None:
    assert [rest_after(n).total_seconds() for n in (1, 2, 5, 6, 5000)] == [2, 4, 32, 60, 60]


def test_jitter_is_a_fifth_either_way() -> None:
    drawn = [draw_jitter() for _ in range(300)]
    assert 0.8 <= min(drawn) < 0.9
    assert 1.1 < max(drawn) <= 1.2

"""Whatever the calendar, the clock and operators do, a quota is what its documents say it is.

A few lives in the default suite; tests/proofs/fuzz plays many more of the same.
"""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from quotas.queries import find_discrepancies
from tests.quotas.calendar_life import Life
from tests.quotas.calendar_model import reset_after, reset_at_or_before


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(600)  # a failing life is shortened for minutes before it is shown
def test_a_life_of_any_quota_leaves_books_that_close() -> None:
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=25, stateful_step_count=25, suppress_health_check=list(HealthCheck)
        ),
    )
    assert list(find_discrepancies()) == []


@pytest.mark.parametrize(
    ("day", "reset_day", "start", "end"),
    [
        ("2026-02-15", 1, "2026-02-01", "2026-03-01"),
        ("2026-02-28", 31, "2026-02-28", "2026-03-31"),
        ("2028-02-28", 29, "2028-01-29", "2028-02-29"),
        ("2100-03-01", 30, "2100-02-28", "2100-03-30"),
    ],
)
def test_the_model_itself_knows_the_calendar(
    day: str, reset_day: int, start: str, end: str
) -> None:
    today = date.fromisoformat(day)
    assert reset_at_or_before(today, reset_day) == date.fromisoformat(start)
    assert reset_after(today, reset_day) == date.fromisoformat(end)

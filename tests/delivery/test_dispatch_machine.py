"""Whoever moves deliveries, in whatever order, their books agree after every move.

A few lives in the default suite; tests/proofs/fuzz plays many more of the same.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.delivery.dispatch_life import Life, prepare


@pytest.mark.django_db
@pytest.mark.timeout(600)  # a failing life is shortened for minutes before it is shown
def test_a_life_of_any_deliveries_tells_one_story() -> None:
    prepare()
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=12, stateful_step_count=30, suppress_health_check=list(HealthCheck)
        ),
    )

"""The lives of tests/delivery's machine, played for minutes instead of seconds."""

from __future__ import annotations

import pytest
from hypothesis.stateful import run_state_machine_as_test

from tests.delivery.dispatch_life import Life, prepare
from tests.proofs.fuzz.budget import examples


@pytest.mark.django_db
@pytest.mark.timeout(1800)
def test_many_lives_of_any_deliveries_tell_one_story() -> None:
    prepare()
    run_state_machine_as_test(Life, settings=examples(400, stateful_step_count=40))

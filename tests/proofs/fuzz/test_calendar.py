"""The calendar machine of tests/quotas, played for minutes instead of seconds."""

from __future__ import annotations

import pytest
from hypothesis.stateful import run_state_machine_as_test

from quotas.models import QuotaStatement
from quotas.queries import find_discrepancies
from tests.proofs.fuzz.budget import examples
from tests.quotas.calendar_life import Life


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(1800)
def test_many_lives_of_any_quota_leave_books_that_close() -> None:
    run_state_machine_as_test(Life, settings=examples(200, stateful_step_count=40))
    assert list(find_discrepancies()) == []
    assert QuotaStatement.objects.count() > 200, "the machine hardly closed anything"

"""However many try a password at one moment, no more than ten are looked at.

On Redis the same is tried in `tests/e2e`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from django.core.cache import cache

from accounts.models import SecurityEvent
from accounts.services.logins import TRIES, password_try
from config.kernel.errors import Throttled
from tests.races import race

pytestmark = pytest.mark.django_db(transaction=True)
BURST = 24


@pytest.fixture
def counted() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def look(address: str, *, wrong: bool) -> None:
    with password_try(username="wang", address=address, door="admin") as tried:
        time.sleep(0.05)  # what hashing takes
        if wrong:
            tried.failed()


def test_a_burst_has_no_more_tries_than_one_after_another(counted: None) -> None:
    results = race([lambda n=n: look(f"203.0.113.{n}", wrong=True) for n in range(BURST)])
    refused = [result for result in results if isinstance(result, Throttled)]
    assert results.count(None) == TRIES
    assert len(refused) == BURST - TRIES
    assert SecurityEvent.objects.count() == TRIES
    with pytest.raises(Throttled):
        look("198.51.100.1", wrong=False)


def test_refused_and_right_ones_leave_no_count(counted: None) -> None:
    for _ in range(TRIES - 1):
        look("203.0.113.1", wrong=True)
    for _ in range(3):
        look("203.0.113.1", wrong=False)
    look("203.0.113.1", wrong=True)
    for _ in range(TRIES):
        with pytest.raises(Throttled):
            look("203.0.113.2", wrong=True)
    with password_try(username="li", address="203.0.113.2", door="admin"):
        pass
    assert SecurityEvent.objects.count() == TRIES


def test_a_try_that_breaks_is_not_counted(counted: None) -> None:
    for _ in range(TRIES + 1):
        with pytest.raises(RuntimeError), password_try(username="w", address="", door="admin"):
            raise RuntimeError

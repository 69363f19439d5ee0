"""A list longer than the cap is not counted again for a minute; a short one always is."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Tenant
from config.kernel.api import pagination
from config.kernel.api.pagination import page_of
from tests.factories import TenantFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def three_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pagination, "COUNT_CAP", 3)


def told(rows: Any) -> tuple[int, bool, int]:
    """The total, whether it is capped, and how many statements that took."""
    with CaptureQueriesContext(connection) as queries:
        page = page_of(rows, {"page_size": "2"}, lambda row: row.pk)
    return page["total"], page["total_capped"], len(queries)


def test_a_short_list_is_counted_each_time() -> None:
    for expected in (1, 2, 3):
        TenantFactory()
        assert told(Tenant.objects.all()) == (expected, False, 2)


def test_a_long_list_is_counted_once_and_lists_are_told_apart() -> None:
    tenants = [TenantFactory() for _ in range(4)]
    assert told(Tenant.objects.all()) == (3, True, 2)
    assert told(Tenant.objects.all()) == (3, True, 1)
    assert told(Tenant.objects.filter(pk__lte=tenants[1].pk)) == (2, False, 2)
    assert told(Tenant.objects.filter(pk__lte=tenants[2].pk)) == (3, False, 2)


def test_after_a_minute_it_is_counted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    tenants = [TenantFactory() for _ in range(4)]
    assert told(Tenant.objects.all()) == (3, True, 2)
    tenants[0].delete()
    later = time.monotonic() + pagination.LONG_SECONDS + 1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert told(Tenant.objects.all()) == (3, False, 2)


def test_what_can_hold_nothing_is_an_empty_list() -> None:
    assert told(Tenant.objects.none()) == (0, False, 0)

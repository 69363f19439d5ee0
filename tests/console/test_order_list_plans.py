"""Each page of the list is read off an index, in its order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config.kernel.console.exporting import newest_first
from logistics.queries.attention import struggling_orders, undecided_orders
from tests import emptying
from tests.console.many_orders import LIST, TABLE, fill, ours, plan, statements

pytestmark = pytest.mark.django_db
# So many that reading them all costs a planner clearly more than a page off an index: with a
# thousand, all of them within two dozen blocks, MariaDB rightly read and sorted the table.
ENOUGH = 4_000
DAYS = {"created_at_from": "2026-11-01", "created_at_to": "2099-01-01"}
SHAPES = [
    ({}, "idx_order_mode"),
    ({"mode": "all"}, "idx_order_created_at"),
    ({"mode": "test"}, "idx_order_mode"),
    ({"status__exact": "signed"}, "idx_order_status"),
    ({"cp_code": "C"}, "idx_order_cp_code"),
    ({"waybill_status__exact": "used"}, "idx_order_waybill_status"),
    ({"tenant": "t1"}, "idx_order_tenant"),
    ({"tenant": "0"}, "idx_order_tenant"),
    ({"tenant": "t1", "mode": "test"}, "idx_order_tenant"),
    ({"tenant": "t1", "status__exact": "signed"}, "idx_order_tenant_status"),
    (DAYS, "idx_order_mode"),
    ({"status__exact": "signed", **DAYS}, "idx_order_status"),
    ({"tenant": "t1", **DAYS}, "idx_order_tenant"),
]
# What the planner may prefer, equally good: in order as well, or few rows left to look at.
BESIDE = {
    "idx_order_status": ("tenant_status",),
    "idx_order_cp_code": (),
    "idx_order_tenant_status": ("tenant", "status"),
}


@pytest.fixture(scope="module", autouse=True)
def many(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Committed once, for all tests of this file; each only reads."""
    with django_db_blocker.unblock():
        fill(ENOUGH)
    yield
    with django_db_blocker.unblock():
        emptying.empty(connection)


@pytest.mark.parametrize(("query", "index"), SHAPES, ids=lambda value: str(value)[:60])
def test_a_page_is_read_off_an_index_in_order(
    admin_client: Client, query: dict[str, str], index: str
) -> None:
    page = next(sql for sql in ours(statements(admin_client, **query)) if "ORDER BY" in sql)
    order = re.search(r"ORDER BY (.*?)(?: LIMIT|$)", re.sub(r'["`]', "", page))
    assert order is not None
    assert order[1].replace(f"{TABLE}.", "") == "created_at DESC, id DESC"
    used, sorts = plan(page)
    assert not sorts, page
    # Where several filters stand side by side any of their indexes will do.
    assert used == index or used in {f"idx_order_{name}" for name in BESIDE.get(index, ())}, used


@pytest.mark.parametrize(
    ("find", "index"),
    [(undecided_orders, "idx_order_asking"), (struggling_orders, "idx_order_due_at")],
)
def test_what_needs_a_person_is_found_by_an_index(
    find: Callable[[], list[int]], index: str
) -> None:
    with CaptureQueriesContext(connection) as seen:
        find()
    (entry,) = seen.captured_queries
    assert plan(entry["sql"])[0] == index


@pytest.mark.parametrize(
    ("query", "index"),
    [({}, "idx_order_mode"), ({"status__exact": "signed"}, "idx_order_status"),
     ({"tenant": "t1"}, "idx_order_tenant")],
    ids=str,
)  # fmt: skip
def test_an_exports_next_bite_is_entered_by_an_index(
    admin_client: Client, query: dict[str, str], index: str
) -> None:
    listing = admin_client.get(reverse(LIST), query).context["cl"]
    with CaptureQueriesContext(connection) as seen:
        list(newest_first(listing.queryset.values_list("id", "created_at", named=True), size=60))
    second = seen.captured_queries[1]["sql"]
    used, sorts = plan(second)
    assert (used, sorts) == (index, False), second

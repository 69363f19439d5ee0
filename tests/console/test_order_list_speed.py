"""The list costs the same at any size: a fixed number of statements, each in an index's order."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from config.kernel.console.exporting import newest_first
from config.kernel.keeping import Kept
from logistics.models import ExpressOrder
from logistics.queries.attention import struggling_orders, undecided_orders
from logistics.states import OrderStatus
from tests.console.rows import make_order
from tests.factories import TenantFactory

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "admin:logistics_expressorder_changelist"
TABLE = "platform_express_orders"
# For a planner to prefer an index as it would with a million.
ENOUGH = 1_000
DAYS = {"created_at_from": "2026-11-01", "created_at_to": "2099-01-01"}


def fill(count: int, tenants: int = 4, code: str = "t") -> None:
    """Orders of every state, carrier and mode, as many tenants, each a second apart."""
    owners = [TenantFactory(platform_code=f"{code}{number}") for number in range(tenants)]
    first = make_order(tenant=owners[0], tenant_order_no="N-0", waybill_no="W-0", mail_no="M-0")
    columns = {
        field.attname: getattr(first, field.attname)
        for field in ExpressOrder._meta.concrete_fields
        if not field.primary_key
    }
    statuses = [status for status in OrderStatus.values if status != "exception"]
    now = timezone.now() - timedelta(days=1)
    ExpressOrder.objects.bulk_create(
        ExpressOrder(**{
            **columns, "order_no": f"F{number:09d}", "tenant_order_no": f"N-{number}",
            "waybill_no": f"W-{number}", "mail_no": f"M-{number}", "asking": None,
            "tenant_id": owners[number % tenants].pk, "status": statuses[number % len(statuses)],
            "cp_code": "ABCDEFGH"[number % 8], "is_test": number % 5 == 0,
            "waybill_status": ("unused", "used", "invalid")[number % 3],
            "created_at": now + timedelta(seconds=number),
        })
        for number in range(1, count)
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE TABLE {TABLE}" if is_mariadb() else "ANALYZE")
        cursor.fetchall()


def is_mariadb() -> bool:
    return connection.vendor == "mysql"


def statements(client: Client, **query: Any) -> list[str]:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert client.get(reverse(LIST), query).status_code == 200
    return [entry["sql"] for entry in seen.captured_queries]


def ours(found: list[str]) -> list[str]:
    return [sql for sql in found if TABLE in sql and sql.lstrip().startswith("SELECT")]


def test_no_row_costs_a_statement_and_nothing_is_counted_without_a_cap(
    admin_client: Client,
) -> None:
    fill(3)
    few = statements(admin_client)
    ExpressOrder.objects.all().delete()
    fill(200, tenants=20, code="u")
    Kept.forget_all()
    many = statements(admin_client)
    assert len(few) == len(many)
    # Counted up to the cap, and read; their tenants and the carriers come from small tables.
    assert len(ours(many)) == 2
    for sql in ours(many):
        assert "LIMIT" in sql
        assert "JOIN" not in sql
        assert "print_data" not in sql
        assert "track_info" not in sql


@pytest.mark.parametrize(
    ("term", "asked"),
    [("N-7", 5), ("W-7", 2), ("13800138000", 6), ("F000000007", 1), ("nothing", 5)],
)
def test_a_search_asks_each_column_at_most_once(
    admin_client: Client, term: str, asked: int
) -> None:
    fill(10)
    looks = [sql for sql in ours(statements(admin_client, q=term)) if "LIMIT 1" in sql[-12:]]
    assert len(looks) == asked


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


@pytest.mark.parametrize(("query", "index"), SHAPES, ids=lambda value: str(value)[:60])
def test_a_page_is_read_off_an_index_in_order(
    admin_client: Client, query: dict[str, str], index: str
) -> None:
    fill(ENOUGH)
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
    db: None, find: Callable[[], list[int]], index: str
) -> None:
    fill(ENOUGH)
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
    fill(ENOUGH)
    listing = admin_client.get(reverse(LIST), query).context["cl"]
    with CaptureQueriesContext(connection) as seen:
        list(newest_first(listing.queryset.values_list("id", "created_at", named=True), size=60))
    second = seen.captured_queries[1]["sql"]
    used, sorts = plan(second)
    assert (used, sorts) == (index, False), second


# What the planner may prefer, equally good: in order as well, or few rows left to look at.
BESIDE = {
    "idx_order_status": ("tenant_status",),
    "idx_order_cp_code": (),
    "idx_order_tenant_status": ("tenant", "status"),
}


def plan(sql: str) -> tuple[str, bool]:
    """The index that the list's statement uses, and whether its rows are sorted afterwards."""
    with connection.cursor() as cursor:
        if is_mariadb():
            cursor.execute(f"EXPLAIN FORMAT=JSON {sql}")
            text = cursor.fetchone()[0]
            return json.loads(text) and _keys(text), "filesort" in text
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        told = " ".join(str(row[-1]) for row in cursor.fetchall())
    used = re.search(r"USING (?:COVERING )?INDEX (\w+)", told)
    return used[1] if used else told, "TEMP B-TREE" in told


def _keys(text: str) -> str:
    used = re.search(r'"key": "(\w+)"', text)
    return used[1] if used else text

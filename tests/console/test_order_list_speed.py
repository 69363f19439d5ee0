"""The list costs the same at any size: a fixed number of statements."""

from __future__ import annotations

import pytest
from django.test import Client

from config.kernel.keeping import Kept
from logistics.models import ExpressOrder
from tests.console.many_orders import fill, ours, statements

pytestmark = pytest.mark.django_db(transaction=True)


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

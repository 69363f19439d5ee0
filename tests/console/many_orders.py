"""Many orders at once, and what a database plans to do with a page of them."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from logistics.models import ExpressOrder
from logistics.states import OrderStatus
from tests.console.rows import make_order
from tests.factories import TenantFactory

LIST = "admin:logistics_expressorder_changelist"
TABLE = "platform_express_orders"


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

"""Lists narrow down by what they are asked, and cost the same however many rows they show."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Tenant
from config.sandbox import Sandbox
from logistics.models import CallLog, ExpressOrder
from logistics.services.booking import book_order
from logistics.services.drafts import read_draft
from tests.factories import QuotaFactory, RuleFactory, TenantFactory
from tests.logistics.conftest import PARCEL
from tests.platform.conftest import Program, told

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def orders(tenant: Tenant, sandbox: Sandbox) -> list[ExpressOrder]:
    """Four: a tenant's, another carrier's, a test one, and an old one of the platform's."""
    other = QuotaFactory().tenant
    RuleFactory(cp_code="ZTO", is_default=False, default_marker=None)
    wishes: list[dict[str, Any]] = [
        {"tenant_id": tenant.pk}, {"tenant_id": other.pk, "cp_code": "ZTO"},
        {"tenant_id": tenant.pk, "is_test": True}, {"tenant_id": None},
    ]  # fmt: skip
    made = []
    for number, wish in enumerate(wishes):
        draft = read_draft({**PARCEL, "cp_code": wish.pop("cp_code", "")})
        made.append(book_order(draft=draft, at=timezone.now(), **wish).order)
        ExpressOrder.objects.filter(pk=made[-1].pk).update(
            waybill_no=f"W{number}", mail_no=f"M{number}",
            waybill_status="used" if number == 1 else "unused",
            status="signed" if number == 1 else "created",
            created_at=timezone.now() - timedelta(days=400 if number == 3 else 0),
        )  # fmt: skip
    return made


def test_orders_are_found_by_each_filter_and_newest_first(
    admin: Program, orders: list[ExpressOrder]
) -> None:
    today = timezone.localdate()
    old = (today - timedelta(days=400)).isoformat()
    cases: list[tuple[str, list[int]]] = [
        ("", [2, 1, 0, 3]),
        ("status=signed", [1]),
        (f"tenant_id={orders[0].tenant_id}", [0]),
        (f"tenant_id={orders[0].tenant_id}&is_test=true", [2]),
        (f"tenant_id={orders[0].tenant_id}&order_no={orders[2].order_no}", [2]),
        ("is_test=false", [1, 0, 3]),
        ("tenant_id=0", [3]),
        ("is_test=true", [2]),
        ("is_test=1&status=signed", []),
        ("cp_code=ZTO", [1]),
        ("waybill_status=used", [1]),
        (f"order_no={orders[2].order_no}", [2]),
        (f"order_no={orders[2].order_no[:-1]}", []),
        ("waybill_no=W0", [0]),
        ("mail_no=M3", [3]),
        (f"date_range={today},{today}", [2, 1, 0]),
        (f"date_from={old}&date_to={old}", [3]),
        (f"date_to={old}", [3]),
        ("page_size=1&page=2", [1]),
        ("tenant_id=99999999", []),
    ]
    for query, wanted in cases:
        page = told(admin.get(f"/orders?{query}"))
        assert [row["id"] for row in page["items"]] == [orders[n].pk for n in wanted], query
        assert page["items"] == [] or "print_data" not in page["items"][0]
    assert told(admin.get("/orders"))["total"] == 4


def test_a_cursor_leads_through_all_of_them_once(
    admin: Program, orders: list[ExpressOrder]
) -> None:
    seen: list[int] = []
    path = "/orders?page_size=3"
    while True:
        page = told(admin.get(path))
        seen += [row["id"] for row in page["items"]]
        if page["next_cursor"] is None:
            break
        path = f"/orders?page_size=3&cursor={page['next_cursor']}"
    assert sorted(seen) == sorted(order.pk for order in orders)
    assert page["page"] is None


def test_calls_are_found_by_each_filter(admin: Program, tenant: Tenant, sandbox: Sandbox) -> None:
    sandbox.fault("TMS_WAYBILL_GET", "refuse", errorCode="B1", errorMsg="no")
    order = told(admin.post("/orders/create", {**PARCEL, "tenant_id": tenant.pk}))
    told(admin.post("/config/test"))
    total = CallLog.objects.count()
    cases = [
        ("", total), ("api_method=TMS_WAYBILL_GET", 1), ("success=false", 1),
        ("success=true", total - 1), ("error_type=business", 1), ("error_type=network", 0),
        ("error_type=business&success=true", 0), (f"order_id={order['id']}", total - 1),
        (f"tenant_id={tenant.pk}", total - 1), ("date_from=2100-01-01", 0),
    ]  # fmt: skip
    for query, wanted in cases:
        assert told(admin.get(f"/logs?{query}"))["total"] == wanted, query
    (failed,) = told(admin.get("/logs?success=false"))["items"]
    assert (failed["response_code"], failed["error_type"], failed["outcome"]) == (
        "B1", "business", "refused",
    )  # fmt: skip
    assert failed["request_params"]
    assert failed["duration_ms"] >= 0


@pytest.mark.parametrize("path", ["/orders", "/rules", "/quotas", "/quotas/details", "/logs"])
def test_a_long_list_takes_no_more_statements_than_a_short_one(
    admin: Program, tenant: Tenant, sandbox: Sandbox, path: str
) -> None:
    told(admin.post("/orders/create", {**PARCEL, "tenant_id": tenant.pk}))
    short = statements(admin, path)
    for number in range(8):
        RuleFactory(rule_name=str(number), is_default=False, default_marker=None)
        QuotaFactory(tenant=TenantFactory())
        told(admin.post("/orders/create", {**PARCEL, "tenant_id": tenant.pk}))
    assert statements(admin, path) == short
    assert len(told(admin.get(path))["items"]) >= 8


@pytest.mark.engine("sqlite")
def test_every_filter_has_an_index_in_the_order_that_is_shown(
    admin: Program, orders: list[ExpressOrder]
) -> None:
    told(admin.post("/config/test"))
    for path in (
        "/orders?", "/orders?status=created", "/orders?cp_code=YTO", "/orders?waybill_status=used",
        "/orders?is_test=false", f"/orders?tenant_id={orders[0].tenant_id}",
        f"/orders?tenant_id={orders[0].tenant_id}&is_test=true&status=created",
        "/orders?tenant_id=0", "/logs?", "/logs?success=false", "/logs?error_type=business",
        "/logs?api_method=TMS_WAYBILL_GET", "/logs?tenant_id=1",
        f"/quotas/details?tenant_id={orders[0].tenant_id}",
    ):  # fmt: skip
        with CaptureQueriesContext(connection) as captured:
            told(admin.get(path))
        listed = [query["sql"] for query in captured if "ORDER BY" in query["sql"]]
        pages = [sql for sql in listed if 'FROM "platform_' in sql]
        assert len(pages) == 1, path
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {pages[0]}")
            plan = " ".join(str(row) for row in cursor.fetchall())
        assert "USING INDEX" in plan, (path, plan)
        assert "TEMP B-TREE" not in plan, (path, plan)


def statements(admin: Program, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        told(admin.get(path))
    return len(captured)


@pytest.mark.parametrize("name", ["page", "page_size"])
def test_a_number_with_zeros_before_it_gets_by_no_limit(admin: Program, name: str) -> None:
    for text in ("0000000500", "00000001099999999999999999", "0000000019999999999999999999999"):
        for path in ("/orders", "/rules", "/quotas", "/quotas/details", "/logs"):
            assert told(admin.get(f"{path}?{name}={text}"), 400) == "malformed", (path, text)

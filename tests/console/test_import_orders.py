"""A file is shown with every error and booked by the workers exactly as shown."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import Tenant
from config.kernel.work import drain
from logistics.models import ExpressOrder, OrderImport, OrderImportLine
from logistics.services import import_slices
from logistics.services.import_slices import IMPORTS
from logistics.services.imports import (
    confirm_import,
    find_outlook,
)
from logistics.services.rules import forget_cached_rules
from quotas.models import TenantQuota
from quotas.queries import find_discrepancies
from tests.console.importing import (
    book,
    detail,
    file_of,
    line,
    outcomes,
    preview,
    said,
    upload,
)
from tests.factories import AccountFactory, QuotaFactory, RuleFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def tenant() -> Tenant:
    AccountFactory()
    RuleFactory()
    return QuotaFactory(monthly_free_quota=20_000).tenant


def test_ten_thousand_lines_with_a_hundred_bad_ones_report_exactly_those(
    admin_client: Client, tenant: Tenant
) -> None:
    bad = {number: number // 100 % 4 for number in range(50, 10_000, 100)}
    kinds = {
        0: lambda number: line(number, name=""),
        1: lambda number: line(number, phone="12"),
        2: lambda number: line(number).replace(",1\n", ",一\n"),
        3: lambda number: line(number - 1),
    }
    columns = {0: "receiver_name", 1: "receiver_phone", 2: "goods_count", 3: "tenant_order_no"}
    lines = [
        kinds[bad[number]](number) if number in bad else line(number) for number in range(10_000)
    ]
    answer = upload(admin_client, tenant, file_of(*lines))
    made = OrderImport.objects.get()
    assert (answer.status_code, made.total_lines, made.bad_lines) == (302, 10_000, 100)
    page = detail(admin_client, made)
    shown = [(number, column) for number, _order, column, _text in page.context["troubles"]]
    wanted = [(number + 2, f"{columns[kind]})") for number, kind in sorted(bad.items())]
    assert [(number, column.partition("(")[2]) for number, column in shown] == wanted
    text = page.content.decode()
    assert all(f'<td class="number">{number}</td>' in text for number, _ in wanted)
    assert "与第 " in text  # a number that stands there twice, and where
    assert not ExpressOrder.objects.exists()


def test_confirmed_it_is_booked_by_the_workers_while_the_page_follows(
    admin_client: Client, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_slices, "SLICE_LINES", 2)
    upload(admin_client, tenant, file_of(line(1), line(2), line(3, phone="1"), line(4), line(5)))
    made = OrderImport.objects.get()
    assert "Refresh" not in detail(admin_client, made).headers
    page = detail(admin_client, made, "confirm")
    assert page.headers["Refresh"] == "3"
    assert not ExpressOrder.objects.exists()
    assert drain(IMPORTS, threads=1, most=1) == 1
    made.refresh_from_db()
    assert (made.status, made.created_lines, made.handled_lines) == ("running", 2, 2)
    assert 'max="4" value="2"' in detail(admin_client, made).content.decode()
    book()
    made.refresh_from_db()
    assert (made.status, made.created_lines, made.refused_lines) == ("done", 4, 0)
    assert made.due_at is None
    assert outcomes() == {2: "created", 3: "created", 4: "bad", 5: "created", 6: "created"}
    orders = ExpressOrder.objects.all()
    assert {order.created_by for order in orders} == {made.confirmed_by}
    assert orders.count() == TenantQuota.objects.get().monthly_used == 4
    assert not OrderImportLine.objects.filter(draft__isnull=False).exists()
    assert "Refresh" not in detail(admin_client, made).headers
    assert list(find_discrepancies()) == []


def test_the_confirmed_file_is_the_one_that_was_shown(tenant: Tenant) -> None:
    made = preview(tenant, line(1), line(2))
    stored = OrderImportLine.objects.order_by("line")
    with connection.cursor() as cursor:
        cursor.execute("SELECT draft FROM platform_order_import_lines")
        raw = [bytes(row[0] if isinstance(row[0], bytes) else row[0].encode()) for row in cursor]
    assert not any("张三".encode() in text or b"13800138000" in text for text in raw)
    assert [one.outcome for one in stored] == ["waiting", "waiting"]
    confirm_import(import_id=made.pk, by=None, at=timezone.now())
    book()
    assert ExpressOrder.objects.filter(receiver_name="张三").count() == 2


def test_the_same_file_again_books_nothing_twice(admin_client: Client, tenant: Tenant) -> None:
    for _ in range(2):
        made = preview(tenant, line(1), line(2))
        confirm_import(import_id=made.pk, by=None, at=timezone.now())
        book()
    made.refresh_from_db()
    assert (made.known_lines, made.created_lines, made.existing_lines) == (2, 0, 2)
    assert ExpressOrder.objects.count() == TenantQuota.objects.get().monthly_used == 2


def test_a_number_taken_by_other_content_is_shown_before_anything_is_booked(
    tenant: Tenant,
) -> None:
    made = preview(tenant, line(1))
    confirm_import(import_id=made.pk, by=None, at=timezone.now())
    book()
    again = preview(tenant, line(1, name="李四"), line(2))
    assert (again.bad_lines, again.known_lines) == (1, 0)
    faulty = again.lines.get(outcome="bad")
    assert ExpressOrder.objects.get().order_no in faulty.errors["tenant_order_no"][0]


def test_what_no_rule_says_is_shown_before_anything_is_booked(tenant: Tenant) -> None:
    from logistics.models import ExpressRule

    ExpressRule.objects.update(sender_address=None)
    forget_cached_rules()
    made = preview(tenant, line(1))
    assert made.bad_lines == 1
    assert "sender_address" in made.lines.get().errors[""][0]


def test_a_line_refused_when_its_turn_comes_costs_no_other(
    admin_client: Client, tenant: Tenant
) -> None:
    made = preview(tenant, line(1), line(2), line(3))
    TenantQuota.objects.update(monthly_free_quota=2)
    outlook = find_outlook(order_import=made, at=timezone.now())
    assert (outlook.needed, outlook.free_left, outlook.short) == (3, 2, 1)
    confirm_import(import_id=made.pk, by=None, at=timezone.now())
    book()
    made.refresh_from_db()
    assert (made.status, made.created_lines, made.refused_lines) == ("done", 2, 1)
    page = detail(admin_client, made)
    ((number, order_no, _column, text),) = page.context["troubles"]
    assert (number, order_no) == (4, "A-3")
    assert "配额" in text


@pytest.mark.parametrize(
    ("changes", "why"),
    [({"status": "suspended"}, "配额"), ({"monthly_free_quota": 0}, "配额")],
)
def test_a_file_of_which_nothing_could_be_booked_is_not_confirmed(
    admin_client: Client, tenant: Tenant, changes: dict[str, Any], why: str
) -> None:
    made = preview(tenant, line(1))
    TenantQuota.objects.update(**changes)
    assert "errornote" in detail(admin_client, made).content.decode()
    assert why in said(detail(admin_client, made, "confirm"))
    made.refresh_from_db()
    assert (made.status, made.due_at) == ("previewed", None)

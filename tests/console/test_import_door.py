"""What may be uploaded, by whom, and what is kept of it."""

# ruff: noqa: F811 - fixtures are imported, and named again as arguments

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Tenant
from accounts.services.operators import create_operator
from config.kernel import audit
from logistics.models import ExpressOrder, OrderImport, OrderImportLine
from logistics.services import imports
from logistics.services.imports import (
    confirm_import,
    preview_import,
    prune_imports,
)
from logistics.tasks import book_imports, prune_order_imports
from quotas.models import TenantQuota
from tests.console.importing import (
    HEADER,
    UPLOAD,
    book,
    detail,
    file_of,
    line,
    preview,
    said,
    upload,
)
from tests.console.test_import_orders import tenant  # noqa: F401 - a fixture
from tests.factories import QuotaFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (b"", "file"),
        (HEADER.encode(), "file"),
        (b"x,y\n1,2\n", ""),
        (b"\xff\xff\xff\x80", "file"),
        (b"\xd0\xcf\x11\xe0old", "file"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_at_its_field(
    admin_client: Client, tenant: Tenant, content: bytes, field: str
) -> None:
    page = upload(admin_client, tenant, content)
    assert page.status_code == 200
    assert page.context["form"].errors.keys() & {field, "__all__"}
    assert page.context["form"]["tenant"].value() == str(tenant.pk)
    assert not OrderImport.objects.exists()


def test_a_file_whose_history_cannot_be_written_is_not_kept(
    admin_client: Client, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**_: Any) -> None:
        raise OperationalError

    monkeypatch.setattr(audit, "record", full)
    with pytest.raises(OperationalError):
        upload(admin_client, tenant, file_of(line(1)))
    assert not OrderImport.objects.exists()
    assert not OrderImportLine.objects.exists()


def test_a_file_too_large_is_refused_unread(
    admin_client: Client, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("logistics.admin.orders.importing.LARGEST_FILE", 10)
    assert upload(admin_client, tenant, file_of(line(1))).context["form"].errors["file"]
    monkeypatch.setattr(imports, "MOST_LINES", 1)
    assert not OrderImport.objects.exists()


@pytest.mark.parametrize(
    ("fields", "at_fault"),
    [
        ({}, "tenant"),
        ({"tenant": "999999"}, "tenant"),
        ({"tenant": "x'"}, "tenant"),
        ({"tenant_code": "nobody"}, "tenant_code"),
    ],
    ids=str,
)
def test_an_import_is_for_one_tenant(
    admin_client: Client, tenant: Tenant, fields: dict[str, str], at_fault: str
) -> None:
    page = upload(admin_client, None, file_of(line(1)), **fields)
    assert page.status_code == 200
    assert at_fault in page.context["form"].errors
    assert not OrderImport.objects.exists()


def test_a_tenant_may_be_named_by_its_code(admin_client: Client, tenant: Tenant) -> None:
    upload(admin_client, None, file_of(line(1)), tenant_code=tenant.platform_code)
    assert OrderImport.objects.get().tenant_id == tenant.pk
    other = QuotaFactory().tenant
    page = upload(admin_client, other, file_of(line(1)), tenant_code=tenant.platform_code)
    assert "tenant_code" in page.context["form"].errors


@pytest.mark.parametrize("role", ["support", "finance", "auditor"])
def test_only_who_may_book_imports(tenant: Tenant, role: str) -> None:
    made = preview(tenant, line(1))
    user, _ = create_operator(username=role, role=role, password="Operator-pass-1")
    console = Client()
    console.force_login(user)
    for suffix, args in (("", []), ("_detail", [made.pk]), ("_lines", [made.pk]),
                         ("_template", ["csv"])):  # fmt: skip
        assert console.get(reverse(f"{UPLOAD}{suffix}", args=args)).status_code == 403
    assert console.post(reverse(f"{UPLOAD}_detail", args=[made.pk]), {"do": "confirm"}).status_code
    made.refresh_from_db()
    assert made.status == "previewed"


def test_the_result_can_be_taken_along_as_a_file(admin_client: Client, tenant: Tenant) -> None:
    made = preview(tenant, line(1), line(2, phone="1"), line(3))
    TenantQuota.objects.update(monthly_free_quota=1)
    confirm_import(import_id=made.pk, by=None, at=timezone.now())
    book()
    answer = admin_client.get(reverse(f"{UPLOAD}_lines", args=[made.pk]))
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    _head, *rows = list(csv.reader(io.StringIO(text, newline="")))
    assert [(row[0], row[1]) for row in rows] == [("2", "A-1"), ("3", "A-2"), ("4", "A-3")]
    assert rows[0][3] == ExpressOrder.objects.get().order_no
    assert rows[0][4] == ""
    assert "receiver_phone" in rows[1][4]
    assert "配额" in rows[2][4]


def test_the_template_is_a_file_that_can_be_imported(admin_client: Client, tenant: Tenant) -> None:
    for kind in ("csv", "xlsx"):
        answer = admin_client.get(reverse(f"{UPLOAD}_template", args=[kind]))
        made = preview_import(
            content=b"".join(answer.streaming_content), filename=f"t.{kind}", by=None,
            tenant_id=tenant.pk, at=timezone.now(),
        )  # fmt: skip
        assert (made.total_lines, made.bad_lines) == (1, 0), made.lines.get().errors
    assert admin_client.get(reverse(f"{UPLOAD}_template", args=["pdf"])).status_code == 404


def test_upload_and_decisions_are_on_record(admin_client: Client, tenant: Tenant) -> None:
    upload(admin_client, tenant, file_of(line(1), line(2, phone="1")))
    made = OrderImport.objects.get()
    detail(admin_client, made, "confirm")
    detail(admin_client, made, "nonsense")
    assert "不能再执行此操作" in said(detail(admin_client, made, "discard"))
    entries = LogEntry.objects.order_by("pk").values_list("action_flag", "object_repr")
    assert list(entries) == [(1, "订单.csv"), (2, "订单.csv")]


def test_neither_lines_nor_files_cost_a_statement_each(
    admin_client: Client, tenant: Tenant
) -> None:
    def asked(url: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert admin_client.get(url).status_code == 200
        return len(seen)

    one = preview(tenant, line(1, phone="1"))
    asked(reverse(f"{UPLOAD}_detail", args=[one.pk]))  # accounts and permissions are kept
    few = asked(reverse(UPLOAD)), asked(reverse(f"{UPLOAD}_detail", args=[one.pk]))
    many = [preview(tenant, *(line(n, phone="1") for n in range(50))) for _ in range(5)]
    pages = asked(reverse(UPLOAD)), asked(reverse(f"{UPLOAD}_detail", args=[many[0].pk]))
    assert pages == few


def test_files_go_when_their_time_is_over(tenant: Tenant) -> None:
    unconfirmed, finished = preview(tenant, line(1)), preview(tenant, line(2))
    confirm_import(import_id=finished.pk, by=None, at=timezone.now())
    assert book_imports() == 1
    assert prune_order_imports() == 0
    assert prune_imports(at=timezone.now() + timedelta(days=2)) == 1
    assert list(OrderImport.objects.all()) == [finished]
    assert not OrderImportLine.objects.filter(order_import=unconfirmed.pk).exists()
    assert prune_imports(at=timezone.now() + timedelta(days=31)) == 1
    assert ExpressOrder.objects.count() == 1


def test_a_file_confirmed_while_old_ones_are_looked_for_is_not_deleted(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = preview(tenant, line(1))
    real = imports._prune

    def late(*found: Any) -> bool:
        confirm_import(import_id=made.pk, by=7, at=timezone.now())
        return real(*found)

    monkeypatch.setattr(imports, "_prune", late)
    assert prune_imports(at=timezone.now() + timedelta(days=2)) == 0
    book()
    made.refresh_from_db()
    assert (made.status, made.created_lines) == ("done", 1)

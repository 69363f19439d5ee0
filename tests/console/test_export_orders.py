"""The orders' list leaves as it is filtered, masked; in full only with a reason, and on record."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from accounts.services.operators import create_operator
from config.kernel.console import exporting
from logistics.admin.orders.exporting import export_rows
from logistics.models import ExpressOrder
from tests.console.rows import make_order
from tests.factories import TenantFactory
from tests.races import race

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "admin:logistics_expressorder_changelist"
FULL = "admin:logistics_expressorder_export_full"
ADDRESS = {
    "receiver_province": "浙江省", "receiver_city": "杭州市", "receiver_district": "余杭区",
    "receiver_address": "文一西路969号3幢502室", "sender_address": "迎春南路1号",
    "remark": "放门口，电话13800138000",
}  # fmt: skip


def export(console: Client, kind: str = "csv", **query: Any) -> Any:
    return console.get(reverse("admin:logistics_expressorder_export", args=[kind]), query)


def rows_of(answer: Any) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.headers
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def numbers(answer: Any) -> list[str]:
    return [next(cell for cell in row.values() if cell.startswith("EX")) for row in rows_of(answer)]


def operator(role: str) -> Client:
    user, _ = create_operator(username=role, role=role, password="Operator-pass-1")
    console = Client()
    console.force_login(user)
    return console


def test_a_file_holds_the_filtered_list_every_page_of_it_in_order(admin_client: Client) -> None:
    at = datetime(2026, 11, 20, tzinfo=UTC)
    made = [
        make_order(created_at=at + timedelta(seconds=number // 3), cp_code="ZTO")
        for number in range(120)
    ]
    make_order()
    wanted = [order.order_no for order in reversed(made)]
    assert numbers(export(admin_client, cp_code="ZTO")) == wanted
    assert numbers(export(admin_client, q=made[5].order_no)) == [made[5].order_no]


def test_chinese_heads_and_words_stand_in_it(admin_client: Client) -> None:
    tenant = TenantFactory(platform_code="acme", name="极米商贸")
    make_order(tenant=tenant, status="in_transit", waybill_status="used", **ADDRESS)
    (row,) = rows_of(export(admin_client))
    assert (row["租户"], row["状态"], row["面单状态"]) == ("极米商贸", "运输中", "已使用")
    assert (row["快递公司编码"], row["测试"]) == ("YTO", "否")


def test_names_phones_and_addresses_are_masked(admin_client: Client) -> None:
    make_order(**ADDRESS)
    text = " ".join(rows_of(export(admin_client))[0].values())
    assert "杭州市" in text
    for secret in ("张三丰", "13800138000", "969号", "502室", "0571-88886666"):
        assert secret not in text
    assert "138****8000" in text


def test_in_full_it_goes_only_to_who_may_and_says_why(admin_client: Client) -> None:
    make_order(**ADDRESS)
    assert operator("finance").get(reverse(FULL)).status_code == 403
    assert (
        operator("auditor").post(reverse(FULL), {"kind": "csv", "reason": "x"}).status_code == 403
    )
    assert not LogEntry.objects.exists()
    support = operator("support")
    asked = support.get(reverse(FULL), {"q": "13800138000"})
    assert asked.status_code == 200
    assert "13800138000" not in str(asked.context["rows"])
    refused = support.post(reverse(FULL), {"kind": "csv", "reason": ""})
    assert "errorlist" in refused.content.decode()
    assert not LogEntry.objects.exists()
    (row,) = rows_of(support.post(reverse(FULL), {"kind": "csv", "reason": "理赔核对"}))
    assert {"张三丰", "13800138000", "文一西路969号3幢502室"} <= set(row.values())
    entry = LogEntry.objects.get()
    assert entry.user.username == "support"
    assert "理赔核对" in entry.change_message
    assert "共 1 行" in entry.change_message


def test_every_export_is_on_record_before_its_first_byte(admin_client: Client) -> None:
    for _ in range(3):
        make_order()
    answer = export(admin_client, cp_code="YTO", mode="all")
    entry = LogEntry.objects.get()
    assert "cp_code=YTO" in entry.change_message
    assert len(rows_of(answer)) == 3
    entry.refresh_from_db()
    assert entry.change_message.endswith("共 3 行")


def test_a_phone_that_was_searched_for_is_masked_on_record(admin_client: Client) -> None:
    rows_of(export(admin_client, q="13800138000"))
    assert "13800138000" not in LogEntry.objects.get().change_message


def test_a_reader_who_hangs_up_is_on_record_with_what_he_got(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "CHUNK_ROWS", 2)
    for _ in range(9):
        make_order()
    answer = export(admin_client)
    next(iter(answer.streaming_content))
    answer.close()
    assert LogEntry.objects.get().change_message.endswith("共 1 行")


@pytest.mark.parametrize(
    "query",
    [{"status__exact": "nonsense"}, {"receiver_name": "张三丰"}, {"created_at_from": "x"},
     {"tenant": "nobody"}],
)  # fmt: skip
def test_a_filter_that_cannot_be_read_exports_nothing(
    admin_client: Client, query: dict[str, str]
) -> None:
    make_order()
    answer = export(admin_client, **query)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(reverse(LIST))
    assert not LogEntry.objects.exists()


def test_a_workbook_holds_the_same(admin_client: Client) -> None:
    make_order(goods_name="=HYPERLINK(1)", weight="1.250")
    answer = export(admin_client, "xlsx")
    book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    head, row = book.active.iter_rows(values_only=True)
    cells = dict(zip(head, row, strict=True))
    assert "'=HYPERLINK(1)" in row
    assert cells["重量（公斤）"] == 1.25
    assert export(admin_client, "pdf").status_code == 404


def test_the_lists_tools_keep_its_filters(admin_client: Client) -> None:
    page = admin_client.get(reverse(LIST), {"cp_code": "YTO", "p": "1"}).content.decode()
    for name, args in (("export", ["csv"]), ("export", ["xlsx"]), ("export_full", [])):
        url = reverse(f"admin:logistics_expressorder_{name}", args=args)
        assert f'href="{url}?cp_code=YTO"' in page


def test_rows_are_read_in_bites_each_behind_the_last_row(monkeypatch: pytest.MonkeyPatch) -> None:
    at = datetime(2026, 11, 20, tzinfo=UTC)
    tenant = TenantFactory()
    made = [make_order(created_at=at, tenant=tenant) for _ in range(7)]
    monkeypatch.setattr(
        "logistics.admin.orders.exporting.newest_first",
        lambda rows: exporting.newest_first(rows, size=3),
    )
    with CaptureQueriesContext(connection) as seen:
        found = [row[2] for row in export_rows(ExpressOrder.objects.all(), full=False)]
    assert found == [order.order_no for order in reversed(made)]
    bites = [entry["sql"] for entry in seen.captured_queries]
    assert len(bites) == 4  # three bites, and the tenant once
    assert not any("OFFSET" in sql or "COUNT" in sql for sql in bites)


def test_writers_are_not_in_the_way_of_an_export_nor_it_in_theirs(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "CHUNK_ROWS", 1)
    for _ in range(5):
        make_order()
    answer = iter(export(admin_client).streaming_content)
    assert b"EX" in next(answer) + next(answer)
    (made,) = race([make_order])
    assert isinstance(made, ExpressOrder)
    rest = b"".join(answer).decode()
    assert made.order_no not in rest
    assert ExpressOrder.objects.count() == 6

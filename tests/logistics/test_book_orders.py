"""A file of parcels: errors by line and column, no good row lost for a bad one, safe to repeat."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Tenant
from logistics.models import ExpressOrder
from quotas.models import TenantQuota

pytestmark = pytest.mark.django_db(transaction=True)
HEADER = "商家订单号,收件人,收件人电话,收件地址,物品数量,重量\n"
GOOD = "A-1,张三,13800138000,浙江省杭州市余杭区文一西路969号,2,1.5\n"


@pytest.fixture
def book(tenant: Tenant, tmp_path: Path) -> Any:
    def run(content: str | bytes, *options: str) -> tuple[int, dict[str, Any]]:
        file = tmp_path / "orders.csv"
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        out, code = io.StringIO(), 0
        try:
            call_command(
                "book_orders", "--tenant", tenant.platform_code, str(file), "--json", *options,
                stdout=out, stderr=io.StringIO(),
            )  # fmt: skip
        except SystemExit as exc:
            code = int(exc.code or 0)
        return code, json.loads(out.getvalue())

    return run


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "gbk"])
def test_a_good_file_is_booked_whatever_its_encoding(book: Any, charset: str) -> None:
    code, report = book((HEADER + GOOD).encode(charset))
    assert (code, report["created"], report["refused"]) == (0, 1, [])
    order = ExpressOrder.objects.get()
    assert (order.receiver_name, order.goods_count, str(order.weight)) == ("张三", 2, "1.500")


def test_running_it_again_books_nothing_twice(book: Any) -> None:
    book(HEADER + GOOD)
    code, report = book(HEADER + GOOD)
    assert (code, report["created"], report["existing"]) == (0, 0, 1)
    assert ExpressOrder.objects.count() == TenantQuota.objects.get().monthly_used == 1


def test_english_names_head_a_file_too(book: Any) -> None:
    text = "tenant_order_no,receiver_name,receiver_phone,receiver_address\n" + GOOD[:-7] + "\n"
    assert book(text)[0] == 0


def test_bad_rows_are_named_by_line_and_column_and_good_ones_booked(book: Any) -> None:
    rows = (
        GOOD
        + "A-2,,13800138000,浙江省杭州市,1,1\n"
        + "A-3,李四,12,浙江省杭州市,1,1\n"
        + ",王五,13800138000,浙江省杭州市,1,1\n"
        + "A-1,赵六,13800138000,浙江省杭州市,1,1\n"
        + "A-6,钱七,13800138000,浙江省杭州市,一,1\n"
        + "A-7,孙八,13800138000,浙江省杭州市,1,1,多,余\n"
        + "\n"
        + '"A-8","周,九",13800138000,"浙江省杭州市西湖区\n文三路1号",1,0.5\n'
    )
    code, report = book(HEADER + rows)
    assert (code, report["created"]) == (1, 2)
    wrong = {row["line"]: list(row["errors"]) for row in report["refused"]}
    assert wrong == {
        3: ["receiver_name"], 4: ["receiver_phone"], 5: ["tenant_order_no"],
        6: ["tenant_order_no"], 7: ["goods_count"], 8: ["file"],
    }  # fmt: skip


def test_a_row_the_quota_refuses_is_named_and_the_file_goes_on(book: Any) -> None:
    TenantQuota.objects.update(monthly_free_quota=1)
    code, report = book(HEADER + GOOD + GOOD.replace("A-1", "A-2"))
    assert (code, report["created"]) == (1, 1)
    assert report["refused"][0]["line"] == 3


def test_a_dry_run_books_nothing(book: Any) -> None:
    assert book(HEADER + GOOD, "--dry-run")[1]["created"] == 1
    assert not ExpressOrder.objects.exists()


def test_broken_quoting_loses_no_row_before_it(book: Any) -> None:
    code, report = book(HEADER + GOOD + 'A-2,"张三,138\n')
    assert (code, report["created"]) == (1, 1)
    assert list(report["refused"][0]["errors"]) == ["file"]


@pytest.mark.parametrize(
    "content",
    ["", "x,y\n1,2\n", HEADER.replace("收件人,", "") + GOOD, HEADER.replace("重量", "收件人"),
     b"\xff\xff\xff\x80", "甲,\x00\n"],
)  # fmt: skip
def test_what_is_no_file_of_parcels_is_refused_whole(book: Any, content: Any) -> None:
    with pytest.raises(CommandError):
        book(content)
    assert not ExpressOrder.objects.exists()


def test_an_unreadable_file_is_refused(tenant: Tenant) -> None:
    with pytest.raises(CommandError):
        call_command("book_orders", "--tenant", tenant.platform_code, "/nowhere.csv")

"""The reports' pages: who may open them, what they show and refuse, what leaves as a file."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.states import Role
from logistics.models import DailyOrders, RolledDay
from logistics.services.rolling import roll_up
from tests.factories import QuotaFactory
from tests.reports.conftest import NOW, Books, client_of
from tests.reports.reading import read
from tests.reports.world import make_order

pytestmark = pytest.mark.django_db(transaction=True)
ORDERS, TENANTS = "/admin/reports/orders/", "/admin/reports/tenants/"
SETTLEMENT, PARCELS = "/admin/reports/settlement/", "/admin/reports/settlement/parcels/"
PAGES = (ORDERS, TENANTS, SETTLEMENT)
DAYS = {"date_from": "2026-09-01", "date_to": "2026-11-30"}


def text(answer: Any) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return str(body.decode())


def total(client: Client, url: str, **query: str) -> list[str]:
    return [cell.text for cell in read(client, url, **query)[-1].foot]


@pytest.mark.parametrize("role", list(Role))
def test_every_role_sees_the_reports(books: Books, role: str) -> None:
    browser = client_of(role)
    for url in PAGES:
        assert browser.get(url).status_code == 200, url


def test_whoever_may_not_see_orders_or_statements_sees_no_report(books: Books) -> None:
    browser = client_of("support")
    group = browser.get("/admin/").wsgi_request.user.groups.get()
    statements = group.permissions.get(codename="view_quotastatement")
    group.permissions.remove(statements)
    assert [browser.get(url).status_code for url in (*PAGES, PARCELS)] == [200, 200, 403, 403]
    assert SETTLEMENT not in text(browser.get(ORDERS))
    group.permissions.add(statements)
    group.permissions.remove(group.permissions.get(codename="view_expressorder"))
    assert [browser.get(url).status_code for url in (*PAGES, PARCELS)] == [403] * 4


def test_nobody_is_sent_to_the_login() -> None:
    for url in (*PAGES, PARCELS):
        answer = Client().get(url)
        assert (answer.status_code, answer.url.split("?")[0]) == (302, "/admin/login/")


def test_pages_carry_neither_style_nor_script_of_their_own(books: Books, browser: Client) -> None:
    for url, query in (
        *((url, {}) for url in PAGES),
        (ORDERS, {**DAYS, "group": "tenant"}),
        (PARCELS, {"month": "2026-10", "tenant": "TEA"}),
    ):
        answer = browser.get(url, query)
        page = text(answer)
        content = page[page.index('id="content-main"') :]
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=|<script(?![^>]*\ssrc=)", content), url
        assert "default-src 'self'" in answer["Content-Security-Policy"]
        assert "console/charts.css" in page


def test_plots_show_the_tables_figures(books: Books, browser: Client) -> None:
    query = {"date_from": "2026-11-01", "date_to": "2026-11-10"}
    page = text(browser.get(ORDERS, query))
    assert '<svg role="img"' in page
    columns = re.findall(r"<g><title>|<a href=\"[^\"]*\"><title>(\d\d-\d\d)\n([^<]*)</title>", page)
    shown = {
        label: sum(map(int, re.findall(r" (\d+)", words))) for label, words in columns if label
    }
    table = read(browser, ORDERS, **query)[-1]
    assert {row[0].text[5:]: int(row[1].number) for row in table.rows} == {
        label: number for label, number in shown.items() if number
    }


def test_many_days_are_drawn_by_weeks_and_listed_by_days(books: Books, browser: Client) -> None:
    browser.cookies["django_language"] = "en"
    page = text(browser.get(ORDERS, DAYS))
    assert "Orders by week" in page
    rows = read(browser, ORDERS, **DAYS)[-1].rows
    assert len(rows) == DailyOrders.objects.values("business_date").distinct().count()


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"date_from": "2026-13-01"}, "date_from"),
        ({"date_from": "0001-01-01"}, "date_from"),
        ({"date_from": "2026-11-05", "date_to": "2026-11-04"}, "date_to"),
        ({"date_from": "2025-01-01", "date_to": "2026-11-04"}, "date_to"),
        ({"tenant": "NOBODY"}, "tenant"),
        ({"cp_code": "X" * 51}, "cp_code"),
        ({"status": "lost"}, "status"),
        ({"group": "receiver_phone"}, "group"),
    ],
)
def test_what_cannot_be_asked_is_refused_at_its_field_and_kept(
    books: Books, browser: Client, query: dict[str, str], field: str
) -> None:
    answer = browser.get(ORDERS, {"date_to": "2026-11-21", **query})
    page = text(answer)
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [field]
    assert f'id="id_{field}_error"' in page
    assert "report-table" not in page
    kept = query[field]
    assert answer.context["form"][field].value() == kept
    assert field in {"status", "group"} or f'value="{kept}"' in page


@pytest.mark.parametrize("month", ["2026-13", "26-1", "2026-1", "9999-12", "x"])
def test_no_month_is_refused_at_its_field(books: Books, browser: Client, month: str) -> None:
    answer = browser.get(SETTLEMENT, {"month": month})
    assert list(answer.context["form"].errors) == ["month"]


def test_strange_pages_are_the_first_one(books: Books, browser: Client) -> None:
    first = read(browser, ORDERS, **DAYS)[-1].rows
    for page in ("0", "-1", "x", "٣", "9" * 30):
        assert read(browser, ORDERS, **DAYS, page=page)[-1].rows == first
    assert len(read(browser, ORDERS, **DAYS, page="2")[-1].rows[0]) == 1  # says that it is empty
    for after in ("x", "9" * 30, "123456789"):
        query = {"month": "2026-10", "tenant": "TEA", "after": after}
        assert len(read(browser, PARCELS, **query)[-1].rows) == 6


def test_totals_are_of_all_rows_whatever_page_is_shown(books: Books, browser: Client) -> None:
    for n in range(120):
        make_order(NOW, QuotaFactory(tenant__name=f"租户{n}").tenant)
    roll_up(at=NOW)
    query = {"date_from": "2026-11-21", "date_to": "2026-11-21", "group": "tenant"}
    pages = [read(browser, ORDERS, **query, page=str(n))[-1] for n in (1, 2)]
    assert [len(page.rows) for page in pages] == [100, 20]
    assert pages[0].foot[2].text == pages[1].foot[2].text == "120"
    ranks = [row[0].text for row in read(browser, TENANTS, **query, page="2")[-1].rows]
    assert ranks == [str(n) for n in range(101, 121)]


def test_files_hold_the_pages_figures(books: Books, browser: Client) -> None:
    for url, query in (
        (ORDERS, {**DAYS, "group": "day,cp_code,status,tenant"}),
        (TENANTS, DAYS),
        (SETTLEMENT, {"month": "2026-10"}),
        (PARCELS, {"month": "2026-10", "tenant": "TEA"}),
    ):
        page = read(browser, url, **query)[-1]
        answer = browser.get(url, {**query, "file": "csv"})
        assert "attachment" in answer["Content-Disposition"]
        rows = list(csv.reader(io.StringIO(text(answer).lstrip("\ufeff"))))
        assert rows[0] == [cell.text for cell in page.head]
        assert len(rows) - 1 == len(page.rows)
        for written, shown in zip(rows[1:], page.rows, strict=True):
            for value, cell in zip(written, shown, strict=True):
                assert _same(value, cell.text), (value, cell.text)
        book = browser.get(url, {**query, "file": "xlsx"})
        sheet = openpyxl.load_workbook(io.BytesIO(b"".join(book.streaming_content))).active
        assert sheet is not None
        assert sheet.max_row == len(rows)


def _same(value: str, shown: str) -> bool:
    if shown == "–":
        return value == ""
    if shown.endswith("%"):
        return f"{Decimal(value) * 100:.1f}%" == shown
    return value.replace(",", "") == shown.replace(",", "") or value.startswith(shown)


def test_a_file_of_many_months_is_read_in_pieces_and_whole(books: Books, browser: Client) -> None:
    query = {"date_from": "2025-11-01", "date_to": "2026-11-30", "file": "csv", "group": "day"}
    rows = list(csv.reader(io.StringIO(text(browser.get(ORDERS, query)).lstrip("\ufeff"))))[1:]
    days = [date.fromisoformat(row[0]) for row in rows]
    assert days == sorted(set(days), reverse=True)
    assert sum(int(row[1]) for row in rows) == 24


def test_a_name_that_a_spreadsheet_would_compute_is_not_computed(
    books: Books, browser: Client
) -> None:
    books.paper.name = "=HYPERLINK(1)"
    books.paper.save()
    assert '"\'=HYPERLINK(1)"' in text(browser.get(TENANTS, {**DAYS, "file": "csv"}))


def test_names_are_escaped_in_plots_and_tables(books: Books, browser: Client) -> None:
    books.tea.name = "<b>&\"茶'行"
    books.tea.save()
    page = text(browser.get(TENANTS, DAYS))
    assert "<b>" not in page
    assert page.count("&lt;b&gt;&amp;") >= 3


def test_an_empty_platform_says_so(browser: Client) -> None:
    for url in PAGES:
        page = text(browser.get(url))
        assert "尚无统计" in page or "Nothing was counted yet" in page


def test_days_that_are_counted_anew_are_said_to_be(books: Books, browser: Client) -> None:
    quiet = text(browser.get(ORDERS))
    RolledDay.objects.filter(business_date=date(2026, 11, 3)).update(stale_at=NOW)
    waiting = text(browser.get(ORDERS))
    assert "<strong>" not in quiet[quiet.index("report-counted") :].split("</p>")[0]
    assert "<strong>" in waiting[waiting.index("report-counted") :].split("</p>")[0]


def test_more_rows_cost_no_more_statements(books: Books, browser: Client) -> None:
    def statements() -> dict[str, int]:
        counts = {}
        for url, query in (
            (ORDERS, {**DAYS, "group": "day,tenant"}), (TENANTS, DAYS),
            (SETTLEMENT, {"month": "2026-11"}), (PARCELS, {"month": "2026-11", "tenant": "TEA"}),
        ):  # fmt: skip
            with CaptureQueriesContext(connection) as seen:
                browser.get(url, query)
            counts[url] = len(seen)
        return counts

    statements()
    few = statements()
    for _ in range(20):
        make_order(NOW, QuotaFactory().tenant)
        make_order(NOW, books.tea)
    roll_up(at=NOW)
    assert statements() == few

"""Every figure that leads somewhere is the sum of the rows it leads to."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override

from logistics.queries.reports import drilling
from quotas.models import QuotaDetail, QuotaStatement
from tests.reports.conftest import Books, day
from tests.reports.reading import ReadCell, listed, opens, read, tables_of
from tests.reports.world import make_order

pytestmark = pytest.mark.django_db(transaction=True)
DAYS = {"date_from": "2026-09-01", "date_to": "2026-11-30"}
ORDERS, TENANTS = "/admin/reports/orders/", "/admin/reports/tenants/"
SETTLEMENT = "/admin/reports/settlement/"


@pytest.fixture(autouse=True)
def english(browser: Client) -> Any:
    """The columns' names as they stand in the code."""
    browser.cookies["django_language"] = "en"
    with override("en"):
        yield


@pytest.fixture
def user(browser: Client) -> Any:
    return browser.get("/admin/").wsgi_request.user


@pytest.mark.parametrize("group", ["day", "tenant", "cp_code", "day,cp_code,status,tenant"])
def test_numbers_of_orders_lead_to_just_these_orders(
    books: Books, browser: Client, user: Any, group: str
) -> None:
    table = read(browser, ORDERS, **DAYS, group=group)[-1]
    led = 0
    for row in [*table.rows, table.foot]:
        for name, cell in table.named(row).items():
            if cell.url:
                assert len(listed(user, cell.url)) == cell.number, (name, cell.url)
                led += 1
    assert led > len(table.rows)


def test_a_tenants_numbers_lead_to_that_tenants_orders(
    books: Books, browser: Client, user: Any
) -> None:
    # Another tenant whose code is this one's number must not be meant.
    books.paper.platform_code = str(books.tea.pk)
    books.paper.save()
    table = read(browser, TENANTS, **DAYS)[-1]
    for row in table.rows:
        cells = table.named(row)
        for name in ("number of orders", "signed for", "exception"):
            cell = cells[name]
            assert len(listed(user, cell.url)) == cell.number if cell.url else cell.number == 0
    own = table.row("the platform itself")["number of orders"]
    assert [order.tenant_id for order in listed(user, own.url)] == [None]


def test_the_plots_columns_lead_to_their_days(books: Books, browser: Client, user: Any) -> None:
    page = browser.get(ORDERS, {"date_from": "2026-11-03", "date_to": "2026-11-04"})
    urls = [url for url in _hrefs(page) if "expressorder/?" in url and "status" not in url]
    # Of each day the column and the row, then the total.
    assert sorted(len(listed(user, url)) for url in urls) == [1, 1, 2, 2, 3]


def _hrefs(page: Any) -> list[str]:
    text = page.content.decode().replace("&amp;", "&")
    return [part.split('"')[0] for part in text.split('href="')[1:]]


@pytest.mark.parametrize("month", ["2026-09", "2026-10", "2026-11"])
def test_each_amount_of_a_month_is_the_sum_of_what_it_leads_to(
    books: Books, browser: Client, user: Any, month: str
) -> None:
    table = read(browser, SETTLEMENT, month=month)[-1]
    assert len(table.rows) >= 2
    for row in table.rows:
        cells = table.named(row)
        assert (
            len(listed(user, cells["number of parcels"].url)) == cells["number of parcels"].number
        )
        for name in _SUMMED:
            if cells[name].url:
                parts = _all_parts(browser, cells[name].url)
                assert sum((r[name].number for r in parts), Decimal(0)) == cells[name].number, name
        _periods_add_up(browser, user, cells)


_SUMMED = (
    "freight as first said (yuan)", "number of revisions", "revised by (yuan)",
    "freight now (yuan)",
)  # fmt: skip


def _all_parts(browser: Client, url: str) -> list[dict[str, ReadCell]]:
    """The rows of the parcels' page, and of those behind it."""
    table = read(browser, url)[-1]
    assert all(opens(browser, row[0].url) for row in table.rows[:1])
    return [table.named(row) for row in table.rows if len(row) == len(table.head)]


def _periods_add_up(browser: Client, user: Any, cells: dict[str, ReadCell]) -> None:
    """The quota periods behind a tenant's overage, and the lines behind those."""
    if not cells["total (yuan)"].url:
        return
    tables = read(browser, cells["total (yuan)"].url)
    build_up = tables[0].named(tables[0].rows[0])
    for name in ("freight now (yuan)", "overage (yuan)", "credited (yuan)", "total (yuan)"):
        assert build_up[name].number == cells[name].number, name
    periods = tables[1].rows if len(tables) == 3 else []
    sums = {"closed": Decimal(0), "open": Decimal(0)}
    for row in periods:
        period = tables[1].named(row)
        units = period["overage units"]
        lines = listed(user, units.url) if units.url else []
        assert sum(line.used_num for line in lines) == units.number
        assert sum((line.amount for line in lines), Decimal(0)) == period["overage (yuan)"].number
        credited = period["credited (yuan)"]
        back = listed(user, credited.url) if credited.url else []
        assert -sum((line.amount for line in back), Decimal(0)) == credited.number
        closed = bool(period["quota period"].url)
        assert not closed or opens(browser, period["quota period"].url)
        sums["closed" if closed else "open"] += units.number
    assert sums["closed"] == cells["overage units"].number
    assert sums["open"] == cells["not closed: units"].number


def test_the_parcels_stand_on_as_many_pages_as_they_need(books: Books, browser: Client) -> None:
    for n in range(230):
        make_order(day(9, 20) if n % 2 else day(9, 21), books.paper)
    query = {"month": "2026-09", "tenant": "PAPER"}
    seen: list[str] = []
    page = browser.get(f"{SETTLEMENT}parcels/", query)
    while True:
        table = tables_of(page)[-1]
        seen += [row[0].text for row in table.rows]
        assert table.foot[0].text == "total of 230 parcels"
        following = [url for url in _hrefs(page) if url.startswith("?") and "after=" in url]
        if not following:
            break
        page = browser.get(f"{SETTLEMENT}parcels/{following[0]}")
    assert len(seen) == len(set(seen)) == 230


def test_a_file_of_parcels_is_read_in_parts(
    books: Books, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drilling, "PART", 7)
    for n in range(28):
        make_order(day(9, 20) if n % 2 else day(9, 21), books.paper)
    query = {"month": "2026-09", "tenant": "PAPER", "file": "csv"}
    answer: Any = browser.get(f"{SETTLEMENT}parcels/", query)
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    numbers = [line.partition(",")[0] for line in lines[1:]]
    assert len(numbers) == len(set(numbers)) == 28


def test_statements_and_lines_are_what_the_month_says(books: Books) -> None:
    """The figures of the fixture itself, by hand."""
    tea = QuotaStatement.objects.filter(tenant=books.tea).order_by("period_no")
    assert [(one.overage_units, one.credit_units, one.amount_minor) for one in tea] == [
        (2, 0, 250), (3, 1, 250),
    ]  # fmt: skip
    assert QuotaDetail.objects.filter(tenant=books.tea, credit_period_no=2).count() == 1

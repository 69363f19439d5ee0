"""`/api/platform/reports` gives the console's figures, as documented, to whom may see them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from accounts.services.operators import create_operator
from accounts.states import Role
from tests.doors.test_openapi import matches
from tests.factories import issue
from tests.reports.conftest import Books
from tests.reports.reading import read
from tests.signing import TenantClient

pytestmark = pytest.mark.django_db(transaction=True)
API = "/api/platform/reports"
ROUTES = (f"{API}/orders", f"{API}/tenants", f"{API}/settlement")
DAYS = {"date_range": "2026-09-01,2026-11-30"}
CONSOLE_DAYS = {"date_from": "2026-09-01", "date_to": "2026-11-30"}


class Program:
    """An operator's program with a token."""

    def __init__(self, role: str) -> None:
        self.user, token = create_operator(
            username=f"program-{role}", role=role, password="Ganz-geheim-7", with_token=True
        )
        assert token is not None
        self.client = Client(headers={"Authorization": f"Token {token.token}"})

    def get(self, url: str, **query: Any) -> Any:
        return self.client.get(url, query)

    def data(self, url: str, **query: Any) -> Any:
        answer = self.get(url, **query)
        assert answer.status_code == 200, answer.json()
        return answer.json()["data"]


@pytest.fixture
def program() -> Program:
    return Program("finance")


def test_every_answer_is_as_documented(books: Books, program: Program) -> None:
    document = SchemaGenerator().get_schema(request=None, public=True)
    for url, queries in {
        ROUTES[0]: ({}, DAYS, {**DAYS, "group": "day,cp_code,status,tenant"}, {"group": "x"}),
        ROUTES[1]: ({}, DAYS, {"sort": "overage_units"}, {"tenant_id": 0}),
        ROUTES[2]: ({}, {"month": "2026-10"}, {"month": "x"}),
    }.items():
        for query in queries:
            matches(document, url, "get", program.get(url, **query))
        matches(document, url, "get", Client().get(url))


@pytest.mark.parametrize("role", list(Role))
def test_every_role_reads_the_reports(books: Books, role: str) -> None:
    program = Program(role)
    assert [program.get(url).status_code for url in ROUTES] == [200, 200, 200]


def test_others_do_not(books: Books, program: Program) -> None:
    tenant = TenantClient(*issue(books.tea))
    for url in ROUTES:
        assert Client().get(url).status_code == 401
        assert tenant.get(url).status_code == 403
        assert program.client.post(url).status_code == 405
    group = program.user.groups.get()
    group.permissions.remove(group.permissions.get(codename="view_quotastatement"))
    assert [program.get(url).status_code for url in ROUTES] == [200, 200, 403]
    group.permissions.remove(group.permissions.get(codename="view_expressorder"))
    assert [program.get(url).status_code for url in ROUTES] == [403, 403, 403]


@pytest.mark.parametrize("group", ["day", "tenant", "status,tenant", "day,cp_code,status,tenant"])
def test_orders_are_the_consoles(
    books: Books, program: Program, browser: Client, group: str
) -> None:
    data = program.data(ROUTES[0], **DAYS, group=group)
    page = read(browser, "/admin/reports/orders/", **CONSOLE_DAYS, group=group)[-1]
    numbers = ("orders", "signed", "under_way", "exceptions", "rejected", "cancelled", "freight")
    shown = [[cell.number for cell in row[-7:]] for row in (*page.rows, page.foot)]
    given = [[Decimal(row[n]) for n in numbers] for row in (*data["items"], data["totals"])]
    assert given == shown
    named = {"day", "cp_code", "status", "tenant_id"} & {*group.split(","), "tenant_id"}
    for row in data["items"]:
        assert row.keys() == data["items"][0].keys()
        assert {n for n in ("day", "cp_code", "status") if row[n] is not None} == named - {
            "tenant_id"
        }
        assert (row["tenant_id"] is None) == ("tenant" not in group)


def test_tenants_are_the_consoles(books: Books, program: Program, browser: Client) -> None:
    data = program.data(ROUTES[1], **DAYS)
    page = read(browser, "/admin/reports/tenants/", **CONSOLE_DAYS)[-1]
    for item, row in zip(data["items"], page.rows, strict=True):
        assert [item["platform_code"] or "", item["tenant_name"] or row[2].text] == [
            row[1].text, row[2].text,
        ]  # fmt: skip
        assert (item["orders"], item["signed"], item["exceptions"]) == tuple(
            int(row[n].number) for n in (3, 4, 6)
        )
        assert f"{Decimal(item['exception_rate']) * 100:.1f}%" == row[7].text
        quota = [item[n] for n in ("monthly_free_quota", "monthly_used", "free_left")]
        assert [("–" if n is None else f"{n:,}") for n in quota] == [c.text for c in row[8:11]]
    tea = data["items"][0]
    assert (tea["rank"], tea["overage_used"], tea["overage_amount"]) == (1, 2, "2.50")
    assert data["items"][-1]["overage_amount"] is None
    assert data["totals"]["orders"] == 24


def test_settlements_are_the_consoles(books: Books, program: Program, browser: Client) -> None:
    data = program.data(ROUTES[2], month="2026-10")
    page = read(browser, "/admin/reports/settlement/", month="2026-10")[-1]
    names = (
        "parcels", "first_freight", "revisions", "freight_revised", "freight", "overage_units",
        "overage_amount", "credit_amount", "overage_due", "total", "open_overage_units",
        "open_overage_amount",
    )  # fmt: skip
    shown = [[cell.number for cell in row[2:]] for row in (*page.rows, page.foot)]
    given = [[Decimal(row[n]) for n in names] for row in (*data["items"], data["totals"])]
    assert given == shown
    assert (data["month"], data["date_from"], data["date_to"]) == (
        "2026-10", "2026-10-01", "2026-10-31",
    )  # fmt: skip
    tea = next(item for item in data["items"] if item["platform_code"] == "TEA")
    assert (tea["freight_revised"], tea["overage_due"], tea["total"]) == ("-1.95", "2.50", "60.55")


def test_times_and_money_are_told_as_the_contract_says(books: Books, program: Program) -> None:
    data = program.data(ROUTES[0], **DAYS)
    assert data["counted_at"].endswith("+08:00")
    assert data["waiting_days"] == 0
    assert all(len(row["freight"].partition(".")[2]) == 2 for row in data["items"])
    assert [date.fromisoformat(row["day"]) for row in data["items"]]


def test_parts_follow_each_other(books: Books, program: Program) -> None:
    whole = program.data(ROUTES[0], **DAYS)["items"]
    found, page = [], 1
    while True:
        part = program.data(ROUTES[0], **DAYS, page=page, page_size=5)
        assert (part["page"], part["page_size"]) == (page, 5)
        assert part["totals"]["orders"] == 24
        found += part["items"]
        if not part["more"]:
            break
        page += 1
    assert found == whole
    ranks = [
        program.data(ROUTES[1], **DAYS, page=n, page_size=2)["items"][0]["rank"] for n in (1, 2)
    ]
    assert ranks == [1, 3]


@pytest.mark.parametrize(
    ("route", "query", "field"),
    [
        (0, {"date_range": "2026-11-01"}, "date_range"),
        (0, {"date_range": "2026-11-02,2026-11-01"}, "date_range"),
        (0, {"date_from": "2026-11-02", "date_to": "2026-11-01"}, "date_to"),
        (1, {"date_from": "2024-11-02", "date_to": "2026-11-01"}, "date_to"),
        (0, {"date_from": "2026-02-30"}, "date_from"),
        (0, {"group": "day,day"}, "group"),
        (0, {"group": "receiver_phone"}, "group"),
        (0, {"status": "lost"}, "status"),
        (0, {"tenant_id": "-1"}, "tenant_id"),
        (0, {"page": "0"}, "page"),
        (0, {"page": "101"}, "page"),
        (1, {"page_size": "1001"}, "page_size"),
        (1, {"sort": "name"}, "sort"),
        (1, {"status": "signed"}, "status"),
        (2, {"month": "2026-13"}, "month"),
        (2, {"date_from": "2026-11-02"}, "date_from"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(
    program: Program, route: int, query: dict[str, str], field: str
) -> None:
    answer = program.get(ROUTES[route], **query)
    assert answer.status_code == 400
    assert list(answer.json()["data"]["errors"]) == [field]


def test_thirty_days_are_usual(books: Books, program: Program) -> None:
    ends = [
        (data["date_from"], data["date_to"])
        for query in ({}, {"date_from": "2026-09-01"}, {"date_to": "2026-09-30"})
        for data in [program.data(ROUTES[0], **query)]
    ]
    assert ends == [
        ("2026-10-23", "2026-11-21"), ("2026-09-01", "2026-09-30"), ("2026-09-01", "2026-09-30"),
    ]  # fmt: skip

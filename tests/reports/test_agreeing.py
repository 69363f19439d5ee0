"""Page, CSV, XLSX and API give the same figures of whatever parcels did."""

from __future__ import annotations

import csv
import io
import random
from datetime import timedelta
from decimal import Decimal
from itertools import combinations
from typing import Any

import openpyxl
import pytest
from django.test import Client

from logistics.admin.reports.forms import OrdersForm
from logistics.services.rolling import roll_up
from logistics.states import OrderStatus
from tests.reports.conftest import client_of
from tests.reports.reading import read
from tests.reports.world import CARRIERS, START, Life

pytestmark = pytest.mark.django_db(transaction=True)
PAGE, API = "/admin/reports/orders/", "/api/platform/reports/orders"
GROUPS = [name for name, _label in OrdersForm.GROUPS]
SUMS = ("orders", "signed", "under_way", "exceptions", "rejected", "cancelled", "freight")


@pytest.fixture
def life(request: pytest.FixtureRequest) -> Life:
    """Weeks of parcels, counted; its dice go on."""
    found = Life(request.param)
    for _ in range(160):
        found.happen()
        found.pass_time()
    roll_up(at=found.now)
    return found


@pytest.mark.parametrize("life", range(4), indirect=True)
def test_the_four_say_the_same(life: Life) -> None:
    browser = client_of("finance")
    for _ in range(12):
        asked = _question(life)
        items, totals = _by_api(browser, asked)
        for_people = {key: asked[key] for key in asked if key != "tenant_id"}
        if "tenant_id" in asked:
            tenant = next((t for t in life.tenants if t and str(t.pk) == asked["tenant_id"]), None)
            for_people["tenant"] = tenant.platform_code if tenant else "0"
        table = read(browser, PAGE, **for_people)[-1]
        width = len(table.head) - len(SUMS)
        shown = [[cell.number for cell in row[width:]] for row in table.rows if len(row) > 1]
        assert shown == items, asked
        # An empty table has no foot.
        foot = [cell.number for cell in table.foot[width:]]
        assert foot == (totals if items else []), asked
        if len(items) < 100:
            assert [sum(row[n] for row in items) for n in range(len(SUMS))] == totals, asked
        for kind, rows in (("csv", _csv), ("xlsx", _xlsx)):
            answer: Any = browser.get(PAGE, {**for_people, "file": kind})
            assert rows(b"".join(answer.streaming_content), width) == items, (asked, kind)


@pytest.mark.parametrize("life", [7], indirect=True)
def test_parts_of_the_api_join_into_the_whole(life: Life) -> None:
    browser = client_of("support")
    dates = {"date_from": START.date().isoformat(), "date_to": "2027-11-01"}
    for size in range(1, 5):
        for group in (g for n in range(1, 5) for g in combinations(("day", "tenant"), n)):
            asked = {**dates, "group": ",".join(group)}
            whole = browser.get(API, {**asked, "page_size": "1000"}).json()["data"]["items"]
            joined, page = [], 1
            while True:
                part = browser.get(
                    API, {**asked, "page_size": str(size), "page": str(page)}
                ).json()["data"]  # fmt: skip
                joined += part["items"]
                if not part["more"] or page == 100:
                    break
                page += 1
            assert joined == whole[: 100 * size], (size, group)


def _question(life: Life) -> dict[str, str]:
    dice: random.Random = life.dice
    first = START.date() + timedelta(days=dice.randint(-3, 12))
    asked = {
        "date_from": first.isoformat(), "group": dice.choice(GROUPS),
        "date_to": (first + timedelta(days=dice.choice((0, 1, 9, 45, 399)))).isoformat(),
    }  # fmt: skip
    if dice.random() < 0.4:
        asked["tenant_id"] = dice.choice(["0", *(str(t.pk) for t in life.tenants if t)])
    if dice.random() < 0.3:
        asked["cp_code"] = dice.choice(CARRIERS)
    if dice.random() < 0.3:
        asked["status"] = dice.choice(OrderStatus.values)
    return asked


def _by_api(browser: Client, asked: dict[str, str]) -> tuple[list[Any], list[Any]]:
    data = browser.get(API, {**asked, "page_size": "100"}).json()["data"]
    assert [data[end] for end in ("date_from", "date_to")] == [
        asked[end] for end in ("date_from", "date_to")
    ]
    rows = [[Decimal(str(item[name])) for name in SUMS] for item in data["items"]]
    return rows, [Decimal(str(data["totals"][name])) for name in SUMS]


def _csv(content: bytes, width: int) -> list[list[Decimal]]:
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))[1:101]
    return [[Decimal(value) for value in row[width:]] for row in rows]


def _xlsx(content: bytes, width: int) -> list[list[Decimal]]:
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    rows = list(sheet.iter_rows(min_row=2, max_row=101, values_only=True))
    return [[Decimal(str(value)) for value in row[width:]] for row in rows if any(row)]

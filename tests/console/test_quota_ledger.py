"""配额明细 and 配额账单: the running balance is right on any page, sums lead to their lines."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.db.models import Sum
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from quotas.models import QuotaDetail, QuotaStatement, TenantQuota
from quotas.queries import find_discrepancies
from quotas.services.closing import close_elapsed
from tests.factories import QuotaFactory, TenantFactory
from tests.quotas.test_reservation import draw, give_back

pytestmark = pytest.mark.django_db(transaction=True)
DETAILS = "admin:quotas_quotadetail_changelist"
STATEMENTS = "admin:quotas_quotastatement_changelist"
START = datetime(2026, 11, 2, tzinfo=UTC)


@pytest.fixture
def ledger() -> TenantQuota:
    """Two closed periods and an open one, returns within and after their periods, 90 lines."""
    other = QuotaFactory(period_start=date(2026, 11, 1), period_end=date(2026, 12, 1))
    quota = QuotaFactory(
        tenant=TenantFactory(platform_code="acme"),
        monthly_free_quota=20, overage_enabled=True, overage_price=Decimal("1.50"),
        period_start=date(2026, 11, 1), period_end=date(2026, 12, 1),
    )  # fmt: skip
    for number in range(75):
        at = START + timedelta(days=number)
        draw(quota, number + 1, at)
        if number % 5 == 0:
            give_back(quota, number + 1, at)
    draw(other, 1_000, START)
    # Of period 1, which is closed since long: credited in the open one.
    give_back(quota, 3, START + timedelta(days=74, hours=1))
    give_back(quota, 35, START + timedelta(days=74, hours=2))
    assert list(find_discrepancies()) == []
    return quota


def listed(client: Client, **query: Any) -> list[Any]:
    answer = client.get(reverse(DETAILS), query)
    assert answer.status_code == 200
    return list(answer.context["cl"].result_list)


def expected() -> dict[int, int]:
    """Counted from the first line on."""
    used: dict[tuple[int, int], int] = {}
    running = {}
    for row in QuotaDetail.objects.filter(credit_period_no=None).order_by("created_at", "id"):
        key = (row.tenant_id, row.period_no)
        used[key] = used.get(key, 0) + row.used_num
        running[row.pk] = used[key]
    return running


@pytest.mark.parametrize(
    "more",
    [{}, {"period_no": 1}, {"period_no": 3},
     {"created_at_from": "2026-11-25", "created_at_to": "2026-12-20"}],
)  # fmt: skip
def test_the_running_balance_is_right_on_every_page(
    admin_client: Client, ledger: TenantQuota, more: dict[str, Any], monkeypatch: Any
) -> None:
    from quotas.admin.details import QuotaDetailAdmin

    monkeypatch.setattr(QuotaDetailAdmin, "list_per_page", 7)
    right = expected()
    query = {"tenant": "acme", **more}
    pages = admin_client.get(reverse(DETAILS), query).context["cl"].paginator.num_pages
    seen = []
    for number in range(1, pages + 1):
        for row in listed(admin_client, p=number, **query):
            assert row.running_units == right.get(row.pk), (number, row.pk)
            seen.append(row.pk)
    assert len(seen) == len(set(seen)) > 14


def test_without_one_tenant_there_is_no_running_balance(
    admin_client: Client, ledger: TenantQuota
) -> None:
    head = "column-running"
    some = {"tenant": "acme"}
    assert head in admin_client.get(reverse(DETAILS), some).content.decode()
    for query in ({}, {"quota_type__exact": "overage", **some}, {"period_no": 1},
                  {"q": "3", **some}, {"credit_period_no": 3, **some}):  # fmt: skip
        page = admin_client.get(reverse(DETAILS), query)
        assert page.status_code == 200
        assert head not in page.content.decode(), query


def test_a_page_of_lines_costs_the_same_whatever_it_holds(
    admin_client: Client, ledger: TenantQuota
) -> None:
    def statements(**query: Any) -> int:
        with CaptureQueriesContext(connection) as seen:
            listed(admin_client, **query)
        return len(seen)

    listed(admin_client)
    assert statements(tenant="acme", created_at_to="2026-11-20") == statements(tenant="acme")
    assert statements(order_id=1) <= statements()


def test_lines_are_found_by_exact_order_and_by_nothing_else(
    admin_client: Client, ledger: TenantQuota
) -> None:
    assert [row.order_id for row in listed(admin_client, q="3")] == [3, 3]
    assert listed(admin_client, q="abc") == []
    assert listed(admin_client, tenant="acm") == []
    assert listed(admin_client, tenant="acme", period_no="x") == []


@pytest.mark.parametrize("period_no", [1, 2])
def test_a_statement_leads_to_the_lines_it_adds_up_from(
    admin_client: Client, ledger: TenantQuota, period_no: int
) -> None:
    statement = QuotaStatement.objects.get(period_no=period_no, tenant=ledger.tenant)
    page = admin_client.get(reverse("admin:quotas_quotastatement_change", args=[statement.pk]))
    url = f"{reverse(DETAILS)}?tenant=acme&amp;period_no={period_no}"
    assert url in page.content.decode()
    lines = admin_client.get(url.replace("&amp;", "&")).context["cl"].queryset
    over = lines.filter(quota_type="overage").aggregate(n=Sum("used_num"), money=Sum("amount"))
    assert lines.aggregate(n=Sum("used_num"))["n"] == statement.units > 0
    assert (over["n"], over["money"] * 100) == (
        statement.overage_units, statement.overage_amount_minor
    )  # fmt: skip
    assert f"{over['money']:.2f}" in page.content.decode()


def test_credits_lead_to_the_late_returns(admin_client: Client, ledger: TenantQuota) -> None:
    close_elapsed(tenant_id=ledger.tenant_id, at=datetime(2027, 3, 2, tzinfo=UTC))
    statement = QuotaStatement.objects.get(period_no=3)
    assert statement.credit_units == 2
    page = admin_client.get(reverse("admin:quotas_quotastatement_change", args=[statement.pk]))
    assert "credit_period_no=3" in page.content.decode()
    lines = admin_client.get(reverse(DETAILS), {"tenant": "acme", "credit_period_no": 3})
    sums = lines.context["cl"].queryset.aggregate(n=Sum("used_num"), money=Sum("amount"))
    assert (-sums["n"], -sums["money"] * 100) == (
        statement.credit_units, statement.credit_amount_minor
    )  # fmt: skip


def taken(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def test_the_filtered_list_leaves_as_csv_and_that_is_recorded(
    admin_client: Client, ledger: TenantQuota
) -> None:
    with time_machine.travel(START, tick=False):
        url = reverse("admin:quotas_quotadetail_export", args=["csv"])
        answer = admin_client.get(url, {"tenant": "acme", "period_no": 2})
        text = taken(answer).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    statement = QuotaStatement.objects.get(period_no=2)
    assert sum(int(row["单量"]) for row in rows) == statement.units
    money = sum(Decimal(row["金额（元）"]) for row in rows)
    assert money * 100 == statement.overage_amount_minor
    assert {row["租户"] for row in rows} == {str(ledger.tenant)}
    told = LogEntry.objects.get().change_message
    assert "tenant=acme period_no=2" in told
    assert f"共 {len(rows)} 行" in told


def test_statements_leave_as_a_workbook(admin_client: Client, ledger: TenantQuota) -> None:
    with time_machine.travel(START, tick=False):
        url = reverse("admin:quotas_quotastatement_export", args=["xlsx"])
        data = taken(admin_client.get(url))
    assert zipfile.ZipFile(io.BytesIO(data)).testzip() is None
    assert admin_client.get(url.replace("xlsx", "pdf")).status_code == 404


def test_a_list_that_could_not_be_read_is_not_exported_as_empty(admin_client: Client) -> None:
    url = reverse("admin:quotas_quotadetail_export", args=["csv"])
    assert admin_client.get(url, {"tenant": "nobody"}).status_code == 302
    assert admin_client.get(url, {"order_id__foo": "1"}).status_code in {302, 400}
    answer = admin_client.get(url, {"no_such_column": "1"}, follow=True)
    assert (answer.status_code, len(answer.redirect_chain)) == (200, 1)
    assert answer.request["PATH_INFO"] == reverse("admin:quotas_quotadetail_changelist")
    assert not LogEntry.objects.exists()


def test_a_phone_that_was_searched_for_is_recorded_masked(admin_client: Client) -> None:
    for name in ("quotas_quotadetail_export", "quotas_quotastatement_export"):
        taken(admin_client.get(reverse(f"admin:{name}", args=["csv"]), {"q": "13800138000"}))
    told = [entry.change_message for entry in LogEntry.objects.all()]
    assert all("q=138****8000" in text for text in told)
    assert len(told) == 2


def test_an_order_id_of_any_length_is_none(admin_client: Client) -> None:
    url = reverse("admin:quotas_quotadetail_changelist", query={"q": "9" * 5_000})
    assert admin_client.get(url).status_code == 200

"""Filters to type into keep the rest of the list, and say what they cannot read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from logistics.models import CallLog
from tests.factories import TenantFactory

pytestmark = pytest.mark.django_db
# 00:30 in Shanghai on the 22nd.
NOW = datetime(2026, 11, 21, 16, 30, tzinfo=UTC)


def call(at: datetime = NOW, **columns: Any) -> CallLog:
    return CallLog.objects.create(
        **{"api_method": "TMS_WAYBILL_GET", "request_time": at, "created_at": at,
           "outcome": "done", "success": True} | columns
    )  # fmt: skip


def listed(client: Client, **query: Any) -> tuple[list[int], Any]:
    page = client.get(reverse("admin:logistics_calllog_changelist"), query)
    assert page.status_code == 200
    return [row.pk for row in page.context["cl"].result_list], page


def form_of(page: Any, title: str) -> dict[str, Any]:
    specs = page.context["cl"].filter_specs
    spec = next(spec for spec in specs if str(spec.title) == title)
    found: dict[str, Any] = next(iter(spec.choices(page.context["cl"])))
    return found


def test_days_are_whole_local_days_with_both_ends(admin_client: Client) -> None:
    late, early = call(NOW), call(NOW - timedelta(hours=1))
    one_day = {"created_at_from": "2026-11-22", "created_at_to": "2026-11-22"}
    assert listed(admin_client, **one_day)[0] == [late.pk]
    assert listed(admin_client, created_at_to="2026-11-21")[0] == [early.pk]
    assert listed(admin_client, created_at_from="2026-11-21")[0] == [late.pk, early.pk]
    assert listed(admin_client, created_at_from="", created_at_to="")[0] == [late.pk, early.pk]


@pytest.mark.parametrize(
    "query",
    [
        {"created_at_from": "22.11.2026"},
        {"created_at_from": "2026-02-30"},
        {"created_at_to": "20261122"},
        {"created_at_to": "0001-01-01"},
        {"created_at_from": "2026-11-23", "created_at_to": "2026-11-22"},
    ],
)
def test_days_that_are_none_show_no_rows_the_reason_and_what_was_typed(
    admin_client: Client, query: dict[str, str]
) -> None:
    call()
    rows, page = listed(admin_client, **query)
    assert rows == []
    form = form_of(page, "创建时间")
    assert form["error"]
    assert form["error"] in page.content.decode()
    assert {end["value"] for end in form["ends"]} - {""} == set(query.values())


def test_the_shortcuts_end_today_in_shanghai(admin_client: Client) -> None:
    with time_machine.travel(NOW, tick=False):
        _rows, page = listed(admin_client, success="1")
        links = [parse_qs(link["query_string"].removeprefix("?"))
                 for link in form_of(page, "创建时间")["shortcuts"]]  # fmt: skip
    assert [link["created_at_from"][0] for link in links] == [
        "2026-11-22", "2026-11-16", "2026-10-24",
    ]  # fmt: skip
    assert all(link["created_at_to"] == ["2026-11-22"] for link in links)
    assert all(link["success"] == ["1"] for link in links)


def test_a_form_carries_the_other_filters_along_and_not_the_page(admin_client: Client) -> None:
    tenant = TenantFactory()
    call(tenant_id=tenant.pk)
    query = {"success": "1", "tenant_id": tenant.platform_code, "p": "1",
             "created_at_to": "2026-11-22"}  # fmt: skip
    rows, page = listed(admin_client, **query)
    assert len(rows) == 1
    assert sorted(form_of(page, "创建时间")["kept"]) == [
        ("success", "1"), ("tenant_id", tenant.platform_code),
    ]  # fmt: skip
    assert form_of(page, "租户")["value"] == tenant.platform_code


def test_a_tenant_is_found_by_its_code_or_its_number_and_by_nothing_else(
    admin_client: Client,
) -> None:
    tenant = TenantFactory()
    mine = call(tenant_id=tenant.pk)
    call()
    for text in (tenant.platform_code, str(tenant.pk), f" {tenant.pk} "):
        assert listed(admin_client, tenant_id=text)[0] == [mine.pk]
    for text in ("nobody", "9" * 30, "-1", "%"):
        rows, page = listed(admin_client, tenant_id=text)
        assert rows == []
        assert form_of(page, "租户")["error"]


def test_what_was_typed_is_escaped(admin_client: Client) -> None:
    text = listed(admin_client, tenant_id='"><script>x')[1].content.decode()
    assert "<script>x" not in text
    assert "&lt;script&gt;x" in text


@pytest.mark.parametrize("parameter", ["q", "tenant", "period_no", "credit_period_no"])
@pytest.mark.parametrize(
    "name",
    ["logistics_calllog", "logistics_expressorder", "logistics_callbackrecord",
     "logistics_freightrevision", "quotas_quotadetail", "quotas_quotastatement",
     "quotas_tenantquota", "accounts_apicredential", "accounts_securityevent", "admin_logentry"],
)  # fmt: skip
def test_a_number_beyond_any_column_finds_nothing_and_breaks_nothing(
    admin_client: Client, name: str, parameter: str
) -> None:
    url = reverse(f"admin:{name}_changelist")
    answer = admin_client.get(url, {parameter: "9" * 40}, follow=True)
    assert answer.status_code == 200

"""调用日志: found by what indexes serve, shown masked and indented, changed by nobody."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.services.operators import create_operator
from logistics.admin.calls import MethodFilter
from logistics.models import CallLog, ExpressOrder
from tests.console.test_filters_page import NOW, call, form_of, listed
from tests.factories import AccountFactory, TenantFactory
from tests.logistics.test_labels import an_order

pytestmark = pytest.mark.django_db


def order(pk: int, **columns: Any) -> ExpressOrder:
    more = {"content_hash": "", "receiver_phone_hash": "", "updated_at": NOW}
    row = an_order(pk, tenant_order_no=f"S-{pk}", **{**more, **columns})
    row.save(force_insert=True)
    return row


def page_of(client: Client, row: CallLog) -> str:
    page = client.get(reverse("admin:logistics_calllog_change", args=[row.pk]))
    assert page.status_code == 200
    return page.content.decode()


def test_the_filters_narrow_the_list_down(admin_client: Client) -> None:
    good = call()
    lost = call(
        success=False, outcome="unknown", error_type="network", api_method="TMS_ORDER_CANCEL"
    )
    refused = call(success=False, outcome="refused", error_type="business")
    assert listed(admin_client, success="1")[0] == [good.pk]
    assert listed(admin_client, success="0")[0] == [refused.pk, lost.pk]
    assert listed(admin_client, error_type="network")[0] == [lost.pk]
    assert listed(admin_client, api_method="TMS_ORDER_CANCEL")[0] == [lost.pk]
    assert listed(admin_client, api_method="TMS_WAYBILL_GET", success="0")[0] == [refused.pk]
    assert listed(admin_client, error_type="nonsense")[0] == []


def test_the_methods_offered_are_the_adapters_and_the_accounts_own(admin_client: Client) -> None:
    AccountFactory(message_names={"query": {"name": "OUR_QUERY"}, "track": "OUR_TRACK"})
    row = call(api_method="OUR_QUERY")
    rows, page = listed(admin_client, api_method="OUR_QUERY")
    assert rows == [row.pk]
    spec = next(s for s in page.context["cl"].filter_specs if isinstance(s, MethodFilter))
    offered = [name for name, _label in spec.lookup_choices]
    assert {"TMS_WAYBILL_GET", "OUR_QUERY", "OUR_TRACK"} <= set(offered)
    assert "订单查询 OUR_QUERY" in page.content.decode()


def test_calls_are_found_by_any_number_of_their_order(admin_client: Client) -> None:
    first = order(1, waybill_no="YT77", mail_no="YT78", cainiao_order_id="LP79")
    mine, _other = call(order_id=first.pk), call(order_id=2)
    for term in (first.order_no, "YT77", "YT78", "LP79", f" {first.order_no} ", "1"):
        assert listed(admin_client, q=term)[0] == [mine.pk], term
    for term in ("YT", first.order_no.lower(), "0", "9" * 40, "%"):
        assert listed(admin_client, q=term)[0] == [], term


def test_a_page_names_orders_and_tenants_by_one_query_each(admin_client: Client) -> None:
    def statements(rows: int) -> int:
        for _ in range(rows):
            pk = ExpressOrder.objects.count() + 1
            order(pk)
            call(order_id=pk, tenant_id=TenantFactory().pk)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            text = listed(admin_client)[1].content.decode()
        assert text.count("/admin/accounts/tenant/") >= rows
        assert an_order(1).order_no in text
        # What a row may be opened with is not read for a list of rows.
        assert not [q for q in seen if "response_data" in q["sql"]]
        return len(seen)

    listed(admin_client)
    few = statements(2)
    assert statements(20) == few


def test_nothing_is_counted_beyond_the_cap_and_nothing_is_sorted_by_hand(
    admin_client: Client,
) -> None:
    call()
    with CaptureQueriesContext(connection) as seen:
        page = listed(admin_client, success="1", o="3")[1]
    log = [q["sql"] for q in seen if "platform_cainiao_logs" in q["sql"]]
    assert all("LIMIT 10001" in sql for sql in log if "COUNT(" in sql)
    assert any("COUNT(" in sql for sql in log)
    assert "ORDER BY" in log[-1]
    assert "duration_ms" not in log[-1].split("ORDER BY")[1]
    assert "_facets" not in page.content.decode()


def test_the_page_of_a_call_is_masked_indented_and_in_words(admin_client: Client) -> None:
    number = order(1).order_no
    tenant = TenantFactory(name="某某茶行")
    text = page_of(admin_client, call(
        order_id=1, tenant_id=tenant.pk, outcome="unknown", success=False, error_type="network",
        duration_ms=10_042, error_detail="no answer <b>",
        request_params={"logistics_interface": '{"sender": {"name": "张**"}}'},
        response_data=None,
    ))  # fmt: skip
    assert "结果未知" in text
    assert "10042 毫秒" in text
    assert number in text
    assert "某某茶行" in text
    assert "&quot;name&quot;: &quot;张**&quot;" in text  # opened, not a text within a text
    assert "no answer &lt;b&gt;" in text


def test_a_call_of_an_order_that_is_gone_still_has_its_page(admin_client: Client) -> None:
    assert "#404" in page_of(admin_client, call(order_id=404, tenant_id=4040))


def test_an_answer_of_any_shape_is_shown(admin_client: Client) -> None:
    for answer in ("<html>", [1, '["[", "{"]'], {"a": "{broken"}, "[" * 5000, 7, None):
        assert 'class="json"' in page_of(admin_client, call(response_data=answer))


@pytest.mark.parametrize("role", ["auditor", "support", "operations", "finance"])
def test_every_role_reads_the_log_and_none_changes_it(role: str) -> None:
    create_operator(username=role, role=role, password="a-long-passphrase-1")
    client = Client()
    assert client.login(username=role, password="a-long-passphrase-1")
    row = call()
    page_of(client, row)
    url = reverse("admin:logistics_calllog_change", args=[row.pk])
    assert client.post(url, {"api_method": "X"}).status_code == 403
    delete = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    client.post(reverse("admin:logistics_calllog_changelist"), delete)
    assert client.post(reverse("admin:logistics_calllog_delete", args=[row.pk])).status_code == 403
    row.refresh_from_db()
    assert row.api_method == "TMS_WAYBILL_GET"


def test_a_filter_that_is_wrong_keeps_its_neighbours(admin_client: Client) -> None:
    _rows, page = listed(admin_client, success="maybe", created_at_to="2026-11-22")
    assert form_of(page, "创建时间")["kept"] == [("success", "maybe")]

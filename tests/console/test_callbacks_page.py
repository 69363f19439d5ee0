"""回调记录: what came, what it did, what hindered it; a replay has no second effect."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.services.operators import create_operator
from logistics.models import CallbackRecord, ExpressOrder
from tests.console.test_calls_page import order as an_order
from tests.console.test_filters_page import NOW
from tests.logistics.conftest import (  # noqa: F401 - fixtures
    account,
    client,
    order,
    sandbox,
    tell,
    tenant,
    work,
    world,
)

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "admin:logistics_callbackrecord_changelist"
EARLY = NOW.replace(day=1, hour=1)


def record(number: int, **columns: Any) -> CallbackRecord:
    given = {
        "callback_id": f"LP{number}:GOT:x", "cainiao_order_id": f"LP{number}", "account_id": 0,
        "callback_type": "GOT", "raw_body": b"{}", "raw_data": {"status": "GOT"},
        "created_at": NOW, "processed": True, "process_time": NOW, "attempts": 1,
        "process_result": "状态更新为 picked",
    }  # fmt: skip
    return CallbackRecord.objects.create(**{**given, **columns})


def listed(client: Client, **query: Any) -> list[int]:  # noqa: F811
    page = client.get(reverse(LIST), query)
    assert page.status_code == 200
    return [row.pk for row in page.context["cl"].result_list]


def page_of(client: Client, row: CallbackRecord) -> str:  # noqa: F811
    page = client.get(reverse("admin:logistics_callbackrecord_change", args=[row.pk]))
    assert page.status_code == 200
    return str(page.content.decode())


def replay(client: Client, row: CallbackRecord, reason: str = "状态表已补") -> Any:  # noqa: F811
    url = reverse("admin:logistics_callbackrecord_act", args=[row.pk, "replay"])
    return client.post(url, {"reason": reason})


def operator(role: str) -> Client:
    create_operator(username=role, role=role, password="a-long-passphrase-1")
    found = Client()
    assert found.login(username=role, password="a-long-passphrase-1")
    return found


def test_records_are_told_apart_by_what_became_of_them(admin_client: Client) -> None:
    an_order(1)
    handled = record(1, order_id=1)
    waiting = record(2, processed=False, due_at=NOW, process_result="未找到订单，等待重试")
    lost = record(3, processed=False, process_result="未找到订单，已停止重试")
    unread = record(4, process_result="内容无法识别：…")
    fresh = record(5, processed=False, due_at=NOW, process_time=None, process_result=None)
    assert listed(admin_client, state="handled") == [unread.pk, handled.pk]
    assert listed(admin_client, state="open") == [fresh.pk, lost.pk, waiting.pk]
    assert listed(admin_client, state="waiting") == [fresh.pk, waiting.pk]
    assert listed(admin_client, state="given_up") == [lost.pk]
    assert listed(admin_client, state="orderless") == [unread.pk, lost.pk, waiting.pk]
    assert listed(admin_client, state="nonsense") == []
    wrong = admin_client.get(reverse(LIST), {"state": "nonsense"}).content.decode()
    assert 'class="errornote"' in wrong
    # As the home page asks for them.
    home = {"processed__exact": "0", "due_at__isnull": "True"}
    assert listed(admin_client, **home) == [lost.pk]


def test_records_are_found_by_day_and_by_exact_numbers(admin_client: Client) -> None:
    row = an_order(1, waybill_no="YT5", mail_no="YT6", cainiao_order_id="LP7")
    mine = record(7, order_id=1)
    other = record(8, created_at=EARLY)
    assert listed(admin_client, created_at_from="2026-11-02") == [mine.pk]
    assert listed(admin_client, created_at_to="2026-11-02") == [other.pk]
    for term in ("LP7:GOT:x", "LP7", row.order_no, "YT5", "YT6"):
        assert listed(admin_client, q=term) == [mine.pk], term
    for term in ("LP", "lp7", "9" * 40, "%"):
        assert listed(admin_client, q=term) == [], term


def test_a_page_names_orders_by_one_query_and_opens_no_evidence(admin_client: Client) -> None:
    def statements(first: int, rows: int) -> int:
        for number in range(first, first + rows):
            an_order(number)
            record(number, order_id=number)
        with CaptureQueriesContext(connection) as seen:
            listed(admin_client)
        assert not [q for q in seen if "raw_body" in q["sql"] or "raw_data" in q["sql"]]
        return len(seen)

    listed(admin_client)
    assert statements(1, 2) == statements(3, 20)


def test_the_page_says_what_came_and_what_it_did(
    admin_client: Client,
    order: ExpressOrder,  # noqa: F811
    tell: Callable[..., ExpressOrder],  # noqa: F811
) -> None:
    tell("GOT", courierName="吴大勇", courierPhone="13612341790")
    row = CallbackRecord.objects.latest("id")
    text = page_of(admin_client, row)
    assert "状态更新为 已取件" in text
    assert "吴**" in text
    for whole in ("吴大勇", "13612341790", "raw_body"):
        assert whole not in text
    assert reverse("admin:logistics_expressorder_change", args=[order.pk]) in text
    assert "正式 " in text
    tell("ARRIVAL-of-nobody", minutes=5)
    assert "已记入轨迹，状态仍为 已取件" in page_of(
        admin_client, CallbackRecord.objects.latest("id")
    )


def test_a_replay_is_recorded_with_its_reason_and_has_no_second_effect(
    admin_client: Client,
    order: ExpressOrder,  # noqa: F811
    tell: Callable[..., ExpressOrder],  # noqa: F811
    work: Callable[..., None],  # noqa: F811
) -> None:
    before = tell("GOT").track_info
    row = CallbackRecord.objects.latest("id")
    assert "errors" in replay(admin_client, row, reason="").content.decode()
    row.refresh_from_db()
    assert row.processed
    assert replay(admin_client, row).status_code == 302
    row.refresh_from_db()
    assert (row.processed, row.due_at is not None) == (False, True)
    entry = LogEntry.objects.get()
    assert (entry.object_id, "状态表已补" in entry.change_message) == (str(row.pk), True)
    work()
    row.refresh_from_db()
    order.refresh_from_db()
    assert (row.processed, order.status, order.track_info) == (True, "picked", before)


def test_a_selection_is_replayed_at_once(admin_client: Client) -> None:
    rows = [record(number, processed=False) for number in (1, 2)]
    data = {"action": "replay", "_selected_action": [row.pk for row in rows], "apply": "1",
            "reason": "对方补推"}  # fmt: skip
    assert admin_client.post(reverse(LIST), data).status_code == 302
    assert CallbackRecord.objects.filter(due_at__isnull=False).count() == 2
    assert LogEntry.objects.count() == 2


def test_who_may_not_replay_has_no_button_and_nobody_changes_evidence(
    admin_client: Client,
) -> None:
    row = record(1)
    for role in ("auditor", "support", "finance"):
        looking = operator(role)
        assert "act/replay" not in page_of(looking, row)
        assert replay(looking, row).status_code == 403
        data = {"action": "replay", "_selected_action": [row.pk], "apply": "1", "reason": "x"}
        looking.post(reverse(LIST), data)
    url = reverse("admin:logistics_callbackrecord_change", args=[row.pk])
    assert admin_client.post(url, {"processed": ""}).status_code == 403
    delete = reverse("admin:logistics_callbackrecord_delete", args=[row.pk])
    assert admin_client.post(delete, {"post": "yes"}).status_code == 403
    row.refresh_from_db()
    assert (row.processed, row.due_at) == (True, None)
    assert not LogEntry.objects.exists()
    assert "act/replay" in page_of(operator("operations"), row)

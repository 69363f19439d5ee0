"""Lists and confirmations say what they are, why they are empty, and what will happen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from accounts.services.security import log_unverified
from tests.console.rows import make_call, make_callback, make_order

pytestmark = pytest.mark.django_db
ORDERS = "admin:logistics_expressorder_changelist"


def read(console: Client, name: str, **query: Any) -> str:
    page = console.get(reverse(name), query)
    assert page.status_code == 200
    return str(page.content.decode())


@pytest.mark.parametrize(
    ("name", "called"),
    [
        (ORDERS, "快递订单"),
        ("admin:accounts_securityevent_changelist", "安全日志"),
        ("admin:logistics_calllog_changelist", "调用日志"),
        ("admin:auth_group_changelist", "角色"),
        ("admin:admin_logentry_changelist", "操作记录"),
    ],
)
def test_a_list_is_called_what_the_sidebar_calls_it(
    admin_client: Client, name: str, called: str
) -> None:
    text = read(admin_client, name)
    assert f"<h1>{called}</h1>" in text
    assert f"<title>{called} | " in text


def test_an_empty_list_says_why_and_leads_back(admin_client: Client) -> None:
    nothing = gettext("Nothing answers to this search and these filters.")
    assert gettext("There is nothing here yet.") in read(admin_client, ORDERS)
    make_order()
    for query in ({"q": "nosuch"}, {"status__exact": "signed"}):
        text = read(admin_client, ORDERS, **query)
        assert nothing in text
        assert f'<a href="?">{gettext("Show everything")}</a>' in text
        assert 'name="action"' not in text
    assert nothing not in read(admin_client, ORDERS)


def test_times_are_told_to_the_second(admin_client: Client) -> None:
    call = make_call(ago=timedelta(hours=1))
    said = f"{timezone.localtime(call.created_at):%Y-%m-%d %H:%M:%S}"
    assert said in read(admin_client, "admin:logistics_calllog_changelist")


def test_a_scan_that_moved_nothing_is_no_alarm(admin_client: Client) -> None:
    order = make_order(status="in_transit")
    given = {"order": order, "processed": True, "callback_type": "in_transit"}
    make_callback(**given, process_result="已记入轨迹，状态仍为 in_transit")
    text = read(admin_client, "admin:logistics_callbackrecord_changelist")
    assert "icon-no" not in text
    page = admin_client.get(reverse("admin:logistics_expressorder_change", args=[order.pk]))
    said = page.content.decode()
    assert "状态仍为 运输中" in said
    assert "状态仍为 in_transit" not in said


def test_a_confirmation_says_how_many_and_how_they_stand(admin_client: Client) -> None:
    orders = [make_order(status="signed"), make_order(status="created")]
    picked = {"action": "cancel", "_selected_action": [order.pk for order in orders]}
    text = admin_client.post(reverse(ORDERS), picked).content.decode()
    for order in orders:
        assert f"{order} <span>{order.get_status_display()}</span>" in text
    assert "2" in text.partition('<ul class="acting-rows">')[0].rpartition("<p>")[2]


def test_the_security_log_gives_its_reasons_in_words(admin_client: Client) -> None:
    now = timezone.now()
    for reason in ("digest", "login_failed", "brand new"):
        log_unverified(door="x", reason=reason, address="10.0.0.1", digest="d", at=now)
    text = read(admin_client, "admin:accounts_securityevent_changelist")
    for words in (gettext("wrong signature"), gettext("wrong user name or password"), "brand new"):
        assert words in text
    assert "login_failed" not in text


def test_what_ends_something_is_marked_where_it_is_confirmed(admin_client: Client) -> None:
    order = make_order(status="created")
    for action, marked in (("cancel", True), ("sync", False)):
        picked = {"action": action, "_selected_action": [order.pk]}
        text = admin_client.post(reverse(ORDERS), picked).content.decode()
        assert ('class="default danger"' in text) is marked

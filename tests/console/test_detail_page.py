"""The page of one order: what it waits for, its way, its traffic, and people masked on it."""

# ruff: noqa: F811 - fixtures are imported, and named again as arguments

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Tenant, User
from config.kernel import audit
from logistics.admin.orders.timeline import milestones
from logistics.admin.orders.waiting import waiting_for
from logistics.models import CainiaoAccount, CallbackRecord, ExpressOrder, FreightRevision
from quotas.models import QuotaDetail
from tests.console.rows import make_call, make_callback, make_order
from tests.console.test_create_page import ADD, BLOCK, book, operator, press
from tests.factories import AccountFactory
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
Tell = Callable[..., ExpressOrder]
SECRETS = ("张三丰", "13800138000", "文一西路969号", "桐庐仓", "0571-88886666", "迎春南路1号")


def page_of(console: Client, order: ExpressOrder) -> Any:
    return console.get(reverse("admin:logistics_expressorder_change", args=[order.pk]))


def reveal(console: Client, order: ExpressOrder) -> Any:
    return console.post(reverse("admin:logistics_expressorder_reveal", args=[order.pk]))


def test_an_orders_page_tells_its_way_traffic_figures_and_history(
    order: ExpressOrder, tell: Tell
) -> None:
    tell("dispatched")
    tell("picked", 1, freight="10.50", weight="1.350", courierName="王师傅",
         courierPhone="13700137000", statusDesc="王师傅 13700137000 已揽收")  # fmt: skip
    tell("ODD", 2, statusDesc="快件已扫描")
    shown = tell("signed", 3, freight="12.00", weight="1.500")
    console = operator("operations")
    user = User.objects.get(username="operations")
    audit.record(user=user, row=shown, what="催促承运方", why="客户来电")
    answer = page_of(console, shown)
    html = answer.content.decode()
    for text in (
        shown.order_no, shown.waybill_no, shown.cainiao_order_id, "已签收", "快件已扫描", "ODD",
        "10.50", "12.00", "1.350", "TMS_WAYBILL_GET", "催促承运方。原因：客户来电", "operations",
    ):  # fmt: skip
        assert str(text) in html, text
    assert [event.is_applied for event in answer.context["events"]] == [True, False, True, True]
    assert [stop.phase for stop in answer.context["stops"]] == ["done"] * 6 + ["now"]
    assert [line.used_num for line in answer.context["quota_details"]] == [1]
    exchanges = answer.context["traffic"].exchanges
    assert [one.at for one in exchanges] == sorted((one.at for one in exchanges), reverse=True)
    assert sum(not one.is_call for one in exchanges) == 4
    assert all(one.url in html for one in exchanges)
    assert "13700137000" not in html
    assert not [secret for secret in SECRETS if secret in html]


def test_the_number_of_statements_is_the_same_however_much_has_happened(
    tenant: Tenant, account: CainiaoAccount
) -> None:
    console = operator("platform_admin")
    user = User.objects.get(username="platform_admin")
    at = timezone.now()
    event = {"time": at.isoformat(), "status": "in_transit", "code": "X", "desc": "d",
             "applied": False}  # fmt: skip

    def make(times: int) -> ExpressOrder:
        order = make_order(
            tenant=tenant, account=account, status="in_transit", track_info=[event] * times
        )
        for number in range(times):
            make_call(ago=timedelta(seconds=number), order_id=order.pk)
            make_callback(order=order)
            audit.record(user=user, row=order, what="x")
            FreightRevision.objects.create(
                order=order, event_time=at, source=str(number), created_at=at, freight="1.00"
            )
            QuotaDetail.objects.create(
                tenant=tenant, order_id=order.pk, line_no=number + 1, period_no=1,
                period_start=at.date(), created_at=at, used_num=1 if number % 2 == 0 else -1,
            )  # fmt: skip
        return order

    def statements(order: ExpressOrder) -> int:
        seen: list[str] = []

        def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            seen.append(sql)
            return execute(sql, params, many, context)

        with connection.execute_wrapper(watch):
            assert page_of(console, order).status_code == 200
        return len([sql for sql in seen if sql.startswith("SELECT")])

    little, much = make(1), make(70)
    statements(little)
    assert statements(little) == statements(much) <= 20


def test_of_calls_and_callbacks_the_newest_fifty_are_shown(tenant: Tenant) -> None:
    order = make_order(tenant=tenant)
    for number in range(55):
        make_call(ago=timedelta(minutes=60 - number), order_id=order.pk, response_code=f"c{number}")
    make_callback(order=order, callback_type="signed")
    make_call(ago=timedelta(0), order_id=order.pk + 1, response_code="somebody-elses")
    answer = page_of(operator("support"), order)
    traffic = answer.context["traffic"]
    assert (len(traffic.exchanges), traffic.more_calls, traffic.more_callbacks) == (51, True, False)
    html = answer.content.decode()
    assert "c54" in html
    assert "c4 " not in html
    assert "somebody-elses" not in html


@pytest.mark.parametrize("role", ["platform_admin", "operations", "support"])
def test_who_may_sees_people_in_full_once_and_it_is_on_record(
    order: ExpressOrder, role: str
) -> None:
    console = operator(role)
    assert not [secret for secret in SECRETS if secret in page_of(console, order).content.decode()]
    answer = reveal(console, order)
    html = answer.content.decode()
    assert answer.status_code == 200
    assert [secret for secret in SECRETS if secret not in html] == []
    assert "no-store" in answer["Cache-Control"]
    entry = LogEntry.objects.get(object_id=str(order.pk))
    assert (entry.change_message, entry.user.username) == ("查看完整收寄件信息", role)
    assert not [secret for secret in SECRETS if secret in page_of(console, order).content.decode()]
    assert LogEntry.objects.count() == 1


@pytest.mark.parametrize("role", ["finance", "auditor"])
def test_who_may_not_never_sees_people_in_full(order: ExpressOrder, role: str) -> None:
    console = operator(role)
    html = page_of(console, order).content.decode()
    assert "138****8000" in html
    assert not [secret for secret in SECRETS if secret in html]
    assert reverse("admin:logistics_expressorder_reveal", args=[order.pk]) not in html
    assert reveal(console, order).status_code == 403
    assert not LogEntry.objects.exists()


def test_revealing_takes_a_button_not_a_link(order: ExpressOrder) -> None:
    console = operator("operations")
    url = reverse("admin:logistics_expressorder_reveal", args=[order.pk])
    assert console.get(url).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(User.objects.get(username="operations"))
    assert strict.post(url).status_code == 403
    assert console.post(url.replace(str(order.pk), "9999999")).status_code == 404
    assert not LogEntry.objects.exists()


def test_the_auditor_sees_everything_masked_and_no_button(order: ExpressOrder) -> None:
    answer = page_of(operator("auditor"), order)
    context = answer.context
    assert not any(context[name] for name in ("may_reveal", "may_correct", "may_print"))
    assert not context["row_actions"]
    assert context["traffic"].exchanges
    page = answer.content.decode()
    forms = re.findall(r'<form[^>]*action="([^"]*)"', page[page.index('id="content-main"') :])
    assert forms == []


def test_the_page_changes_nothing_by_the_stock_form(order: ExpressOrder) -> None:
    url = reverse("admin:logistics_expressorder_change", args=[order.pk])
    assert operator("platform_admin").post(url, {"order_no": "X"}).status_code == 403
    assert ExpressOrder.objects.get().order_no == order.order_no


def test_a_label_can_be_printed_once_there_is_a_waybill(order: ExpressOrder) -> None:
    console = operator("operations")
    url = reverse("admin:logistics_expressorder_label", args=[order.pk])
    assert url in page_of(console, order).content.decode()
    ExpressOrder.objects.update(waybill_no=None)
    assert url not in page_of(console, order).content.decode()


def test_what_a_carrier_writes_is_shown_as_text(tenant: Tenant) -> None:
    evil = "<script>alert(1)</script>"
    event = {"time": timezone.now().isoformat(), "status": None, "code": evil, "desc": evil,
             "applied": False}  # fmt: skip
    order = make_order(status="exception", exception_reason=evil, track_info=[event],
                       goods_name=evil, remark=evil, branch_name=evil)  # fmt: skip
    make_callback(order=order, callback_type=evil, raw_data={"x": evil}, process_result=evil)
    make_call(ago=timedelta(0), order_id=order.pk, request_params=evil, response_msg=evil)
    for answer in (page_of(operator("operations"), order), reveal(operator("operations"), order)):
        assert answer.status_code == 200
        assert "<script>alert" not in answer.content.decode()


def inline(html: str) -> list[str]:
    scripts = [tag for tag in re.findall(r"<script[^>]*>", html) if " src=" not in tag]
    found = scripts + re.findall(r"<style[^>]*>|\sstyle=\"[^\"]*\"|\son[a-z]+=\"", html)
    return [one for one in found if 'type="application/json"' not in one]


def test_no_page_carries_script_or_style_of_its_own(order: ExpressOrder, tenant: Tenant) -> None:
    console = operator("platform_admin")
    stuck = make_order(status="exception")
    correct = reverse("admin:logistics_expressorder_correct", args=[stuck.pk])
    pages = [
        page_of(console, order), reveal(console, order), page_of(console, stuck),
        console.get(ADD), book(console, receiver_phone="x"), press(console, "_branches"),
        press(console, "_paste", "receiver", receiver_text=f"{BLOCK} 13900139000"),
        console.get(correct), console.post(correct, {"receiver_phone": "x"}),
    ]  # fmt: skip
    for page in pages:
        assert page.status_code == 200
        assert inline(page.content.decode()) == []


@pytest.mark.parametrize(
    ("columns", "phases"),
    [
        ({}, ["now", *["ahead"] * 6]),
        ({"status": "waybill_created"}, ["done", "now", *["ahead"] * 5]),
        ({"status": "delivering"}, [*["done"] * 5, "now", "ahead"]),
        ({"status": "signed"}, [*["done"] * 6, "now"]),
        ({"status": "rejected"}, [*["done"] * 6, "trouble"]),
        ({"status": "exception", "exception_from": "picked"},
         [*["done"] * 4, "trouble", *["ahead"] * 3]),
        ({"status": "cancelled"}, ["done", "trouble", *["never"] * 6]),
        ({"status": "cancelled", "waybill_time": True},
         ["done", "done", "trouble", *["never"] * 5]),
    ],
    ids=str,
)  # fmt: skip
def test_milestones_say_how_far_it_got_and_where_it_stopped(
    columns: dict[str, Any], phases: list[str]
) -> None:
    given = {name: timezone.now() if value is True else value for name, value in columns.items()}
    order = make_order(**given)
    stops = milestones(order)
    assert [stop.phase for stop in stops] == phases
    assert stops[0].at == order.created_at


@pytest.mark.parametrize(
    ("columns", "turn"),
    [
        ({"due_at": True}, "system"),
        ({"due_at": True, "asking": "create", "attempts": 3}, "system"),
        ({"lease_token": "x", "due_at": True}, "system"),
        ({"status": "waybill_created", "cainiao_order_id": "LP1"}, "carrier"),
        ({"status": "exception"}, "person"),
        ({"status": "exception", "waybill_no": "YT1", "exception_from": "created"}, "person"),
        ({"status": "exception", "waybill_no": "YT1", "exception_from": "picked"}, "person"),
        ({"asking": "create"}, "person"),
        ({"asking": "waybill"}, "person"),
        ({}, "person"),
        ({"status": "signed"}, "nobody"),
        ({"status": "cancelled"}, "nobody"),
    ],
    ids=str,
)  # fmt: skip
def test_the_page_says_whose_turn_it_is_and_what_to_do(columns: dict[str, Any], turn: str) -> None:
    given = {name: timezone.now() if value is True else value for name, value in columns.items()}
    order = make_order(**given)
    waiting = waiting_for(order, at=timezone.now())
    assert waiting.turn == turn
    assert waiting.text
    assert bool(waiting.advice) == (turn == "person" or bool(order.lease_token))
    assert waiting.text in page_of(operator("auditor"), order).content.decode().replace(
        "&#x27;", "'"
    )


def test_an_order_of_an_account_that_is_off_waits_for_a_person() -> None:
    account = AccountFactory(status="disabled")
    order = make_order(account=account, due_at=timezone.now())
    assert waiting_for(order, at=timezone.now()).turn == "person"


def test_a_callback_of_another_order_is_not_on_the_page(order: ExpressOrder, tell: Tell) -> None:
    tell("dispatched")
    other = make_order()
    assert page_of(operator("auditor"), other).context["traffic"].exchanges == []
    assert CallbackRecord.objects.filter(order=order).count() == 1


def test_an_order_booked_by_a_rule_that_was_just_removed_has_a_page(admin_client: Client) -> None:
    AccountFactory()
    order = make_order(rule_id=987_654)  # another process had the rule for two seconds more
    answer = page_of(admin_client, order)
    assert answer.status_code == 200
    assert order.order_no in answer.content.decode()

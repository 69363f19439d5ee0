"""An order in exception is corrected and resumed: refused at its field, recorded with a reason."""

# ruff: noqa: F811 - fixtures are imported, and named again as arguments

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from accounts.models import User
from logistics.models import ExpressOrder
from quotas.models import TenantQuota
from tests.console.test_create_page import operator
from tests.logistics.conftest import (  # noqa: F401 - fixtures
    PARCEL,
    URL,
    account,
    client,
    sandbox,
    tenant,
    work,
    world,
)
from tests.signing import TenantClient

pytestmark = pytest.mark.django_db(transaction=True)
GOOD = "浙江省杭州市余杭区文一西路969号"


@pytest.fixture
def stuck(client: TenantClient, work: Callable[..., None]) -> ExpressOrder:
    """An order whose address nobody can read; its unit went back."""
    client.post(URL, {**PARCEL, "receiver_address": "某条路1号"})
    work()
    order = ExpressOrder.objects.get()
    assert (order.status, order.waybill_no) == ("exception", None)
    assert TenantQuota.objects.get().monthly_used == 0
    return order


def url_of(order: ExpressOrder) -> str:
    return reverse("admin:logistics_expressorder_correct", args=[order.pk])


def entries(console: Client, order: ExpressOrder) -> dict[str, Any]:
    return submitted(console.get(url_of(order)))


def submitted(page: Any) -> dict[str, Any]:
    """What a browser would send of this page as it is."""
    found = re.findall(r"<(?:input|textarea)[^>]*>[^<]*", page.content.decode())
    named = {match[1]: tag for tag in found if (match := re.search(r'name="([^"]*)"', tag))}
    values = {name: re.search(r'value="([^"]*)"', tag) for name, tag in named.items()}
    texts = {name: tag.partition(">")[2].strip() for name, tag in named.items()}
    return {name: match[1] if match else texts[name] for name, match in values.items()}


def history() -> list[str]:
    return [entry.change_message for entry in LogEntry.objects.order_by("pk")]


def test_a_corrected_order_goes_on_and_its_history_says_what_and_why(stuck: ExpressOrder) -> None:
    console = operator("operations")
    fields = {**entries(console, stuck), "receiver_address": GOOD, "reason": "客户来电更正"}
    answer = console.post(url_of(stuck), fields, follow=True)
    order = ExpressOrder.objects.get()
    assert answer.redirect_chain[-1][0].endswith(f"/{order.pk}/change/")
    assert (order.status, order.receiver_city) == ("waybill_created", "杭州市")
    assert order.waybill_no
    assert order.waybill_no in " ".join(map(str, answer.context["messages"]))
    assert TenantQuota.objects.get().monthly_used == 1
    assert history() == [
        "查看完整收寄件信息",
        "修正并恢复；收件地址：某条路*** → 浙江省杭州市***。原因：客户来电更正",
    ]


def test_whom_the_order_named_before_its_history_does_not_name(stuck: ExpressOrder) -> None:
    console = operator("operations")
    ExpressOrder.objects.update(remark="请交张三丰本人")
    fields = {
        **entries(console, stuck), "receiver_address": GOOD, "receiver_name": "李四光",
        "remark": "请交李四光本人", "reason": "张三丰搬走了，由李四光代收",
    }  # fmt: skip
    console.post(url_of(stuck), fields)
    assert ExpressOrder.objects.get().receiver_name == "李四光"
    order = ExpressOrder.objects.get()
    auditor = operator("auditor")
    pages = [
        auditor.get(reverse(f"admin:logistics_expressorder_{name}", args=[order.pk]))
        for name in ("change", "history")
    ]
    pages.append(auditor.get(reverse("admin:admin_logentry_changelist")))
    for page in pages:
        text = page.content.decode()
        assert "搬走了" in text
        assert "张三丰" not in text
        assert "李四光" not in text


def test_what_is_there_is_filled_in_for_those_who_may_see_it_and_that_is_on_record(
    stuck: ExpressOrder,
) -> None:
    shown = entries(operator("support"), stuck)
    assert (shown["receiver_name"], shown["receiver_phone"]) == ("张三丰", "13800138000")
    assert shown["receiver_address"] == "某条路1号"
    assert history() == ["查看完整收寄件信息"]


def test_who_may_change_but_not_see_gets_empty_fields_that_stay_as_they_are(
    stuck: ExpressOrder,
) -> None:
    user = User.objects.create_user("clerk", password="Kunqu-pavilion-7", is_staff=True)
    names = ("view_expressorder", "change_expressorder")
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    console = Client()
    console.force_login(user)
    page = console.get(url_of(stuck))
    assert "张三丰" not in page.content.decode()
    assert "13800138000" not in page.content.decode()
    shown = entries(console, stuck)
    assert not any(shown[name] for name in shown if "receiver" in name or "sender" in name)
    console.post(url_of(stuck), {**shown, "receiver_address": GOOD, "reason": "更正"})
    order = ExpressOrder.objects.get()
    assert (order.status, order.receiver_name) == ("waybill_created", "张三丰")
    assert "查看" not in "".join(history())


@pytest.mark.parametrize(
    ("fields", "at_fault"),
    [
        ({"receiver_phone": "abc"}, "receiver_phone"),
        ({"receiver_name": ""}, "receiver_name"),
        ({"sender_phone": ""}, "sender_phone"),
        ({"receiver_city": "城" * 51}, "receiver_city"),
        ({"reason": ""}, "reason"),
        ({"version": "x"}, "version"),
    ],
    ids=str,
)
def test_a_correction_that_cannot_be_is_refused_at_its_field(
    stuck: ExpressOrder, fields: dict[str, str], at_fault: str
) -> None:
    console = operator("operations")
    given = {**entries(console, stuck), "reason": "更正", **fields}
    told = history()
    page = console.post(url_of(stuck), given)
    assert page.status_code == 200
    assert list(page.context["form"].errors) == [at_fault]
    assert {name: page.context["form"][name].value() for name in fields} == fields
    assert_unmoved(stuck)
    assert history() == told


def assert_unmoved(order: ExpressOrder) -> None:
    now = ExpressOrder.objects.get(pk=order.pk)
    assert (now.version, now.status) == (order.version, "exception")
    assert now.receiver_address == order.receiver_address
    assert TenantQuota.objects.get().monthly_used == 0


def test_without_a_unit_to_be_had_nothing_moves_and_the_entries_are_kept(
    stuck: ExpressOrder,
) -> None:
    TenantQuota.objects.update(monthly_free_quota=0)
    console = operator("operations")
    given = {**entries(console, stuck), "receiver_address": GOOD, "reason": "更正"}
    page = console.post(url_of(stuck), given)
    assert "配额已用完" in page.content.decode()
    assert page.context["form"]["receiver_address"].value() == GOOD
    assert_unmoved(stuck)


def test_of_two_who_correct_at_once_one_wins_and_the_other_is_told(stuck: ExpressOrder) -> None:
    first, second = operator("operations"), operator("support")
    given = entries(first, stuck)
    ExpressOrder.objects.update(receiver_phone="13900139000", version=stuck.version + 1)
    late = {**given, "receiver_address": GOOD, "reason": "更正"}
    page = second.post(url_of(stuck), late)
    assert "数据刚刚被其他操作更新" in page.content.decode()
    now = ExpressOrder.objects.get()
    assert (now.status, now.receiver_phone) == ("exception", "13900139000")
    again = submitted(page)
    assert (again["receiver_address"], again["receiver_phone"]) == (GOOD, "13900139000")
    assert second.post(url_of(stuck), again).status_code == 302
    now = ExpressOrder.objects.get()
    assert (now.status, now.receiver_phone, now.receiver_city) == (
        "waybill_created", "13900139000", "杭州市",
    )  # fmt: skip


@pytest.mark.parametrize("role", ["finance", "auditor"])
def test_who_may_not_change_does_not_correct(stuck: ExpressOrder, role: str) -> None:
    console = operator(role)
    assert console.get(url_of(stuck)).status_code == 403
    given = {"receiver_address": GOOD, "reason": "x", "version": stuck.version}
    assert console.post(url_of(stuck), given).status_code == 403
    assert_unmoved(stuck)


def test_an_order_with_a_waybill_or_that_is_well_is_not_corrected(stuck: ExpressOrder) -> None:
    console = operator("operations")
    change = reverse("admin:logistics_expressorder_change", args=[stuck.pk])
    assert url_of(stuck) in console.get(change).content.decode()
    for columns in ({"waybill_no": "YT1"}, {"waybill_no": None, "status": "in_transit"}):
        ExpressOrder.objects.update(**columns)
        assert url_of(stuck) not in console.get(change).content.decode()
        given = {"receiver_address": GOOD, "reason": "x", "version": stuck.version}
        assert console.get(url_of(stuck)).status_code == 302
        assert console.post(url_of(stuck), given).status_code == 302
    assert ExpressOrder.objects.get().receiver_address == "某条路1号"
    assert history() == []
    assert console.get(url_of(stuck).replace(str(stuck.pk), "999999")).status_code == 404

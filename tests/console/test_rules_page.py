"""快递规则: one default at a time, the sender as it will be printed, used rules only hidden."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.services.operators import create_operator
from logistics.admin import rules
from logistics.errors import RuleOff
from logistics.models import ExpressRule
from logistics.services import rule_settings
from logistics.services.rule_settings import remove_rule, save_rule
from tests.console.test_calls_page import order
from tests.factories import RuleFactory

pytestmark = pytest.mark.django_db(transaction=True)
ADD = "admin:logistics_expressrule_add"
LIST = "admin:logistics_expressrule_changelist"
FIELDS = {
    "rule_name": "杭州仓", "cp_code": "ZTO", "cp_name": "中通快递", "sender_name": "陈真",
    "sender_phone": "13800138000", "sender_province": "浙江省", "sender_city": "杭州市",
    "sender_district": "余杭区", "sender_address": "文一西路969号", "service_type": "STANDARD",
    "pay_method": "PREPAY",
}  # fmt: skip


def page_url(rule: ExpressRule) -> str:
    return reverse("admin:logistics_expressrule_change", args=[rule.pk])


def act(client: Client, rule: ExpressRule, action: str, reason: str = "需要") -> str:
    url = reverse("admin:logistics_expressrule_act", args=[rule.pk, action])
    page = client.post(url, {"reason": reason}, follow=True)
    return str(page.content.decode())


def another(**columns: Any) -> ExpressRule:
    given = {"rule_name": "备用", "cp_code": "ZTO", "is_default": False, "default_marker": None}
    rule: ExpressRule = RuleFactory(**{**given, **columns})
    return rule


def operator(role: str) -> Client:
    create_operator(username=role, role=role, password="a-long-passphrase-1")
    client = Client()
    assert client.login(username=role, password="a-long-passphrase-1")
    return client


def the_default() -> ExpressRule:
    return ExpressRule.objects.get(is_default=True, default_marker=1)


def test_a_rule_takes_the_mark_from_the_old_default_and_both_histories_say_so(
    admin_client: Client,
) -> None:
    old, new = RuleFactory(), another()
    text = act(admin_client, new, "make_default", "换仓")
    assert "默认" in text
    assert the_default() == new
    told = dict(LogEntry.objects.values_list("object_id", "change_message"))
    assert "默认：否 → 是" in told[str(new.pk)]
    assert "换仓" in told[str(new.pk)]
    assert "默认：是 → 否" in told[str(old.pk)]
    assert "已经是" in act(admin_client, new, "make_default")
    assert LogEntry.objects.count() == 2


def test_a_new_rule_may_be_the_default_at_once(admin_client: Client) -> None:
    old = RuleFactory()
    page = admin_client.post(reverse(ADD), FIELDS | {"is_default": "on"})
    assert page.status_code == 302
    assert the_default().rule_name == "杭州仓"
    assert LogEntry.objects.filter(object_id=str(old.pk)).count() == 1


def test_a_disabled_rule_does_not_become_the_default(admin_client: Client) -> None:
    old, off = RuleFactory(), another(status="disabled")
    text = act(admin_client, off, "make_default")
    assert the_default() == old
    assert "errorlist" in text or "messagelist" in text
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sender_phone", "12345"), ("sender_phone", "打前台"), ("cp_code", "Z TO"),
        ("cp_code", ""), ("rule_name", ""), ("sender_address", "长" * 501),
    ],
)  # fmt: skip
def test_what_no_rule_can_be_made_of_is_refused_at_its_field_and_kept(
    admin_client: Client, field: str, value: str
) -> None:
    page = admin_client.post(reverse(ADD), FIELDS | {field: value})
    assert page.status_code == 200
    form = page.context["adminform"].form
    assert set(form.errors) == {field}
    assert form["sender_name"].value() == "陈真"
    assert not ExpressRule.objects.exists()


@pytest.mark.parametrize("phone", ["0571-88886666", "13800138000-1234", "400-820-8888", ""])
def test_phones_a_courier_can_ring_are_taken(admin_client: Client, phone: str) -> None:
    assert admin_client.post(reverse(ADD), FIELDS | {"sender_phone": phone}).status_code == 302


def test_the_preview_shows_the_label_and_the_wire(admin_client: Client) -> None:
    admin_client.post(reverse(ADD), FIELDS)
    rule = ExpressRule.objects.get()
    text = admin_client.get(page_url(rule)).content.decode()
    assert "浙江省杭州市余杭区文一西路969号" in text
    assert "&quot;mobile&quot;: &quot;13800138000&quot;" in text
    assert 'class="warning"' not in text


@pytest.mark.parametrize(
    ("changes", "hint"),
    [
        ({"sender_city": "南京市"}, "互相矛盾"),
        ({"sender_province": "浙江", "sender_city": "杭州"}, "规范名称是：浙江省 杭州市 余杭区"),
        ({"sender_address": "江苏省南京市鼓楼区中山路1号"}, "江苏省 南京市 鼓楼区"),
        ({"sender_province": "", "sender_city": "", "sender_district": "鼓楼区"}, "不止一个"),
        ({"sender_province": "", "sender_city": "", "sender_district": ""}, "认不出城市"),
        ({"sender_address": ""}, "没有寄件地址"),
        ({"sender_phone": ""}, "没有寄件电话"),
    ],
)
def test_an_address_that_contradicts_the_table_is_saved_with_a_hint(
    admin_client: Client, changes: dict[str, str], hint: str
) -> None:
    page = admin_client.post(reverse(ADD), FIELDS | changes, follow=True)
    assert hint in page.content.decode()
    rule = ExpressRule.objects.get()
    assert hint in admin_client.get(page_url(rule)).content.decode()
    assert (rule.sender_city or "") == changes.get("sender_city", "杭州市")


def test_the_default_stays_until_another_is_and_used_ones_are_hidden(admin_client: Client) -> None:
    default, used, unused = RuleFactory(), another(), another()
    order(1, rule_id=used.pk, created_at=timezone.now())
    act(admin_client, default, "remove")
    assert the_default() == default
    act(admin_client, used, "remove")
    act(admin_client, unused, "remove")
    used.refresh_from_db()
    assert used.hidden_at is not None
    assert not ExpressRule.objects.filter(pk=unused.pk).exists()
    shown = admin_client.get(reverse(LIST)).context["cl"].result_list
    assert list(shown) == [default]
    told = dict(LogEntry.objects.values_list("object_id", "change_message"))
    assert set(told) == {str(used.pk), str(unused.pk)}
    assert "隐藏" in told[str(used.pk)]


def test_of_many_orders_none_is_searched_for_one_that_used_a_rule(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rule_settings, "LOOKED_AT", 3)
    now = timezone.now()
    for number in range(4):
        order(number + 1, created_at=now - timedelta(days=1))
    fresh, old = another(), another()
    ExpressRule.objects.filter(pk=old.pk).update(created_at=now - timedelta(days=2))
    with CaptureQueriesContext(connection) as seen:
        assert remove_rule(rule_id=fresh.pk, at=now)  # made after all of them
        assert not remove_rule(rule_id=old.pk, at=now)  # perhaps the fourth one's
    old.refresh_from_db()
    assert old.hidden_at == now
    looks = [q["sql"] for q in seen if "platform_express_orders" in q["sql"]]
    assert [("created_at" in sql, "LIMIT 3" in sql) for sql in looks] == [(True, True)] * 2


def test_an_order_booked_after_the_look_stops_no_removal(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = another()
    booked = order(1, rule_id=rule.pk, created_at=timezone.now())
    monkeypatch.setattr(rule_settings, "_may_be_used", lambda _rule_id: False)
    act(admin_client, rule, "remove")
    assert not ExpressRule.objects.filter(pk=rule.pk).exists()
    booked.refresh_from_db()
    assert booked.rule_id == rule.pk


def test_a_selection_is_removed_but_for_the_default(admin_client: Client) -> None:
    default, other = RuleFactory(), another()
    data = {"action": "remove", "_selected_action": [default.pk, other.pk], "apply": "1",
            "reason": "清理"}  # fmt: skip
    text = admin_client.post(reverse(LIST), data, follow=True).content.decode()
    assert list(ExpressRule.objects.all()) == [default]
    assert default.rule_name in text


def test_a_rule_is_switched_and_its_switches_are_no_fields(admin_client: Client) -> None:
    rule = RuleFactory()
    sent = FIELDS | {"status": "disabled", "rule_name": "新名"}
    assert admin_client.post(page_url(rule), sent).status_code == 302
    rule.refresh_from_db()
    assert (rule.status, rule.rule_name, rule.is_default) == ("enabled", "新名", True)
    act(admin_client, rule, "disable", "搬仓")
    rule.refresh_from_db()
    assert (rule.status, rule.is_default) == ("disabled", True)
    act(admin_client, rule, "enable", "搬好了")
    rule.refresh_from_db()
    assert rule.status == "enabled"


def test_of_two_operators_on_one_rule_the_second_is_told(admin_client: Client) -> None:
    rule = another()
    form = admin_client.get(page_url(rule)).context["adminform"].form
    sent = {}
    for bound in form:
        sent[bound.html_name] = bound.value() or ""
        sent[bound.html_initial_name] = bound.value() or ""
    save_rule(rule_id=rule.pk, values={"sender_name": "他人"})
    page = admin_client.post(page_url(rule), sent | {"sender_name": "我"})
    assert set(page.context["adminform"].form.errors) == {"sender_name"}
    rule.refresh_from_db()
    assert rule.sender_name == "他人"


def test_what_only_the_service_sees_is_told_and_nothing_is_saved(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = another()

    def outrun(**_values: Any) -> ExpressRule:
        raise RuleOff

    monkeypatch.setattr(rules, "save_rule", outrun)
    page = admin_client.post(page_url(rule), FIELDS, follow=True)
    assert page.redirect_chain == [(page_url(rule), 302)]
    assert RuleOff.message in page.content.decode()
    rule.refresh_from_db()
    assert rule.rule_name == "备用"
    assert not LogEntry.objects.exists()


def test_operations_change_rules_and_who_may_not_see_names_sees_them_masked() -> None:
    rule = another(sender_name="陈真的仓", sender_phone="13800138000", sender_address="迎春南路1号")
    assert operator("operations").post(reverse(ADD), FIELDS).status_code == 302
    client = operator("auditor")
    for url in (page_url(rule), reverse(LIST)):
        text = client.get(url).content.decode()
        assert "陈***" in text
        assert "138****8000" in text
        for whole in ("陈真的仓", "13800138000", "迎春南路1号"):
            assert whole not in text
    assert client.post(page_url(rule), FIELDS).status_code == 403
    url = reverse("admin:logistics_expressrule_act", args=[rule.pk, "disable"])
    assert client.post(url, {"reason": "x"}).status_code == 403
    assert "陈真的仓" in operator("support").get(page_url(rule)).content.decode()
    assert ExpressRule.objects.get(pk=rule.pk).status == "enabled"

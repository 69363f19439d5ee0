"""Rules by API: at most one default, used ones hidden, and orders completed by them at once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry

from config.sandbox import Sandbox
from logistics.models import CainiaoAccount, ExpressOrder, ExpressRule
from logistics.services.rule_settings import make_default
from tests.logistics.conftest import PARCEL
from tests.platform.conftest import Program, told
from tests.races import race

pytestmark = pytest.mark.django_db(transaction=True)
RULE: dict[str, Any] = {
    "rule_name": "义乌仓", "cp_code": "ZTO", "cp_name": "中通快递", "sender_name": "李四",
    "sender_phone": "13900139000", "sender_province": "浙江省", "sender_city": "金华市",
    "sender_district": "义乌市", "sender_address": "稠州路1号",
}  # fmt: skip


def defaults() -> list[str]:
    return list(ExpressRule.objects.filter(is_default=True).values_list("rule_name", flat=True))


def test_a_rule_is_added_changed_and_listed(admin: Program) -> None:
    made = told(admin.post("/rules", {**RULE, "is_default": True}))
    assert {name: made[name] for name in RULE} == RULE
    assert (made["service_type"], made["pay_method"]) == ("STANDARD", "PREPAY")
    changed = told(admin.put(f"/rules/{made['id']}", {"sender_town": "稠城街道", "cp_name": ""}))
    assert (changed["sender_town"], changed["cp_name"]) == ("稠城街道", None)
    assert changed["sender_address"] == RULE["sender_address"]  # what is not sent stays
    assert changed["is_default"] is True
    page = told(admin.get("/rules"))
    assert page["items"] == [changed]
    assert (page["total"], page["total_capped"], page["page"]) == (1, False, 1)
    texts = list(LogEntry.objects.order_by("id").values_list("change_message", flat=True))
    assert texts == ["新增快递规则", "修改快递规则；快递公司：中通快递 → —；镇/街道：— → 稠城***"]


def test_a_new_default_takes_the_mark_from_the_old_one(admin: Program) -> None:
    first = told(admin.post("/rules", {**RULE, "is_default": True}))
    second = told(admin.post("/rules", {**RULE, "rule_name": "桐庐仓", "is_default": True}))
    assert defaults() == ["桐庐仓"]
    told(admin.put(f"/rules/{first['id']}", {"is_default": True}))
    assert defaults() == ["义乌仓"]
    listed = {row["id"]: row["is_default"] for row in told(admin.get("/rules"))["items"]}
    assert listed == {first["id"]: True, second["id"]: False}


def test_the_default_rule_is_removed_only_once_another_is_the_default(admin: Program) -> None:
    first = told(admin.post("/rules", {**RULE, "is_default": True}))
    path = f"/rules/{first['id']}"
    assert told(admin.delete(path), 409) == "default_rule_kept"
    told(admin.post("/rules", {**RULE, "is_default": True}))
    assert told(admin.delete(path)) == {"id": first["id"], "removed": True}
    assert ExpressRule.objects.count() == 1
    assert told(admin.delete(path), 404) == "not_found"


def test_a_rule_that_orders_used_is_hidden_and_supplies_nothing_more(
    admin: Program, account: CainiaoAccount
) -> None:
    rule = told(admin.post("/rules", RULE))
    order = told(admin.post("/orders/create", {**PARCEL, "cp_code": "ZTO"}))
    assert (order["rule_id"], order["sender_name"]) == (rule["id"], "李四")
    assert told(admin.delete(f"/rules/{rule['id']}"))["removed"] is False
    assert told(admin.get("/rules"))["items"] == []
    assert told(admin.put(f"/rules/{rule['id']}", {"rule_name": "x"}), 404) == "not_found"
    assert ExpressRule.objects.get().hidden_at is not None
    assert told(admin.post("/orders/create", {**PARCEL, "cp_code": "ZTO"}), 422) == "rule_missing"
    assert told(admin.get(f"/orders/{order['id']}"))["rule_id"] == rule["id"]
    assert ExpressOrder.objects.count() == 1


def test_a_rule_switched_off_supplies_nothing_and_cannot_become_the_default(
    admin: Program, account: CainiaoAccount
) -> None:
    rule = told(admin.post("/rules", {**RULE, "is_default": True}))
    told(admin.post("/orders/create", PARCEL))
    told(admin.put(f"/rules/{rule['id']}", {"status": "disabled"}))
    answer = admin.post("/orders/create", PARCEL)
    assert told(answer, 422) == "rule_missing"
    assert "sender_name" in answer.json()["message"]
    told(admin.put(f"/rules/{rule['id']}", {"is_default": False}))
    assert told(admin.put(f"/rules/{rule['id']}", {"is_default": True}), 409) == "rule_disabled"
    told(admin.put(f"/rules/{rule['id']}", {"status": "enabled", "is_default": True}))
    assert told(admin.post("/orders/create", PARCEL))["rule_id"] == rule["id"]


def test_many_new_defaults_at_once_leave_one(admin: Program) -> None:
    rules = [told(admin.post("/rules", {**RULE, "rule_name": f"仓{n}"})) for n in range(6)]
    actions: list[Callable[[], Any]] = [
        lambda rule=rule: make_default(rule_id=rule["id"]) for rule in rules
    ]
    results = race(actions)
    assert [type(result).__name__ for result in results] == ["ExpressRule"] * 6
    assert len(defaults()) == 1
    assert ExpressRule.objects.filter(default_marker=1).count() == 1


def test_a_rule_removed_while_it_becomes_the_default_is_one_or_the_other(
    admin: Program, sandbox: Sandbox
) -> None:
    paths = [f"/rules/{told(admin.post('/rules', RULE))['id']}" for _ in range(4)]
    for path in paths:
        actions = [partial(admin.put, path, {"is_default": True}), partial(admin.delete, path)]
        kept, removed = race(actions)
        assert {kept.status_code, removed.status_code} <= {200, 404, 409}
        left = ExpressRule.objects.filter(pk=path.rpartition("/")[2]).first()
        assert (left is None) is (removed.status_code == 200)
        assert left is None or (left.is_default and left.hidden_at is None)


def test_service_and_payment_emptied_stand_for_their_defaults(admin: Program) -> None:
    made = told(admin.post("/rules", {**RULE, "service_type": "", "pay_method": None}))
    assert (made["service_type"], made["pay_method"]) == ("STANDARD", "PREPAY")
    told(admin.put(f"/rules/{made['id']}", {"service_type": "FAST", "pay_method": "COLLECT"}))
    kept = told(admin.put(f"/rules/{made['id']}", {"service_type": None}))
    assert (kept["service_type"], kept["pay_method"]) == ("STANDARD", "COLLECT")


def test_a_payment_method_nobody_knows_is_refused(admin: Program) -> None:
    answer = admin.post("/rules", {**RULE, "pay_method": "CASH"})
    assert (answer.status_code, set(answer.json()["data"]["errors"])) == (400, {"pay_method"})
    assert not ExpressRule.objects.exists()
    rule = told(admin.post("/rules", RULE))
    ExpressRule.objects.update(pay_method="MONTHLY")  # from before
    assert told(admin.put(f"/rules/{rule['id']}", {"pay_method": "CASH"}), 400) == "malformed"
    assert told(admin.put(f"/rules/{rule['id']}", {"cp_name": "中通"}))["pay_method"] == "MONTHLY"

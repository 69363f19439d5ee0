"""While the create page is filled in: a pasted block is read, branches found, terms shown."""

# ruff: noqa: F811 - fixtures are imported, and named again as arguments

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Tenant
from accounts.services.operators import create_operator
from logistics.carriers.base import Branch
from logistics.models import CallLog, ExpressOrder, ExpressRule
from logistics.services.rules import forget_cached_rules
from quotas.models import TenantQuota
from tests.console.test_create_page import (  # noqa: F401 - fixtures
    BLOCK,
    KEY,
    PARCEL,
    book,
    console,
    entries,
    nothing_moved,
    press,
)
from tests.factories import RuleFactory
from tests.logistics.conftest import (  # noqa: F401 - fixtures
    account,
    sandbox,
    tenant,
    world,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_pasted_block_fills_the_fields_without_a_script(console: Client, tenant: Tenant) -> None:
    empty = dict.fromkeys((name for name in PARCEL if name.startswith("receiver")), "")
    page = press(console, "_paste", "receiver", **{**empty, "receiver_text": BLOCK})
    kept = entries(page)
    assert {name: kept[name] for name in PARCEL} == PARCEL
    assert not page.context["form"].errors
    nothing_moved()


def test_of_several_places_none_is_taken_until_one_is_clicked(
    console: Client, tenant: Tenant
) -> None:
    text = "张三丰 李四光 13800138000 朝阳区建国路88号"
    page = press(console, "_paste", "receiver", receiver_text=text)
    kept = entries(page)
    assert (kept["receiver_name"], kept["receiver_city"]) == ("", "")
    html = page.content.decode()
    for value in ("receiver:name:张三丰", "receiver:place:北京市 北京市 朝阳区"):
        assert f'name="_take" value="{value}"' in html
    page = press(console, "_take", "receiver:name:张三丰", receiver_text=text)
    assert entries(page)["receiver_name"] == "张三丰"
    assert 'name="receiver_chosen_name" value="张三丰"' in page.content.decode()
    page = press(
        console, "_take", "receiver:place:北京市 北京市 朝阳区",
        receiver_text=text, receiver_chosen_name="张三丰",
    )  # fmt: skip
    kept = entries(page)
    assert (kept["receiver_name"], kept["receiver_district"]) == ("张三丰", "朝阳区")
    assert kept["receiver_address"] == "建国路88号 李四光"
    nothing_moved()


def test_the_script_gets_values_and_a_fragment_that_nobody_keeps(
    console: Client, tenant: Tenant
) -> None:
    url = reverse("admin:logistics_expressorder_paste")
    answer = console.post(url, {"_paste": "sender", "sender_text": f"{BLOCK} 310000"})
    said = answer.json()
    assert said["values"] == {
        "sender_name": "张三丰", "sender_phone": "13800138000", "sender_province": "浙江省",
        "sender_city": "杭州市", "sender_district": "余杭区", "sender_town": "",
        "sender_address": "文一西路969号",
    }  # fmt: skip
    assert "310000" in said["html"]
    assert "no-store" in answer["Cache-Control"]
    assert console.get(url).status_code == 405
    assert console.post(url, {"_paste": "nobody"}).status_code == 400
    assert console.post(url, {"_take": "x"}).status_code == 400


def test_what_is_pasted_is_escaped(console: Client, tenant: Tenant) -> None:
    text = "<script>alert(1)</script> 李四光 13800138000 浙江省杭州市余杭区文一西路969号"
    url = reverse("admin:logistics_expressorder_paste")
    html = console.post(url, {"_paste": "receiver", "receiver_text": text}).json()["html"]
    assert "<script" not in html
    assert (
        "<script>alert"
        not in press(console, "_paste", "receiver", receiver_text=text).content.decode()
    )


@pytest.mark.parametrize("name", ["paste", "branches", "terms"])
def test_the_scripts_questions_need_the_pages_token(tenant: Tenant, name: str) -> None:
    user, _token = create_operator(username="ops", role="operations", password="Kunqu-pavilion-7")
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(user)
    url = reverse(f"admin:logistics_expressorder_{name}")
    assert strict.post(url, {"_paste": "receiver", "receiver_text": BLOCK}).status_code == 403


def branches_page(console: Client, **fields: Any) -> tuple[Any, str]:
    page = press(console, "_branches", **fields)
    return page, page.context["search"].signed if page.context["search"] else ""


def test_a_branch_that_was_looked_up_and_chosen_is_the_orders(
    console: Client, tenant: Tenant
) -> None:
    page, signed = branches_page(console)
    found = page.context["search"].found
    assert found
    html = page.content.decode()
    assert all(text in html for text in (found[0].code, found[0].name, found[0].phone))
    assert entries(page)["receiver_name"] == "张三丰"
    book(console, branches=signed, branch=found[-1].code)
    order = ExpressOrder.objects.get()
    assert Branch(order.branch_code, order.branch_name, order.branch_phone) == found[-1]
    assert CallLog.objects.filter(api_method="TMS_DISPATCH_FIND_SEND_BRANCH").count() == 1


def test_a_choice_among_branches_is_no_part_of_what_the_request_says(
    console: Client, tenant: Tenant
) -> None:
    page, signed = branches_page(console)
    book(console, branches=signed, branch=page.context["search"].found[0].code)
    book(console, request_key=KEY[::-1])
    assert ExpressOrder.objects.count() == 2
    assert ExpressOrder.objects.values("content_hash").distinct().count() == 1


def test_the_script_finds_branches_too(console: Client, tenant: Tenant) -> None:
    url = reverse("admin:logistics_expressorder_branches")
    html = console.post(url, PARCEL).json()["html"]
    assert 'name="branch"' in html
    assert 'name="branches"' in html


@pytest.mark.parametrize(
    "later",
    [
        {"cp_code": "ZTO"},
        {"sender_province": "上海市", "sender_city": "上海市", "sender_district": "浦东新区",
         "sender_address": "世纪大道1号"},
        {"branches": "forged"},
        {"branch": "000000"},
    ],
    ids=str,
)  # fmt: skip
def test_a_branch_of_another_place_or_carrier_is_not_taken(
    console: Client, tenant: Tenant, later: dict[str, str]
) -> None:
    page, signed = branches_page(console)
    code = page.context["search"].found[0].code
    page = book(console, **{"branches": signed, "branch": code, **later})
    assert list(page.context["form"].errors) == ["branch"]
    nothing_moved()


def test_what_keeps_branches_from_being_found_is_said(console: Client, tenant: Tenant) -> None:
    page, _signed = branches_page(console, sender_address="某路1号")
    assert page.context["search"].trouble
    assert not CallLog.objects.exists()
    page, _signed = branches_page(console, cp_code="NOBODY")
    assert page.context["search"].trouble in page.content.decode()
    ExpressRule.objects.all().delete()
    forget_cached_rules()
    page, _signed = branches_page(console)
    assert page.context["search"].trouble
    nothing_moved()


def test_rule_sender_and_quota_follow_the_entries(console: Client, tenant: Tenant) -> None:
    RuleFactory(
        rule_name="中通规则", cp_code="ZTO", cp_name="中通快递", sender_name="上海仓",
        is_default=False, default_marker=None,
    )  # fmt: skip
    url = reverse("admin:logistics_expressorder_terms")
    html = console.post(url, {}).json()["html"]
    assert "默认规则" in html
    assert "迎春南路1号" in html
    html = console.post(url, {"tenant": tenant.pk, "cp_code": "ZTO"}).json()["html"]
    assert "中通规则" in html
    assert "上海仓" in html
    assert tenant.name in html
    assert "100" in html
    TenantQuota.objects.update(monthly_free_quota=0)
    html = console.post(url, {"tenant": tenant.pk}).json()["html"]
    assert "配额已用完" in html
    page = press(console, "_refresh", tenant=tenant.pk)
    assert "配额已用完" in page.content.decode()
    for junk in ("abc", "9" * 30, "-1"):
        assert console.post(url, {"tenant": junk}).status_code == 200

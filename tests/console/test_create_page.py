"""Creating an order in the console: entered at once, kept until it is one, and booked once."""

# ruff: noqa: F811 - fixtures are imported, and named again as arguments

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import ADDITION, LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from accounts.models import Tenant
from accounts.services.operators import create_operator
from logistics.models import CainiaoAccount, CallLog, ExpressOrder, ExpressRule
from logistics.services import carrying
from quotas.models import QuotaDetail, TenantQuota
from tests.logistics.conftest import (  # noqa: F401 - fixtures
    account,
    sandbox,
    tenant,
    world,
)
from tests.races import race

pytestmark = pytest.mark.django_db(transaction=True)
ADD = "/admin/logistics/expressorder/add/"
KEY = "0123456789abcdef0123456789abcdef"
BLOCK = "张三丰 13800138000 浙江省杭州市余杭区文一西路969号"
PARCEL = {
    "request_key": KEY,
    "receiver_name": "张三丰",
    "receiver_phone": "13800138000",
    "receiver_province": "浙江省",
    "receiver_city": "杭州市",
    "receiver_district": "余杭区",
    "receiver_address": "文一西路969号",
    "goods_name": "茶叶",
    "goods_count": "2",
    "weight": "1.25",
}


def operator(role: str) -> Client:
    user, _token = create_operator(username=role, role=role, password="Kunqu-pavilion-7")
    console = Client()
    console.force_login(user)
    return console


@pytest.fixture
def console() -> Client:
    return operator("operations")


def book(console: Client, /, **fields: Any) -> Any:
    return console.post(ADD, {**PARCEL, "_book": "1", **fields}, follow=True)


def press(console: Client, button: str, value: str = "1", /, **fields: Any) -> Any:
    return console.post(ADD, {**PARCEL, **fields, button: value})


def entries(answer: Any) -> dict[str, Any]:
    form = answer.context["form"]
    return {name: form[name].value() for name in form.fields}


def nothing_moved() -> None:
    assert not ExpressOrder.objects.exists()
    assert not QuotaDetail.objects.exists()
    assert not LogEntry.objects.exists()
    assert set(TenantQuota.objects.values_list("monthly_used", flat=True)) <= {0}


def test_a_parcel_is_booked_carried_on_and_shown(console: Client, tenant: Tenant) -> None:
    page = book(console, tenant=tenant.pk, tenant_order_no="A-1")
    order = ExpressOrder.objects.get()
    assert page.redirect_chain == [(f"/admin/logistics/expressorder/{order.pk}/change/", 302)]
    assert (order.tenant_id, order.tenant_order_no, order.status) == (
        tenant.pk, "A-1", "waybill_created",
    )  # fmt: skip
    assert order.waybill_no
    assert order.waybill_no in " ".join(map(str, page.context["messages"]))
    assert (order.receiver_city, order.receiver_district) == ("杭州市", "余杭区")
    assert order.receiver_address == "文一西路969号"
    assert (order.goods_name, order.goods_count, str(order.weight)) == ("茶叶", 2, "1.250")
    assert TenantQuota.objects.get().monthly_used == 1
    entry = LogEntry.objects.get()
    assert (entry.action_flag, entry.object_id) == (ADDITION, str(order.pk))
    assert entry.user.username == "operations"
    assert order.created_by == entry.user_id


def test_the_address_library_decides_over_what_was_recognised(
    console: Client, tenant: Tenant
) -> None:
    book(console)
    asked = CallLog.objects.filter(api_method="ADDRLIB_DIV_FULLPARSE")
    assert asked.count() == 1
    assert ExpressOrder.objects.get().receiver_address_text == "浙江省杭州市余杭区文一西路969号"


def test_without_a_tenant_it_is_the_platforms_own_and_draws_no_quota(
    console: Client, tenant: Tenant
) -> None:
    book(console)
    assert ExpressOrder.objects.get().tenant_id is None
    assert TenantQuota.objects.get().monthly_used == 0


def test_a_sender_that_is_given_is_the_parcels(console: Client, tenant: Tenant) -> None:
    book(
        console, sender_name="李四", sender_phone="13900139000", sender_province="上海市",
        sender_city="上海市", sender_district="浦东新区", sender_address="世纪大道1号",
    )  # fmt: skip
    order = ExpressOrder.objects.get()
    assert (order.sender_name, order.sender_phone) == ("李四", "13900139000")
    assert (order.sender_city, order.sender_district) == ("上海市", "浦东新区")
    assert order.sender_address == "世纪大道1号"


def test_pressing_twice_makes_one_order(console: Client, tenant: Tenant) -> None:
    book(console, tenant=tenant.pk)
    page = book(console, tenant=tenant.pk)
    order = ExpressOrder.objects.get()
    assert page.redirect_chain[-1][0].endswith(f"/{order.pk}/change/")
    with translation.override("zh-hans"):
        assert gettext("Created before") in " ".join(map(str, page.context["messages"]))
    assert LogEntry.objects.count() == 1
    assert TenantQuota.objects.get().monthly_used == 1


def test_pressing_twice_at_one_moment_makes_one_order(
    console: Client, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrying, "POLL_SECONDS", 0.02)

    def press_it() -> int:
        again = Client()
        again.cookies = console.cookies
        return int(again.post(ADD, {**PARCEL, "tenant": tenant.pk, "_book": "1"}).status_code)

    assert race([press_it, press_it]) == [302, 302]
    assert ExpressOrder.objects.count() == 1
    assert TenantQuota.objects.get().monthly_used == 1
    assert LogEntry.objects.count() == 1


def test_the_same_page_for_another_tenant_is_another_order(console: Client, tenant: Tenant) -> None:
    book(console)
    book(console, tenant=tenant.pk)
    assert set(ExpressOrder.objects.values_list("tenant_id", flat=True)) == {None, tenant.pk}


def suspend(tenant: Tenant) -> None:
    Tenant.objects.filter(pk=tenant.pk).update(status="suspended")


def exhaust(_tenant: Tenant) -> None:
    TenantQuota.objects.update(monthly_free_quota=0)


def switch_off(_tenant: Tenant) -> None:
    TenantQuota.objects.update(status="disabled")


def suspend_quota(_tenant: Tenant) -> None:
    TenantQuota.objects.update(status="suspended")


def take_quota(_tenant: Tenant) -> None:
    TenantQuota.objects.all().delete()


def take_rules(_tenant: Tenant) -> None:
    ExpressRule.objects.all().delete()


def take_account(_tenant: Tenant) -> None:
    CainiaoAccount.objects.update(status="disabled")


@pytest.mark.parametrize(
    ("happening", "field", "said"),
    [
        (suspend, "tenant", "租户已停用"),
        (exhaust, "tenant", "配额已用完"),
        (switch_off, "tenant", "配额已停用"),
        (suspend_quota, "tenant", "配额已暂停"),
        (take_quota, "tenant", "尚未为该租户设置配额"),
        (take_rules, "cp_code", "缺少寄件人或快递公司"),
        (take_account, None, "尚未配置可用的菜鸟账号"),
    ],
)
def test_what_our_state_refuses_is_said_at_its_field_and_all_entries_are_kept(
    console: Client, tenant: Tenant, happening: Any, field: str | None, said: str
) -> None:
    happening(tenant)
    page = book(console, tenant=tenant.pk, remark="轻放", receiver_text=BLOCK)
    assert page.status_code == 200
    errors = page.context["form"].errors
    assert list(errors) == [field or "__all__"]
    assert said in " ".join(errors[field or "__all__"])
    assert said in page.content.decode()
    kept = entries(page)
    assert {name: str(kept[name]) for name in PARCEL} == PARCEL
    assert (kept["remark"], kept["receiver_text"], str(kept["tenant"])) == (
        "轻放", BLOCK, str(tenant.pk),
    )  # fmt: skip
    nothing_moved()


@pytest.mark.parametrize(
    ("fields", "at_fault"),
    [
        ({"receiver_name": ""}, {"receiver_name"}),
        ({"receiver_phone": "12"}, {"receiver_phone"}),
        ({"receiver_address": ""}, {"receiver_address"}),
        ({"receiver_address": "x" * 501}, {"receiver_address"}),
        ({"receiver_name": "名" * 101}, {"receiver_name"}),
        ({"sender_phone": "abc"}, {"sender_phone"}),
        ({"sender_province": "上海市"}, {"sender_address"}),
        ({"goods_count": "0"}, {"goods_count"}),
        ({"goods_count": "many"}, {"goods_count"}),
        ({"weight": "-1"}, {"weight"}),
        ({"weight": "heavy"}, {"weight"}),
        ({"volume": "0.00001"}, {"volume"}),
        ({"tenant_order_no": "A 1"}, {"tenant_order_no"}),
        ({"cp_code": "Y T"}, {"cp_code"}),
        ({"tenant": "abc"}, {"tenant"}),
        ({"tenant": "999999999999999999999"}, {"tenant"}),
        ({"tenant": "99999"}, {"tenant"}),
        ({"tenant_code": "nobody"}, {"tenant"}),
        ({"branch": "000000"}, {"branch"}),
        ({"request_key": "short"}, {"request_key"}),
        ({"receiver_name": "", "receiver_phone": "", "receiver_address": ""},
         {"receiver_name", "receiver_phone", "receiver_address"}),
    ],
)  # fmt: skip
def test_an_entry_that_cannot_be_is_refused_at_its_field(
    console: Client, tenant: Tenant, fields: dict[str, str], at_fault: set[str]
) -> None:
    page = book(console, **fields)
    assert page.status_code == 200
    assert set(page.context["form"].errors) == at_fault
    kept = entries(page)
    assert {name: str(kept[name]) for name in fields} == fields
    nothing_moved()


def test_another_parcel_under_a_taken_number_of_the_tenants_is_refused_at_its_field(
    console: Client, tenant: Tenant
) -> None:
    book(console, tenant=tenant.pk, tenant_order_no="A-1")
    other = {"request_key": KEY[::-1], "tenant": tenant.pk, "tenant_order_no": "A-1"}
    page = book(console, **other, remark="x")
    assert list(page.context["form"].errors) == ["tenant_order_no"]
    assert ExpressOrder.objects.count() == 1


def test_where_no_script_runs_the_tenant_is_named_by_its_code(
    console: Client, tenant: Tenant
) -> None:
    book(console, tenant_code=tenant.platform_code)
    assert ExpressOrder.objects.get().tenant_id == tenant.pk


def test_an_order_that_cannot_go_on_is_made_and_says_why(console: Client, tenant: Tenant) -> None:
    levels = dict.fromkeys(("receiver_province", "receiver_city", "receiver_district"), "")
    page = book(console, **levels)
    assert ExpressOrder.objects.get().status == "exception"
    assert "收件地址无法识别" in " ".join(map(str, page.context["messages"]))


@pytest.mark.parametrize("role", ["finance", "support", "auditor"])
def test_who_may_not_book_does_not_see_the_page(tenant: Tenant, role: str) -> None:
    console = operator(role)
    assert console.get(ADD).status_code == 403
    assert book(console).status_code == 403
    for name in ("paste", "branches", "terms"):
        url = reverse(f"admin:logistics_expressorder_{name}")
        assert console.post(url, {"_paste": "receiver", "receiver_text": BLOCK}).status_code == 403
    nothing_moved()


def test_the_stock_add_url_opens_the_page(console: Client, tenant: Tenant) -> None:
    page = console.get(reverse("admin:logistics_expressorder_add"))
    assert page.status_code == 200
    assert len(entries(page)["request_key"]) == 32
    assert entries(page)["request_key"] != entries(console.get(ADD))["request_key"]


def test_a_tenants_key_of_any_length_is_none(console: Client) -> None:
    url = reverse("admin:logistics_expressorder_terms")
    assert console.post(url, {"tenant": "9" * 5_000}).status_code == 200

"""A parcel from a tenant's request to the recipient's signature, and every refusal on the way."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Tenant
from config.sandbox import Sandbox
from logistics.models import CainiaoAccount, CallLog, ExpressOrder, ExpressRule, FreightRevision
from quotas.models import QuotaDetail, TenantQuota
from quotas.queries import find_discrepancies
from tests.factories import issue
from tests.logistics.conftest import PARCEL, URL, only_order
from tests.races import race
from tests.signing import TenantClient

pytestmark = pytest.mark.django_db(transaction=True)
Work = Callable[..., None]


def test_a_parcel_is_booked_carried_and_signed_for(
    client: TenantClient, sandbox: Sandbox, work: Work, pass_time: Callable[[float], Any]
) -> None:
    answer = client.post(URL, {**PARCEL, "tenant_order_no": "A-1"})
    assert answer.status_code == 201, answer.json()
    made = answer.json()["data"]
    assert (made["status"], made["waybill_no"]) == ("created", None)
    assert sandbox.state()["parcels"] == []  # nobody was asked within the request

    work()
    order = only_order()
    assert order.status == "waybill_created"
    assert order.cainiao_order_id
    assert order.waybill_no
    assert (order.receiver_province, order.receiver_district) == ("浙江省", "余杭区")
    assert order.receiver_address == "文一西路969号"
    assert order.branch_code
    assert order.waybill_status == "unused"
    assert order.waybill_time == order.waybill_get_time is not None
    assert QuotaDetail.objects.get().waybill_no == order.waybill_no

    assert pass_time(48 * 3600)
    work()
    shown = client.get(f"{URL}/{order.order_no}").json()["data"]
    assert shown["status"] == "signed"
    assert shown["waybill_status"] == "used"
    assert shown["dispatch_time"] < shown["pick_time"] < shown["sign_time"]
    assert shown["sign_time"].endswith("+08:00")
    assert [event["status"] for event in shown["track_info"]][:2] == ["dispatched", "picked"]
    assert Decimal(shown["freight"]) > 0
    assert FreightRevision.objects.count() == 1
    assert sandbox.state()["violations"] == []
    assert list(find_discrepancies()) == []


def test_the_same_order_again_is_the_same_order(client: TenantClient) -> None:
    first = client.post(URL, {**PARCEL, "tenant_order_no": "A-1"})
    again = client.post(URL, {**PARCEL, "tenant_order_no": "A-1", "weight": 1.25})
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["data"]["order_no"] == first.json()["data"]["order_no"]
    other = client.post(URL, {**PARCEL, "tenant_order_no": "A-1", "goods_name": "瓷器"})
    assert (other.status_code, other.json()["error"]) == (409, "tenant_order_no_taken")
    assert TenantQuota.objects.get().monthly_used == 1


def test_the_same_order_is_found_even_when_the_quota_is_gone(
    client: TenantClient, tenant: Tenant
) -> None:
    client.post(URL, {**PARCEL, "tenant_order_no": "A-1"})
    TenantQuota.objects.update(monthly_free_quota=1)
    assert client.post(URL, {**PARCEL, "tenant_order_no": "A-1"}).status_code == 200
    refused = client.post(URL, {**PARCEL, "tenant_order_no": "A-2"})
    assert (refused.status_code, refused.json()["error"]) == (422, "quota_exhausted")
    assert ExpressOrder.objects.count() == 1


def test_two_tenants_may_use_one_number(client: TenantClient, tenant: Tenant) -> None:
    from tests.factories import QuotaFactory

    other = TenantClient(*issue(QuotaFactory().tenant))
    mine = client.post(URL, {**PARCEL, "tenant_order_no": "A-1"}).json()["data"]
    assert other.post(URL, {**PARCEL, "tenant_order_no": "A-1"}).status_code == 201
    assert other.get(f"{URL}/{mine['order_no']}").status_code == 404
    refused = other.post(f"{URL}/{mine['order_no']}/cancel", {"reason": "不要了"})
    assert refused.status_code == 404


def test_an_idempotency_key_makes_one_order(client: TenantClient) -> None:
    key = {"Idempotency-Key": "k-1"}
    first = client.post(URL, PARCEL, extra=key)
    again = client.post(URL, PARCEL, extra=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again["Idempotent-Replayed"] == "true"
    assert client.post(URL, {**PARCEL, "remark": "x"}, extra=key).status_code == 422
    assert ExpressOrder.objects.count() == 1


def test_a_death_before_the_answer_was_kept_makes_no_second_order(client: TenantClient) -> None:
    from datetime import timedelta

    from django.utils import timezone

    from accounts.models import IdempotencyKey

    key = {"Idempotency-Key": "k-1"}
    client.post(URL, PARCEL, extra=key)
    # What a process that dies after the booking leaves behind: a claim whose lease ran out.
    IdempotencyKey.objects.update(
        status_code=None, answer=None, locked_until=timezone.now() - timedelta(seconds=1)
    )
    assert client.post(URL, PARCEL, extra=key).status_code == 200
    assert ExpressOrder.objects.count() == 1
    assert TenantQuota.objects.get().monthly_used == 1


@pytest.mark.parametrize("threads", [16])
def test_one_order_sent_many_times_at_once_is_one(client: TenantClient, threads: int) -> None:
    results = race([lambda: client.post(URL, {**PARCEL, "tenant_order_no": "A-1"})] * threads)
    assert sorted({result.status_code for result in results}) == [200, 201]
    assert ExpressOrder.objects.count() == 1
    assert TenantQuota.objects.get().monthly_used == 1
    assert list(find_discrepancies()) == []


def test_threads_racing_for_the_last_units_book_exactly_as_many(
    client: TenantClient, tenant: Tenant
) -> None:
    TenantQuota.objects.update(monthly_free_quota=5)
    results = race([lambda: client.post(URL, PARCEL)] * 32)
    assert sum(result.status_code == 201 for result in results) == 5
    assert sum(result.status_code == 422 for result in results) == 27
    assert ExpressOrder.objects.count() == QuotaDetail.objects.count() == 5
    assert list(find_discrepancies()) == []


@pytest.mark.parametrize(
    ("prepare", "slug"),
    [
        (lambda: CainiaoAccount.objects.update(status="disabled"), "account_missing"),
        (lambda: CainiaoAccount.objects.all().delete(), "account_missing"),
        (lambda: ExpressRule.objects.update(status="disabled"), "rule_missing"),
        (lambda: TenantQuota.objects.all().delete(), "quota_missing"),
        (lambda: TenantQuota.objects.update(status="disabled"), "quota_disabled"),
        (lambda: TenantQuota.objects.update(status="suspended"), "quota_suspended"),
    ],
)
def test_a_missing_foundation_is_named_and_nothing_written(
    client: TenantClient, prepare: Callable[[], Any], slug: str
) -> None:
    prepare()
    refused = client.post(URL, PARCEL)
    assert (refused.status_code, refused.json()["error"]) == (422, slug)
    assert not ExpressOrder.objects.exists()
    assert not QuotaDetail.objects.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"receiver_name": ""}, "receiver_name"),
        ({"receiver_name": "名" * 101}, "receiver_name"),
        ({"receiver_name": None}, "receiver_name"),
        ({"receiver_name": 5}, "receiver_name"),
        ({"receiver_phone": "12345"}, "receiver_phone"),
        ({"receiver_phone": "电话没有"}, "receiver_phone"),
        ({"receiver_address": "   "}, "receiver_address"),
        ({"receiver_address": "路" * 501}, "receiver_address"),
        ({"goods_count": 0}, "goods_count"),
        ({"goods_count": 1.5}, "goods_count"),
        ({"goods_count": "2"}, "goods_count"),
        ({"goods_count": True}, "goods_count"),
        ({"weight": -1}, "weight"),
        ({"weight": "1.2345"}, "weight"),
        ({"weight": "NaN"}, "weight"),
        ({"weight": "1e99"}, "weight"),
        ({"weight": True}, "weight"),
        ({"tenant_order_no": "x" * 65}, "tenant_order_no"),
        ({"tenant_order_no": "a b"}, "tenant_order_no"),
        ({"tenant_order_id": 2**31}, "tenant_order_id"),
        ({"sender_phone": "abc"}, "sender_phone"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_bad_input_is_400_with_the_field_named(
    client: TenantClient, change: dict[str, Any], field: str
) -> None:
    refused = client.post(URL, {**PARCEL, **change})
    assert refused.status_code == 400, refused.json()
    assert list(refused.json()["data"]["errors"]) == [field]
    assert not ExpressOrder.objects.exists()
    assert TenantQuota.objects.get().monthly_used == 0


def test_a_missing_recipient_is_named(client: TenantClient) -> None:
    refused = client.post(URL, {})
    assert set(refused.json()["data"]["errors"]) == {
        "receiver_name", "receiver_phone", "receiver_address",
    }  # fmt: skip


def test_a_final_refusal_returns_the_unit_and_waits_to_be_corrected(
    client: TenantClient, sandbox: Sandbox, work: Work
) -> None:
    sandbox.fault("TMS_WAYBILL_GET", "refuse", errorCode="B01", errorMsg="余额不足")
    client.post(URL, PARCEL)
    work()
    order = only_order()
    assert (order.status, order.exception_from) == ("exception", "created")
    assert "余额不足" in str(order.exception_reason)
    assert order.waybill_status == "invalid"
    assert TenantQuota.objects.get().monthly_used == 0
    assert list(find_discrepancies()) == []


def test_a_resumed_order_draws_a_unit_anew_and_goes_on(
    client: TenantClient, sandbox: Sandbox, work: Work
) -> None:
    from django.utils import timezone

    from logistics.services.resuming import resume_order

    client.post(URL, {**PARCEL, "receiver_address": "朝阳区建国路88号"})
    work()
    order = only_order()
    assert order.status == "exception"
    resume_order(
        order_id=order.pk,
        at=timezone.now(),
        corrections={"receiver_address": "北京市朝阳区建国路88号"},
    )
    assert TenantQuota.objects.get().monthly_used == 1
    work()
    order = only_order()
    assert (order.status, order.receiver_province) == ("waybill_created", "北京市")
    assert [d.used_num for d in QuotaDetail.objects.order_by("line_no")] == [1, -1, 1]
    assert list(find_discrepancies()) == []


def test_an_address_library_that_is_down_is_replaced_by_our_table_and_marked(
    client: TenantClient, sandbox: Sandbox, work: Work
) -> None:
    sandbox.fault("ADDRLIB_DIV_FULLPARSE", "error_500", times=9)
    client.post(URL, PARCEL)
    work()
    order = only_order()
    assert order.address_fallback
    assert (order.receiver_city, order.receiver_district) == ("杭州市", "余杭区")
    assert order.status == "waybill_created"


def test_our_table_never_guesses_either(client: TenantClient, sandbox: Sandbox, work: Work) -> None:
    sandbox.fault("ADDRLIB_DIV_FULLPARSE", "error_500", times=9)
    client.post(URL, {**PARCEL, "receiver_address": "朝阳区建国路88号"})
    work()
    order = only_order()
    assert order.status == "exception"
    assert "同名地区" in str(order.exception_reason)


def test_refused_keys_make_the_order_wait_and_flag_the_account(
    client: TenantClient, sandbox: Sandbox, account: CainiaoAccount, work: Work
) -> None:
    CainiaoAccount.objects.update(test_passed=True)
    sandbox.fault("TMS_WAYBILL_GET", "bad_auth", times=2)
    client.post(URL, PARCEL)
    work()
    account.refresh_from_db()
    assert not account.test_passed
    assert "S02" in str(account.test_error)
    assert CallLog.objects.filter(error_type="auth").count() == 2
    assert only_order().status == "waybill_created"


def test_the_waybill_may_come_with_the_order(
    client: TenantClient, sandbox: Sandbox, work: Work
) -> None:
    CainiaoAccount.objects.update(waybill_at_order=True)
    client.post(URL, PARCEL)
    work()
    order = only_order()
    assert order.status == "waybill_created"
    assert order.waybill_no == order.mail_no is not None


@pytest.mark.parametrize("method", ["link", "md5", "hmac"])
def test_every_way_of_signing_carries_an_order_through(
    client: TenantClient,
    sandbox: Sandbox,
    work: Work,
    pass_time: Callable[[float], Any],
    method: str,
) -> None:
    sandbox.account(
        app_key="signed", app_secret="s3cret", sign_method=method,
        callback_url="http://testserver/api/platform/cainiao/callback",
    )  # fmt: skip
    CainiaoAccount.objects.update(app_key="signed", sign_method=method)
    row = CainiaoAccount.objects.get()
    row.app_secret = "s3cret"
    row.save()
    client.post(URL, PARCEL)
    work()
    pass_time(48 * 3600)
    work()
    assert only_order().status == "signed"


def test_the_carriers_print_data_comes_back_byte_for_byte(
    client: TenantClient, sandbox: Sandbox, work: Work
) -> None:
    client.post(URL, PARCEL)
    work()
    order = only_order()
    shown = client.get(f"{URL}/{order.order_no}").json()["data"]["print_data"]
    parcel = sandbox.parcel(order.order_no)
    assert shown == order.print_data
    assert '"signature":"MD:' in shown.replace(" ", "")
    assert parcel is not None


def test_the_call_log_names_every_call_and_nobody(
    client: TenantClient, sandbox: Sandbox, work: Work
) -> None:
    client.post(URL, PARCEL)
    work()
    methods = set(CallLog.objects.values_list("api_method", flat=True))
    assert methods == {
        "ADDRLIB_DIV_FULLPARSE", "TMS_DISPATCH_FIND_SEND_BRANCH", "TMS_WAYBILL_GET",
        "TMS_CREATE_ORDER_OFFLINE_NOTIFY",
    }  # fmt: skip
    for row in CallLog.objects.all():
        text = f"{row.request_params} {row.response_data} {row.error_detail}"
        for secret in ("13800138000", "张三丰", "文一西路969号", sandbox.secret()):
            assert secret not in text
        assert row.order_id == only_order().pk
        assert row.success
        assert row.duration_ms is not None


def test_test_mode_goes_to_the_sandbox_and_touches_no_quota(
    tenant: Tenant, sandbox: Sandbox, work: Work, pass_time: Callable[[float], Any], settings: Any
) -> None:
    settings.SANDBOX_URL = sandbox.url
    settings.SECRET_KEY = "sandbox"
    CainiaoAccount.objects.all().delete()
    client = TenantClient(*issue(tenant, "test"))
    made = client.post(URL, PARCEL).json()["data"]
    assert made["is_test"] is True
    work()
    pass_time(48 * 3600)
    work()
    assert only_order().status == "signed"
    assert not QuotaDetail.objects.exists()
    live = TenantClient(*issue(tenant))
    assert live.get(f"{URL}/{made['order_no']}").status_code == 404


def test_a_batch_gives_each_item_its_own_result(client: TenantClient) -> None:
    items = [
        {**PARCEL, "tenant_order_no": "A-1"},
        {**PARCEL, "receiver_phone": "1"},
        {**PARCEL, "tenant_order_no": "A-1"},
        {**PARCEL, "tenant_order_no": "A-1", "remark": "x"},
    ]
    answer = client.post(f"{URL}/batch", {"items": items})
    assert answer.status_code == 200
    data = answer.json()["data"]
    assert [item["code"] == 0 for item in data["items"]] == [True, False, True, False]
    assert [item["created"] for item in data["items"]] == [True, False, False, False]
    assert data["refused"] == 2
    assert "receiver_phone" in data["items"][1]["data"]["errors"]
    assert ExpressOrder.objects.count() == 1
    assert client.post(f"{URL}/batch", {"items": [PARCEL] * 101}).status_code == 400
    assert client.post(f"{URL}/batch", {"items": []}).status_code == 400


def test_lists_are_paged_filtered_and_never_show_others(client: TenantClient) -> None:
    for n in range(5):
        client.post(URL, {**PARCEL, "tenant_order_no": f"A-{n}"})
    first = client.get(f"{URL}?page_size=2").json()["data"]
    assert [item["tenant_order_no"] for item in first["items"]] == ["A-4", "A-3"]
    assert (first["total"], first["total_capped"], first["page"]) == (5, False, 1)
    second = client.get(f"{URL}?page_size=2&cursor={first['next_cursor']}").json()["data"]
    assert [item["tenant_order_no"] for item in second["items"]] == ["A-2", "A-1"]
    assert second["page"] is None
    last = client.get(f"{URL}?page_size=2&page=3").json()["data"]
    assert [item["tenant_order_no"] for item in last["items"]] == ["A-0"]
    assert last["next_cursor"] is None
    assert client.get(f"{URL}?tenant_order_no=A-3").json()["data"]["total"] == 1
    assert client.get(f"{URL}?status=signed").json()["data"]["total"] == 0
    today = first["items"][0]["created_at"][:10]
    assert client.get(f"{URL}?date_range={today},{today}").json()["data"]["total"] == 5
    assert client.get(f"{URL}?date_to=2020-01-01").json()["data"]["total"] == 0


def test_test_and_live_numbers_and_keys_never_meet(
    tenant: Tenant, sandbox: Sandbox, settings: Any
) -> None:
    settings.SANDBOX_URL, settings.SECRET_KEY = sandbox.url, "sandbox"
    live, test = TenantClient(*issue(tenant)), TenantClient(*issue(tenant, "test"))
    order = {**PARCEL, "tenant_order_no": "A-1"}
    key = {"Idempotency-Key": "k-1"}
    answers = [client.post(URL, order, extra=key) for client in (test, live)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert [answer.json()["data"]["is_test"] for answer in answers] == [True, False]
    assert live.get(URL).json()["data"]["total"] == test.get(URL).json()["data"]["total"] == 1


def test_what_a_waybill_says_is_not_corrected_behind_its_back(
    client: TenantClient, sandbox: Sandbox, work: Work
) -> None:
    from django.utils import timezone

    from logistics.errors import WaybillIssued
    from logistics.services.resuming import resume_order

    sandbox.fault("TMS_CREATE_ORDER_OFFLINE_NOTIFY", "refuse", errorCode="B1", errorMsg="超区")
    client.post(URL, PARCEL)
    work()
    order = only_order()
    assert (order.status, order.waybill_status) == ("exception", "invalid")
    with pytest.raises(WaybillIssued):
        resume_order(order_id=order.pk, at=timezone.now(), corrections={"receiver_name": "李四"})
    assert TenantQuota.objects.get().monthly_used == 0
    resume_order(order_id=order.pk, at=timezone.now())
    work()
    order = only_order()
    assert (order.status, order.waybill_status) == ("waybill_created", "unused")
    assert order.cainiao_order_id
    assert list(find_discrepancies()) == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/x", "http://evil.example.com/gateway/link.do"])
def test_keys_go_to_carriers_alone(
    client: TenantClient, sandbox: Sandbox, settings: Any, url: str
) -> None:
    settings.OUTBOUND_ALLOW_LOOPBACK = False
    CainiaoAccount.objects.update(endpoint_url=url)
    refused = client.post(URL, PARCEL)
    assert (refused.status_code, refused.json()["error"]) == (422, "account_missing")
    CainiaoAccount.objects.update(endpoint_url="https://link.cainiao.com/gateway/link.do")
    assert client.post(URL, PARCEL).status_code == 201

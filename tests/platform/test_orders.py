"""Orders by API: booked and carried on while one waits, watched, given a waybill, cancelled."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from threading import Timer
from typing import Any

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import connections
from django.utils import timezone

from accounts.models import Tenant
from config.kernel.work import claim
from config.sandbox import Sandbox
from logistics.models import CainiaoAccount, CallLog, ExpressOrder, ExpressRule
from logistics.services import carrying
from logistics.services.booking import book_order
from logistics.services.drafts import read_draft
from logistics.services.work import ORDERS
from quotas.models import QuotaDetail, TenantQuota
from quotas.queries import find_discrepancies
from tests.logistics.conftest import PARCEL, content, only_order, post
from tests.platform.conftest import Program, told
from tests.races import race

pytestmark = pytest.mark.django_db(transaction=True)
SEEN = "经接口查看完整收寄件信息"
BRANCH = "TMS_DISPATCH_FIND_SEND_BRANCH"
WAYBILL, CREATE = "TMS_WAYBILL_GET", "TMS_CREATE_ORDER_OFFLINE_NOTIFY"


def test_a_parcel_is_booked_carried_on_watched_and_cancelled(
    admin: Program, tenant: Tenant, sandbox: Sandbox, work: Callable[..., None]
) -> None:
    order = told(admin.post("/orders/create", {**PARCEL, "tenant_id": tenant.pk}))
    assert (order["status"], order["tenant_id"]) == ("waybill_created", tenant.pk)
    assert (order["receiver_city"], order["created_by"]) == ("杭州市", admin.user.pk)
    assert order["waybill_no"]
    assert order["print_data"]
    assert order["cainiao_order_id"]
    assert sandbox.parcel(order["order_no"]) is not None
    assert TenantQuota.objects.get().monthly_used == 1
    again = told(admin.post(f"/orders/{order['id']}/waybill"))
    assert (again["waybill_no"], again["print_data"]) == (order["waybill_no"], order["print_data"])
    assert CallLog.objects.filter(api_method=WAYBILL).count() == 1
    post(content(only_order(), "ACCEPT", statusDesc="已派单"), sandbox.secret())
    work()
    seen = told(admin.get(f"/orders/{order['id']}"))
    assert (seen["status"], seen["track_info"][-1]["desc"]) == ("dispatched", "已派单")
    assert told(admin.post(f"/orders/{order['id']}/cancel", {"reason": "x"}), 409) == (
        "cancel_refused"
    )
    # Twice its people were seen whole: with the waybill it had already, and on its own.
    said = [entry.change_message for entry in LogEntry.objects.order_by("pk")]
    assert said == ["创建快递订单", SEEN, SEEN]


def test_cancelling_asks_the_carrier_and_says_so_with_200(
    admin: Program, tenant: Tenant, work: Callable[..., None]
) -> None:
    order = told(admin.post("/orders/create", {**PARCEL, "tenant_id": tenant.pk}))
    asked = told(admin.post(f"/orders/{order['id']}/cancel", {"reason": "客户退单"}))
    assert asked["status"] == "waybill_created"
    assert asked["cancel_requested_at"]
    work()
    done = told(admin.post(f"/orders/{order['id']}/cancel", {"reason": "又一次"}))
    assert (done["status"], done["cancel_reason"]) == ("cancelled", "客户退单")
    assert done["waybill_status"] == "invalid"
    assert TenantQuota.objects.get().monthly_used == 0
    assert list(find_discrepancies()) == []
    first, second = LogEntry.objects.filter(action_flag=CHANGE).order_by("pk")
    assert first.user_id == second.user_id == admin.user.pk
    assert first.change_message == "申请取消，等待承运方答复。原因：客户退单"
    assert second.change_message == SEEN
    assert told(admin.post(f"/orders/{order['id']}/waybill"), 409) == "waybill_unavailable"


def test_a_branch_that_was_chosen_is_not_looked_up(
    admin: Program, tenant: Tenant, sandbox: Sandbox
) -> None:
    asked = {"cp_code": "YTO", "province": "浙江省", "city": "杭州市", "district": "西湖区"}
    branch = told(admin.post("/branch/find", asked))["items"][-1]
    before = CallLog.objects.filter(api_method=BRANCH).count()
    order = told(admin.post("/orders/create", {**PARCEL, **branch}))
    assert {name: order[name] for name in branch} == branch
    assert order["status"] == "waybill_created"
    assert CallLog.objects.filter(api_method=BRANCH).count() == before
    answer = admin.post("/orders/create", {**PARCEL, "branch_name": "某网点"})
    assert set(answer.json()["data"]["errors"]) == {"branch_code"}
    assert ExpressOrder.objects.count() == 1


def test_the_platforms_own_parcel_draws_no_quota(
    admin: Program, tenant: Tenant, sandbox: Sandbox
) -> None:
    for given in (PARCEL, {**PARCEL, "tenant_id": None}):
        order = told(admin.post("/orders/create", given))
        assert (order["status"], order["tenant_id"]) == ("waybill_created", None)
    assert not QuotaDetail.objects.exists()


def test_the_same_order_again_is_the_same_and_other_content_is_refused(
    admin: Program, tenant: Tenant, sandbox: Sandbox
) -> None:
    given = {**PARCEL, "tenant_id": tenant.pk, "tenant_order_no": "A-1"}
    first, again = (told(admin.post("/orders/create", given)) for _ in range(2))
    assert first["id"] == again["id"]
    answer = admin.post("/orders/create", {**given, "remark": "other"})
    assert told(answer, 409) == "tenant_order_no_taken"
    assert ExpressOrder.objects.count() == 1
    assert LogEntry.objects.count() == 1


@pytest.mark.parametrize(
    ("lacking", "slug", "words"),
    [("account", "account_missing", "菜鸟账号"), ("rule", "rule_missing", "快递规则"),
     ("quota", "quota_missing", "配额"), ("units", "quota_exhausted", "配额"),
     ("suspended", "tenant_suspended", "停用")],
)  # fmt: skip
def test_what_is_lacking_is_said_and_nothing_is_booked(
    admin: Program, tenant: Tenant, lacking: str, slug: str, words: str
) -> None:
    lacks: dict[str, Callable[[], Any]] = {
        "account": lambda: CainiaoAccount.objects.update(status="disabled"),
        "rule": ExpressRule.objects.all().delete,
        "quota": TenantQuota.objects.all().delete,
        "units": lambda: TenantQuota.objects.update(monthly_free_quota=0),
        "suspended": lambda: Tenant.objects.update(status="suspended"),
    }
    lacks[lacking]()
    answer = admin.post("/orders/create", {**PARCEL, "tenant_id": tenant.pk})
    assert told(answer, 403 if slug == "tenant_suspended" else 422) == slug
    assert words in answer.json()["message"]
    assert not ExpressOrder.objects.exists()
    assert not LogEntry.objects.exists()


def test_an_order_a_worker_holds_is_waited_for_not_worked_on_twice(
    admin: Program, tenant: Tenant, sandbox: Sandbox
) -> None:
    order = booked(tenant)
    (held,) = claim(ExpressOrder, at=timezone.now(), lease=ORDERS.lease, limit=1)
    release = Timer(0.5, put_back_at_once, [held])
    release.start()
    begun = time.monotonic()
    answer = told(admin.post(f"/orders/{order.pk}/waybill"))
    release.join()
    assert time.monotonic() - begun >= 0.5
    assert answer["waybill_no"]
    assert CallLog.objects.filter(api_method=CREATE).count() == 1


def put_back_at_once(held: ExpressOrder) -> None:
    ExpressOrder.objects.filter(pk=held.pk, lease_token=held.lease_token).update(
        due_at=timezone.now(), lease_token=None
    )
    connections.close_all()


def booked(tenant: Tenant) -> ExpressOrder:
    return book_order(draft=read_draft(PARCEL), tenant_id=tenant.pk, at=timezone.now()).order


def test_an_order_that_is_held_for_longer_is_answered_as_it_is(
    tenant: Tenant, sandbox: Sandbox
) -> None:
    order = booked(tenant)
    claim(ExpressOrder, at=timezone.now(), lease=ORDERS.lease, limit=1)
    begun = time.monotonic()
    found = carrying.carry_on(order_id=order.pk, seconds=0.5)
    assert 0.5 <= time.monotonic() - begun < 5
    assert (found.status, found.lease_token is not None) == ("created", True)
    assert sandbox.state()["parcels"] == []


def test_two_who_get_the_waybill_at_once_get_one_number_of_one_pickup(
    admin: Program, tenant: Tenant, sandbox: Sandbox
) -> None:
    order = booked(tenant)
    answers = race([lambda: told(admin.post(f"/orders/{order.pk}/waybill"))] * 3)
    assert len({answer["waybill_no"] for answer in answers}) == 1
    assert CallLog.objects.filter(api_method=WAYBILL).count() == 1
    assert CallLog.objects.filter(api_method=CREATE).count() == 1
    assert sandbox.state()["violations"] == []


def test_the_time_is_kept_though_every_step_is_slow(
    tenant: Tenant, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = booked(tenant)
    sandbox.fault("*", "delay", delay_s=0.4, times=10)
    begun = time.monotonic()
    found = carrying.carry_on(order_id=order.pk, seconds=1.0)
    assert time.monotonic() - begun < 1.8  # five steps of 0.4 s would be 2
    assert found.status == "created"
    deadline = time.monotonic() + 5
    while only_order().lease_token is not None and time.monotonic() < deadline:
        time.sleep(0.05)  # the step that was out is finished behind our back
    assert only_order().due_at is not None  # and what follows is left to the workers
    assert timezone.now() - only_order().created_at < timedelta(seconds=10)


def test_a_tenant_nobody_knows_is_named(admin: Program, account: CainiaoAccount) -> None:
    answer = admin.post("/orders/create", {**PARCEL, "tenant_id": 123456})
    assert told(answer, 404) == "not_found"
    assert answer.json()["data"] == {"errors": {"tenant_id": ["没有编号为 123456 的租户。"]}}
    assert not ExpressOrder.objects.exists()


def test_the_platforms_own_parcel_sent_again_is_the_same_parcel(
    admin: Program, tenant: Tenant
) -> None:
    parcel = {**PARCEL, "tenant_order_no": "OWN-1"}
    first = told(admin.post("/orders/create", parcel))
    assert first["tenant_id"] is None
    assert told(admin.post("/orders/create", parcel))["id"] == first["id"]
    other = {**parcel, "receiver_name": "王五"}
    assert told(admin.post("/orders/create", other), 409) == "tenant_order_no_taken"
    assert ExpressOrder.objects.count() == 1
    unnumbered = {name: value for name, value in parcel.items() if name != "tenant_order_no"}
    for _ in range(2):
        told(admin.post("/orders/create", unnumbered))
    assert ExpressOrder.objects.count() == 3
    assert LogEntry.objects.filter(change_message="创建快递订单").count() == 3


def test_the_platforms_number_is_not_a_tenants(admin: Program, tenant: Tenant) -> None:
    parcel = {**PARCEL, "tenant_order_no": "N-1"}
    own = told(admin.post("/orders/create", parcel))
    theirs = told(admin.post("/orders/create", {**parcel, "tenant_id": tenant.pk}))
    assert own["id"] != theirs["id"]


def test_the_platforms_own_parcel_sent_twice_at_once_is_one_parcel(
    admin: Program, tenant: Tenant
) -> None:
    parcel = {**PARCEL, "tenant_order_no": "OWN-2"}
    answers = race([lambda: told(admin.post("/orders/create", parcel))["id"]] * 4)
    assert len(set(answers)) == 1
    assert ExpressOrder.objects.count() == 1

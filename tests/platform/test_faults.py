"""What the carrier does wrong is answered as it is: kindly, in time, with nothing doubled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Tenant
from config.kernel.work import job
from config.sandbox import Sandbox
from logistics.models import CainiaoAccount, CallLog, ExpressOrder
from logistics.services import carrying
from quotas.models import TenantQuota
from quotas.queries import find_discrepancies
from tests.logistics.conftest import PARCEL, only_order
from tests.platform.conftest import Program, told

pytestmark = pytest.mark.django_db(transaction=True)
PARSE, BRANCH = "ADDRLIB_DIV_FULLPARSE", "TMS_DISPATCH_FIND_SEND_BRANCH"
WAYBILL, CREATE = "TMS_WAYBILL_GET", "TMS_CREATE_ORDER_OFFLINE_NOTIFY"
QUERY = "GUOGUO_QUERY_SEND_ORDER_FULL_DETAIL"
PLACE = {"address_text": "浙江省杭州市余杭区文一西路969号"}
BRANCHES = {"cp_code": "YTO", "province": "浙江省", "city": "杭州市", "district": "桐庐县"}


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses as ever, but of tenths of a second."""
    monkeypatch.setattr(job, "FIRST_PAUSE", 0.1)


@pytest.fixture
def create(admin: Program, tenant: Tenant) -> Callable[..., Any]:
    def made(**more: Any) -> Any:
        return told(admin.post("/orders/create", {**PARCEL, "tenant_id": tenant.pk, **more}))

    return made


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits ten seconds in a test."""
    monkeypatch.setattr(carrying.carry_on, "__kwdefaults__", {"seconds": 2.5})
    monkeypatch.setattr(carrying.get_waybill, "__kwdefaults__", {"seconds": 2.5})


def test_without_the_address_library_our_own_table_answers_and_says_so(
    create: Any, sandbox: Sandbox
) -> None:
    sandbox.fault(PARSE, "error_500", times=20)
    order = create()
    assert (order["status"], order["address_fallback"]) == ("waybill_created", True)
    assert order["receiver_district"] == "余杭区"


def test_an_address_the_library_refuses_is_an_exception_that_says_why(
    create: Any, admin: Program, sandbox: Sandbox
) -> None:
    order = create(receiver_address="火星环形山1号")
    assert order["status"] == "exception"
    assert "收件地址无法识别" in order["exception_reason"]
    assert TenantQuota.objects.get().monthly_used == 0
    answer = admin.post(f"/orders/{order['id']}/waybill")
    assert told(answer, 409) == "waybill_unavailable"
    assert "收件地址无法识别" in answer.json()["message"]
    assert "恢复" in answer.json()["message"]
    assert list(find_discrepancies()) == []


def test_a_refused_waybill_is_an_exception_and_gives_the_unit_back(
    create: Any, admin: Program, sandbox: Sandbox
) -> None:
    sandbox.fault(WAYBILL, "refuse", errorCode="W01", errorMsg="面单余额不足")
    order = create()
    assert (order["status"], order["waybill_no"]) == ("exception", None)
    assert "面单余额不足" in order["exception_reason"]
    assert TenantQuota.objects.get().monthly_used == 0
    assert told(admin.post(f"/orders/{order['id']}/waybill"), 409) == "waybill_unavailable"
    assert CallLog.objects.filter(api_method=WAYBILL).count() == 1


def test_a_refused_pickup_leaves_no_waybill_to_be_got(
    create: Any, admin: Program, sandbox: Sandbox
) -> None:
    sandbox.fault(CREATE, "refuse", errorCode="C01", errorMsg="网点停运")
    order = create()
    assert (order["status"], order["waybill_status"]) == ("exception", "invalid")
    assert order["waybill_no"]
    answer = admin.post(f"/orders/{order['id']}/waybill")
    assert told(answer, 409) == "waybill_unavailable"
    assert "网点停运" in answer.json()["message"]


def test_a_pickup_whose_outcome_is_unknown_is_asked_about_not_repeated(
    create: Any, sandbox: Sandbox
) -> None:
    sandbox.fault(CREATE, "accept_then_timeout", delay_s=2)
    order = create()
    assert order["status"] == "waybill_created"
    assert order["cainiao_order_id"]
    assert CallLog.objects.filter(api_method=CREATE).count() == 1
    assert CallLog.objects.filter(api_method=QUERY).count() == 1
    assert len(sandbox.state()["parcels"]) == 1


@pytest.mark.usefixtures("short")
def test_with_the_carrier_down_the_order_is_answered_as_far_as_it_got(
    create: Any, admin: Program, sandbox: Sandbox
) -> None:
    sandbox.fault(WAYBILL, "error_500", times=100)
    order = create()
    assert (order["status"], order["waybill_no"]) == ("created", None)
    assert only_order().due_at is not None
    answer = admin.post(f"/orders/{order['id']}/waybill")
    assert told(answer, 503) == "waybill_pending"
    assert int(answer["Retry-After"]) > 0
    assert TenantQuota.objects.get().monthly_used == 1
    sandbox.reset()
    assert told(admin.post(f"/orders/{order['id']}/waybill"))["waybill_no"]
    assert list(find_discrepancies()) == []


@pytest.mark.usefixtures("short")
def test_a_waybill_of_an_account_switched_off_is_not_promised(
    create: Any, admin: Program, sandbox: Sandbox
) -> None:
    sandbox.fault(WAYBILL, "error_500", times=100)
    order = create()
    told(admin.post("/config", {"status": "disabled"}))
    assert told(admin.post(f"/orders/{order['id']}/waybill"), 422) == "account_missing"
    told(admin.post("/config", {"status": "enabled"}))
    sandbox.reset()
    assert told(admin.post(f"/orders/{order['id']}/waybill"))["waybill_no"]


@pytest.mark.usefixtures("short")
def test_refused_keys_are_flagged_and_the_order_waits(
    create: Any, admin: Program, sandbox: Sandbox
) -> None:
    told(admin.post("/config", {"app_secret": "wrong"}))
    order = create()
    assert order["status"] == "created"
    config = told(admin.get("/config"))
    assert config["test_passed"] is False
    assert config["test_error"].startswith("[S02]")
    told(admin.post("/config", {"app_secret": sandbox.secret()}))
    assert told(admin.post(f"/orders/{order['id']}/waybill"))["waybill_no"]


def test_a_question_that_is_refused_is_422_and_one_without_answer_503(
    admin: Program, account: CainiaoAccount, sandbox: Sandbox
) -> None:
    for path, method, body in (
        ("/address/parse", PARSE, PLACE),
        ("/branch/find", BRANCH, BRANCHES),
    ):
        sandbox.fault(method, "refuse", errorCode="B01", errorMsg="暂不受理")
        answer = admin.post(path, body)
        assert told(answer, 422) == "carrier_refused"
        assert "暂不受理" in answer.json()["message"]
        sandbox.fault(method, "malformed")
        answer = admin.post(path, body)
        assert told(answer, 503) == "unavailable"
        assert answer["Retry-After"]
        sandbox.fault(method, "bad_auth")
        assert told(admin.post(path, body), 422) == "carrier_refused"
        account.refresh_from_db()
        assert str(account.test_error).startswith("[S02]")
        told(admin.post(path, body))
        logged = CallLog.objects.filter(api_method=method).order_by("id")
        assert list(logged.values_list("success", flat=True)) == [False, False, False, True]
    assert not ExpressOrder.objects.exists()


def test_branches_are_columns_and_none_is_an_empty_list(
    admin: Program, account: CainiaoAccount
) -> None:
    page = told(admin.post("/branch/find", BRANCHES))
    assert page["total"] == len(page["items"]) >= 1
    assert set(page["items"][0]) == {"branch_code", "branch_name", "branch_phone"}
    nowhere = {**BRANCHES, "province": "海南省", "city": "三沙市", "district": None}
    assert told(admin.post("/branch/find", nowhere))["items"] == []
    place = told(admin.post("/address/parse", PLACE))
    assert (place["province"], place["city"], place["district"]) == ("浙江省", "杭州市", "余杭区")

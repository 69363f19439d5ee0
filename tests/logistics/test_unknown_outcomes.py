"""Unknown is not failed: an answer that never came is asked about, never guessed (law 2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from config.kernel.work import drain
from config.sandbox import Sandbox
from logistics.models import CainiaoAccount, CallLog, ExpressOrder
from logistics.services.resuming import resume_order
from logistics.services.work import ORDERS
from quotas.models import TenantQuota
from quotas.queries import find_discrepancies
from tests.logistics.conftest import PARCEL, URL, only_order
from tests.signing import TenantClient

pytestmark = pytest.mark.django_db(transaction=True)
Work = Callable[..., None]
WAYBILL, CREATE = "TMS_WAYBILL_GET", "TMS_CREATE_ORDER_OFFLINE_NOTIFY"
CANCEL, QUERY = "TMS_ORDER_CANCEL", "GUOGUO_QUERY_SEND_ORDER_FULL_DETAIL"


def asked(method: str) -> int:
    return CallLog.objects.filter(api_method=method).count()


def exactly_one_carrier_order(sandbox: Sandbox) -> None:
    state = sandbox.state()
    assert state["violations"] == []
    assert len(state["parcels"]) == 1
    assert list(find_discrepancies()) == []


@pytest.mark.parametrize("kind", ["accept_then_timeout", "accept_then_500", "malformed_accept"])
def test_a_pickup_that_was_taken_without_an_answer_is_found_by_its_number(
    client: TenantClient, sandbox: Sandbox, work: Work, kind: str
) -> None:
    sandbox.fault(CREATE, kind, delay_s=2)
    client.post(URL, PARCEL)
    work()
    order = only_order()
    assert (order.status, order.asking) == ("waybill_created", None)
    assert order.cainiao_order_id
    assert (asked(CREATE), asked(QUERY)) == (1, 1)
    assert TenantQuota.objects.get().monthly_used == 1
    exactly_one_carrier_order(sandbox)


@pytest.mark.parametrize("kind", ["timeout_before", "drop", "error_500", "malformed", "redirect"])
def test_a_pickup_that_got_lost_is_sent_again_after_two_noes_a_deadline_apart(
    client: TenantClient, sandbox: Sandbox, work: Work, kind: str
) -> None:
    sandbox.fault(CREATE, kind, delay_s=2)
    client.post(URL, PARCEL)
    work()
    order = only_order()
    assert (order.status, order.asking) == ("waybill_created", None)
    assert (asked(CREATE), asked(QUERY)) == (2, 2)
    noes = list(CallLog.objects.filter(api_method=QUERY).order_by("id"))
    assert noes[1].request_time - noes[0].request_time >= timedelta(seconds=10)
    exactly_one_carrier_order(sandbox)


@pytest.mark.parametrize("kind", ["accept_then_timeout", "timeout_before", "malformed_accept"])
def test_a_waybill_is_asked_for_again_under_its_own_number(
    client: TenantClient, sandbox: Sandbox, work: Work, kind: str
) -> None:
    sandbox.fault(WAYBILL, kind, delay_s=2)
    client.post(URL, PARCEL)
    work()
    order = only_order()
    assert order.status == "waybill_created"
    assert asked(WAYBILL) == 2
    assert asked(QUERY) == 0
    exactly_one_carrier_order(sandbox)


def test_the_unit_stays_held_and_the_order_pending_while_the_outcome_is_unknown(
    client: TenantClient, sandbox: Sandbox
) -> None:
    sandbox.fault(CREATE, "accept_then_500")
    sandbox.fault(QUERY, "error_500", times=50)
    client.post(URL, PARCEL)
    drain(ORDERS, threads=2)
    order = only_order()
    assert order.asking == "create"
    assert order.due_at is not None
    assert TenantQuota.objects.get().monthly_used == 1


def test_an_account_without_a_query_leaves_the_order_to_a_person(
    client: TenantClient, sandbox: Sandbox, work: Work
) -> None:
    CainiaoAccount.objects.update(message_names={"query": ""})
    sandbox.fault(CREATE, "accept_then_500")
    client.post(URL, PARCEL)
    work()
    order = only_order()
    assert (order.asking, order.due_at) == ("create", None)
    assert asked(CREATE) == 1
    sandbox.push("dispatched", tradeOrderNo=order.order_no)
    work()
    order = only_order()
    assert (order.status, order.asking) == ("dispatched", None)
    assert order.cainiao_order_id
    exactly_one_carrier_order(sandbox)


def test_a_waiting_order_is_asked_about_again_when_a_person_resumes_it(
    client: TenantClient, sandbox: Sandbox, work: Work
) -> None:
    sandbox.fault(CREATE, "error_500", times=4)
    client.post(URL, PARCEL)
    work()
    order = only_order()
    assert (order.asking, order.due_at, order.resends) == ("create", None, 3)
    assert "人工" in str(order.status_desc)
    resume_order(order_id=order.pk, at=timezone.now())
    work()
    assert only_order().cainiao_order_id
    exactly_one_carrier_order(sandbox)


def test_a_first_request_that_arrives_late_is_no_second_order(
    client: TenantClient, sandbox: Sandbox, work: Work
) -> None:
    """Lost, said absent twice, sent again; then the repeat is refused because the first arrived."""
    sandbox.fault(CREATE, "accept_then_500")
    sandbox.fault(QUERY, "refuse", times=2, errorCode="ORDER_NOT_FOUND", errorMsg="没有")
    client.post(URL, PARCEL)
    work()
    order = only_order()
    assert order.status == "waybill_created"
    assert order.cainiao_order_id
    assert len(sandbox.state()["parcels"]) == 1
    assert order.exception_reason is None


def test_a_worker_that_died_after_asking_is_followed_by_a_query(
    client: TenantClient, sandbox: Sandbox, work: Work
) -> None:
    client.post(URL, PARCEL)
    work()
    # Back to what a worker leaves behind that died between its call and its commit.
    ExpressOrder.objects.update(
        cainiao_order_id=None, asking="create", due_at=timezone.now(), lease_token=None
    )
    work()
    assert only_order().cainiao_order_id
    assert asked(CREATE) == 1
    exactly_one_carrier_order(sandbox)


def test_a_carrier_that_is_not_there_is_asked_later(
    client: TenantClient, sandbox: Sandbox, account: CainiaoAccount
) -> None:
    CainiaoAccount.objects.update(endpoint_url="http://127.0.0.1:1/gateway")
    ExpressOrder.objects.all().delete()
    client.post(
        URL,
        {
            **PARCEL,
            "receiver_province": "浙江省",
            "receiver_city": "杭州市",
            "receiver_district": "余杭区",
        },
    )
    drain(ORDERS, threads=2)
    order = only_order()
    assert (order.status, order.asking) == ("created", None)
    assert order.due_at is not None
    assert order.due_at > timezone.now()
    row = CallLog.objects.get()
    assert (row.success, row.error_type, row.outcome) == (False, "network", "retry")

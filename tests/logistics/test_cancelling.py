"""A cancel has one outcome, told as it is, whoever was faster."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from config.sandbox import Sandbox
from logistics.errors import CancelRefused
from logistics.models import ExpressOrder
from logistics.services.cancelling import cancel_order
from logistics.states import OrderStatus
from quotas.models import QuotaDetail, TenantQuota
from quotas.queries import find_discrepancies
from tests.logistics.conftest import PARCEL, URL, only_order
from tests.races import race
from tests.signing import TenantClient

pytestmark = pytest.mark.django_db(transaction=True)
Work = Callable[..., None]
CREATE, CANCEL = "TMS_CREATE_ORDER_OFFLINE_NOTIFY", "TMS_ORDER_CANCEL"
QUERY = "GUOGUO_QUERY_SEND_ORDER_FULL_DETAIL"


def cancel(client: TenantClient, reason: str = "不寄了") -> Any:
    return client.post(f"{URL}/{only_order().order_no}/cancel", {"reason": reason})


def booked(client: TenantClient, work: Work) -> ExpressOrder:
    client.post(URL, PARCEL)
    work()
    return only_order()


def test_an_order_nobody_was_asked_about_is_cancelled_at_once(
    client: TenantClient, sandbox: Sandbox, work: Work
) -> None:
    client.post(URL, PARCEL)
    answer = cancel(client)
    assert answer.status_code == 200
    data = answer.json()["data"]
    assert (data["status"], data["cancel_reason"]) == ("cancelled", "不寄了")
    assert data["waybill_status"] == "invalid"
    assert TenantQuota.objects.get().monthly_used == 0
    work()
    assert only_order().status == "cancelled"
    assert sandbox.state()["parcels"] == []
    assert list(find_discrepancies()) == []


def test_cancelling_twice_changes_nothing(client: TenantClient) -> None:
    client.post(URL, PARCEL)
    first, again = cancel(client), cancel(client, "真的不寄了")
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json()["data"]["cancel_reason"] == "不寄了"
    assert QuotaDetail.objects.count() == 2


def test_with_a_pickup_order_the_carrier_is_asked_first(
    client: TenantClient, sandbox: Sandbox, work: Work
) -> None:
    order = booked(client, work)
    answer = cancel(client)
    assert answer.status_code == 202
    assert answer.json()["data"]["cancel_requested_at"]
    assert TenantQuota.objects.get().monthly_used == 1
    work()
    order = only_order()
    assert (order.status, order.waybill_status) == ("cancelled", "invalid")
    assert order.cancel_time is not None
    assert TenantQuota.objects.get().monthly_used == 0
    assert list(find_discrepancies()) == []


def test_a_cancel_that_raced_a_pickup_tells_the_truth(
    client: TenantClient, sandbox: Sandbox, work: Work, pass_time: Callable[[float], Any]
) -> None:
    order = booked(client, work)
    assert cancel(client).status_code == 202
    sandbox.fault("callback", "drop", times=9)
    pass_time(3 * 3600)  # picked up, and we have not heard
    work()
    order = only_order()
    assert order.status in {"picked", "in_transit"}
    assert order.cancel_requested_at is None
    assert order.cancel_refused_reason
    assert TenantQuota.objects.get().monthly_used == 1


@pytest.mark.parametrize(
    "status", ["dispatched", "picked", "in_transit", "delivering", "signed", "rejected"]
)
def test_in_a_closed_state_it_is_409(client: TenantClient, work: Work, status: str) -> None:
    order = booked(client, work)
    ExpressOrder.objects.filter(pk=order.pk).update(status=status, dispatch_time=timezone.now())
    answer = cancel(client)
    assert (answer.status_code, answer.json()["error"]) == (409, "cancel_refused")
    assert TenantQuota.objects.get().monthly_used == 1


@pytest.mark.parametrize("kind", ["accept_then_500", "error_500", "timeout_before"])
def test_a_cancel_without_an_answer_is_asked_about(
    client: TenantClient, sandbox: Sandbox, work: Work, kind: str
) -> None:
    booked(client, work)
    sandbox.fault(CANCEL, kind, delay_s=2)
    cancel(client)
    work()
    order = only_order()
    assert (order.status, order.asking) == ("cancelled", None)
    assert TenantQuota.objects.get().monthly_used == 0
    assert list(find_discrepancies()) == []


def test_a_cancel_while_the_pickup_is_unknown_waits_for_its_outcome(
    client: TenantClient, sandbox: Sandbox, work: Work
) -> None:
    from config.kernel.work import drain
    from logistics.services.work import ORDERS

    sandbox.fault(CREATE, "accept_then_500")
    client.post(URL, PARCEL)
    drain(ORDERS, threads=1)
    assert only_order().asking == "create"
    assert cancel(client).status_code == 202
    work()
    order = only_order()
    assert order.status == "cancelled"
    assert sandbox.state()["parcels"][0]["status"] == "cancelled"
    assert TenantQuota.objects.get().monthly_used == 0


def test_a_cancel_while_a_lost_pickup_is_unknown_needs_nobody_outside(
    client: TenantClient, sandbox: Sandbox, work: Work
) -> None:
    from config.kernel.work import drain
    from logistics.services.work import ORDERS

    sandbox.fault(CREATE, "error_500")
    client.post(URL, PARCEL)
    drain(ORDERS, threads=1)
    assert cancel(client).status_code == 202
    work()
    assert only_order().status == "cancelled"
    state = sandbox.state()
    assert all(not parcel.get("orderCode") for parcel in state["parcels"])
    assert TenantQuota.objects.get().monthly_used == 0


def test_an_exception_before_dispatch_may_be_cancelled(
    client: TenantClient, sandbox: Sandbox, work: Work
) -> None:
    sandbox.fault(CREATE, "refuse", errorCode="B02", errorMsg="超区")
    order = booked(client, work)
    assert order.status == "exception"
    assert cancel(client).status_code == 200
    assert only_order().status == "cancelled"
    assert QuotaDetail.objects.count() == 2
    assert list(find_discrepancies()) == []


def test_many_cancelling_at_once_return_one_unit(client: TenantClient) -> None:
    client.post(URL, PARCEL)
    order = only_order()
    results = race([lambda: cancel_order(order_id=order.pk, reason="x", at=timezone.now())] * 12)
    assert all(isinstance(result, ExpressOrder) for result in results), results
    assert TenantQuota.objects.get().monthly_used == 0
    assert QuotaDetail.objects.count() == 2


def test_a_cancel_racing_the_workers_has_one_outcome(
    client: TenantClient, sandbox: Sandbox, work: Work
) -> None:
    from config.kernel.work import drain
    from logistics.services.work import ORDERS

    def cancel_all() -> None:
        for order in ExpressOrder.objects.order_by("?"):
            with contextlib.suppress(CancelRefused):
                cancel_order(order_id=order.pk, reason="x", at=timezone.now())

    for _ in range(12):
        client.post(URL, PARCEL)
    results = race([lambda: drain(ORDERS, threads=4), cancel_all, lambda: drain(ORDERS, threads=4)])
    assert not [result for result in results if isinstance(result, Exception)]
    work()
    assert set(ExpressOrder.objects.values_list("status", flat=True)) == {OrderStatus.CANCELLED}
    live = [p for p in sandbox.state()["parcels"] if p.get("orderCode")]
    assert all(parcel["status"] == "cancelled" for parcel in live)
    assert TenantQuota.objects.get().monthly_used == 0
    assert sandbox.state()["violations"] == []
    assert list(find_discrepancies()) == []

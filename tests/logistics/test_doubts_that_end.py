"""A doubt ends when something better is known; found by schedules of faults (tests/proofs)."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from config.kernel.work import LostLease, claim, drain
from config.sandbox import Sandbox
from logistics.models import CainiaoAccount, ExpressOrder
from logistics.services.accounts import forget_cached_accounts
from logistics.services.cancelling import cancel_order
from logistics.services.deciding import decide_outcome
from logistics.services.handling import CALLBACKS
from logistics.services.questions import prepare_question
from logistics.services.work import ORDERS
from quotas.models import TenantQuota
from quotas.queries import find_discrepancies
from tests.logistics.conftest import PARCEL, URL, content, only_order, post
from tests.signing import TenantClient

pytestmark = pytest.mark.django_db(transaction=True)
Work = Any
CANCEL = "TMS_ORDER_CANCEL"
QUERY = "GUOGUO_QUERY_SEND_ORDER_FULL_DETAIL"


def _rename(names: dict[str, str]) -> None:
    CainiaoAccount.objects.update(message_names=names)
    forget_cached_accounts()


@pytest.mark.parametrize("names", [{}, {"query": ""}])
def test_a_cancel_in_doubt_is_over_once_the_parcel_was_signed_for(
    order: ExpressOrder, sandbox: Sandbox, work: Work, names: dict[str, str]
) -> None:
    _rename(names)
    sandbox.fault(CANCEL, "error_500", times=5)
    sandbox.fault(QUERY, "error_500", times=5)
    cancel_order(order_id=order.pk, reason="x", at=timezone.now())
    # One step asks, and nobody knows what became of it.
    row = claim(ExpressOrder, at=timezone.now(), lease=ORDERS.lease, limit=1)[0]
    prepare_question(row)()
    assert only_order().asking == "cancel"
    sandbox.push("signed", tradeOrderNo=order.order_no)
    work.clock.move_to(timezone.now() + ORDERS.lease + timedelta(seconds=1))
    work()
    told = only_order()
    assert (told.status, told.asking, told.cancel_requested_at) == ("signed", None, None)
    assert (told.due_at, told.lease_token) == (None, None)


def test_a_pickup_in_doubt_is_over_once_the_parcel_was_signed_for(
    order: ExpressOrder, sandbox: Sandbox, work: Work
) -> None:
    """The scan names our number only, and whoever asked for the pick-up is dead."""
    ExpressOrder.objects.update(cainiao_order_id=None, asking="create", due_at=None)
    post(content(order, "signed", orderCode=""), sandbox.secret())
    drain(CALLBACKS)
    assert (only_order().status, only_order().asking) == ("signed", "create")
    ExpressOrder.objects.update(due_at=timezone.now())
    work()
    told = only_order()
    assert (told.status, told.asking, told.due_at) == ("signed", None, None)


def test_a_worker_that_stood_still_asks_nothing_once_its_lease_is_over(
    client: TenantClient, sandbox: Sandbox, work: Work
) -> None:
    """Another one may have found nothing there, and asked in its place."""
    sandbox.fault("TMS_WAYBILL_GET", "refuse")
    client.post(URL, {**PARCEL, "tenant_order_no": "S-1"})
    work()
    order = only_order()
    ExpressOrder.objects.update(
        status="waybill_created", waybill_no="YT1", exception_from=None, due_at=timezone.now()
    )
    row = claim(ExpressOrder, at=timezone.now(), lease=ORDERS.lease, limit=1)[0]
    asked = prepare_question(row)
    assert only_order().asking == "create"
    with (
        time_machine.travel(time.time() + ORDERS.lease.total_seconds()),
        pytest.raises(LostLease),
    ):
        asked()
    state = sandbox.state(tradeOrderNo=order.order_no)
    assert [parcel["creates_received"] for parcel in state["parcels"]] == [0]


def test_a_person_may_say_that_a_parcel_dispatched_meanwhile_was_cancelled(
    order: ExpressOrder, sandbox: Sandbox, work: Work
) -> None:
    _rename({"query": ""})
    sandbox.fault(CANCEL, "accept_then_500")
    cancel_order(order_id=order.pk, reason="x", at=timezone.now())
    work()
    assert (only_order().asking, only_order().due_at) == ("cancel", None)
    sandbox.push("dispatched", tradeOrderNo=order.order_no)
    work()
    decide_outcome(order_id=order.pk, happened=True, at=timezone.now())
    work()
    told = only_order()
    assert (told.status, told.exception_from, told.asking) == ("exception", "dispatched", None)
    assert "核实" in str(told.exception_reason)
    assert TenantQuota.objects.get().monthly_used == 1
    assert list(find_discrepancies()) == []

"""A person decides while the question is still outside; the carrier's answer is not lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from config.kernel.work import claim
from config.sandbox import Sandbox
from logistics.models import ExpressOrder
from logistics.services.cancelling import cancel_order
from logistics.services.deciding import decide_outcome
from logistics.services.questions import prepare_question
from logistics.services.resuming import resume_order
from logistics.services.work import ORDERS
from quotas.models import TenantQuota
from quotas.queries import find_discrepancies
from tests.logistics.conftest import PARCEL, URL, only_order
from tests.signing import TenantClient

pytestmark = pytest.mark.django_db(transaction=True)
Work = Any
CREATE = "TMS_CREATE_ORDER_OFFLINE_NOTIFY"


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """What happens between a step's answer and its being applied, once."""

    def at_step(step: str, action: Callable[[ExpressOrder], None]) -> None:
        happened: list[str] = []

        def keep(order: ExpressOrder, attempt: Any) -> None:
            if attempt.step == step and not happened:
                happened.append(step)
                action(order)

        monkeypatch.setitem(ORDERS.__dict__, "keep_attempt", keep)

    return at_step


def decided_and_cancelled(order: ExpressOrder) -> None:
    decide_outcome(order_id=order.pk, happened=False, at=timezone.now())
    cancel_order(order_id=order.pk, reason="不寄了", at=timezone.now())


@pytest.mark.parametrize(
    "when",
    [("create", None), ("create", "accept_then_500"), ("create", "refuse"),
     ("query", "accept_then_500")],
)  # fmt: skip
def test_what_the_carrier_took_after_all_is_cancelled_there_too(
    client: TenantClient,
    sandbox: Sandbox,
    work: Work,
    meanwhile: Callable[..., None],
    when: tuple[str, str | None],
) -> None:
    step, fault = when
    if fault:
        sandbox.fault(CREATE, fault)
    meanwhile(step, decided_and_cancelled)
    client.post(URL, PARCEL)
    work()
    told = only_order()
    assert (told.status, told.asking, told.due_at) == ("cancelled", None, None)
    taken = [parcel for parcel in sandbox.state()["parcels"] if parcel["creates_received"]]
    if fault != "refuse":
        assert [(parcel["creates_received"], parcel["status"]) for parcel in taken] == [
            (1, "cancelled")
        ]
    assert TenantQuota.objects.get().monthly_used == 0
    assert list(find_discrepancies()) == []


def test_what_was_resumed_while_it_was_asked_is_asked_about_and_not_sent_again(
    client: TenantClient, sandbox: Sandbox, work: Work, meanwhile: Callable[..., None]
) -> None:
    def decided_and_resumed(order: ExpressOrder) -> None:
        decide_outcome(order_id=order.pk, happened=False, at=timezone.now())
        resume_order(order_id=order.pk, at=timezone.now())

    sandbox.fault(CREATE, "accept_then_500")
    meanwhile("create", decided_and_resumed)
    client.post(URL, PARCEL)
    work()
    (parcel,) = sandbox.state()["parcels"]
    told = only_order()
    assert (told.status, told.cainiao_order_id) == ("waybill_created", parcel["orderCode"])
    assert parcel["creates_received"] == 1
    assert TenantQuota.objects.get().monthly_used == 1


def test_a_wish_to_cancel_waits_for_no_dead_worker_for_ever(
    client: TenantClient, work: Work
) -> None:
    client.post(URL, PARCEL)
    ExpressOrder.objects.update(
        branch_code="B", receiver_province="浙江省", receiver_city="杭州市", waybill_no="YT1",
        status="waybill_created",
    )  # fmt: skip
    row = claim(ExpressOrder, at=timezone.now(), lease=ORDERS.lease, limit=1)[0]
    prepare_question(row)  # dies here
    decided_and_cancelled(row)
    assert only_order().cancel_requested_at
    work.clock.move_to(timezone.now() + ORDERS.lease + timedelta(seconds=1))
    work()
    told = only_order()
    assert (told.status, told.cancel_reason, told.due_at) == ("cancelled", "不寄了", None)
    assert TenantQuota.objects.get().monthly_used == 0


def test_a_cancellation_that_comes_while_a_person_says_there_was_none_counts(
    order: ExpressOrder, sandbox: Sandbox, work: Work, meanwhile: Callable[..., None]
) -> None:
    meanwhile(
        "cancel", lambda row: decide_outcome(order_id=row.pk, happened=False, at=timezone.now())
    )
    cancel_order(order_id=order.pk, reason="不寄了", at=timezone.now())
    work()
    (parcel,) = sandbox.state()["parcels"]
    assert (only_order().status, parcel["status"]) == ("cancelled", "cancelled")
    assert TenantQuota.objects.get().monthly_used == 0
    assert list(find_discrepancies()) == []

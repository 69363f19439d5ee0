"""Things that happen at the same moment: a wish, a scan, an answer, a death."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections, transaction
from django.utils import timezone

from accounts.models import IdempotencyKey, Tenant
from config.kernel.errors import Malformed
from config.kernel.http import Outcome
from config.kernel.states import Outrun
from config.kernel.work import drain
from config.sandbox import Sandbox
from logistics.carriers.base import Found, Pickup, Place, Reply
from logistics.carriers.cainiao.client import CainiaoClient
from logistics.errors import NothingToDecide
from logistics.models import CainiaoAccount, CallbackRecord, ExpressOrder, FreightRevision
from logistics.services.booking import book_order
from logistics.services.cancelling import cancel_order
from logistics.services.deciding import decide_outcome
from logistics.services.drafts import read_draft
from logistics.services.handling import CALLBACKS
from logistics.services.orders import fail_order
from logistics.services.replaying import replay_callback
from logistics.services.resuming import resume_order
from logistics.services.syncing import sync_quiet_orders
from logistics.services.work import ORDERS
from quotas.models import QuotaDetail, TenantQuota
from quotas.queries import find_discrepancies
from tests.logistics.conftest import PARCEL, URL, content, only_order, post
from tests.signing import TenantClient

pytestmark = pytest.mark.django_db(transaction=True)
Work = Callable[..., None]
Tell = Callable[..., ExpressOrder]
CREATE = "TMS_CREATE_ORDER_OFFLINE_NOTIFY"


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """What the carrier answers to one of the port's questions."""

    def answers(method: str, outcome: Outcome, value: Any = None, **more: Any) -> None:
        reply = Reply(outcome, value, **more)
        monkeypatch.setattr(CainiaoClient, method, lambda self, *args: reply)

    return answers


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """What happens between a step's answer and its being applied."""

    def at_step(step: str, action: Callable[[ExpressOrder], None]) -> None:
        def keep(order: ExpressOrder, attempt: Any) -> None:
            if attempt.step == step:
                action(order)

        monkeypatch.setitem(ORDERS.__dict__, "keep_attempt", keep)

    return at_step


def test_a_place_without_a_city_is_completed_and_not_asked_about_for_ever(
    client: TenantClient, work: Work, answer: Callable[..., None]
) -> None:
    answer("parse_address", Outcome.DONE, Place("北京市", "", "朝阳区", "", "建国路88号"))
    client.post(URL, {**PARCEL, "receiver_address": "北京市朝阳区建国路88号"})
    work()
    order = only_order()
    assert (order.status, order.receiver_city) == ("waybill_created", "北京市")
    assert order.receiver_address_text == "北京市朝阳区建国路88号"


def test_a_place_nobody_can_complete_is_an_exception(
    client: TenantClient, work: Work, answer: Callable[..., None]
) -> None:
    answer("parse_address", Outcome.DONE, Place("", "", "朝阳区", "", "x"))
    client.post(URL, {**PARCEL, "receiver_address": "朝阳区建国路88号"})
    work()
    assert only_order().status == "exception"


def test_a_cancel_during_a_pickup_that_is_refused_still_cancels(
    client: TenantClient, work: Work, answer: Callable[..., None], meanwhile: Callable[..., None]
) -> None:
    answer("create_pickup", Outcome.REFUSED, code="X", message="no")
    meanwhile("create", lambda o: cancel_order(order_id=o.pk, reason="x", at=timezone.now()))
    client.post(URL, PARCEL)
    work()
    assert only_order().status == "cancelled"
    assert [d.used_num for d in QuotaDetail.objects.order_by("id")] == [1, -1]
    assert list(find_discrepancies()) == []


def test_a_callback_that_settles_a_pickup_wakes_the_wish_to_cancel(
    client: TenantClient, sandbox: Sandbox, work: Work
) -> None:
    CainiaoAccount.objects.update(message_names={"query": ""})
    sandbox.fault(CREATE, "accept_then_500")
    client.post(URL, PARCEL)
    work()
    order = only_order()
    assert (order.asking, order.due_at) == ("create", None)
    assert cancel_order(order_id=order.pk, reason="x", at=timezone.now()).cancel_requested_at
    work()
    assert only_order().asking == "create"
    sandbox.push("CREATE", tradeOrderNo=order.order_no)
    work()
    assert only_order().status == "cancelled"


def test_an_order_that_becomes_known_outside_is_not_simply_dropped(
    client: TenantClient,
    sandbox: Sandbox,
    work: Work,
    answer: Callable[..., None],
    meanwhile: Callable[..., None],
) -> None:
    answer("create_pickup", Outcome.RETRY)
    client.post(URL, PARCEL)
    drain(ORDERS, seconds=2)
    now = timezone.now()
    ExpressOrder.objects.update(cancel_requested_at=now, due_at=now)

    def late(order: ExpressOrder) -> None:
        order.cainiao_order_id = "LP77"
        post(content(order, "CREATE"), sandbox.secret())
        drain(CALLBACKS)

    meanwhile("drop", late)
    answer("cancel_pickup", Outcome.REFUSED, code="ORDER_PICKED", message="已取件")
    answer("query", Outcome.DONE, Found("LP77", "", "picked", "picked"))
    work()
    assert only_order().status == "picked"


def test_a_parcel_that_travels_after_a_final_refusal_holds_a_unit_again(
    client: TenantClient, sandbox: Sandbox, work: Work, answer: Callable[..., None]
) -> None:
    answer("create_pickup", Outcome.REFUSED, code="X", message="no")
    client.post(URL, PARCEL)
    work()
    assert TenantQuota.objects.get().monthly_used == 0
    order = only_order()
    order.cainiao_order_id = "LP9"
    post(content(order, "GOT", 1), sandbox.secret())
    work()
    assert only_order().status == "picked"
    assert TenantQuota.objects.get().monthly_used == 1
    assert list(find_discrepancies()) == []


def test_a_travelling_parcel_for_which_no_unit_is_left_says_so(
    client: TenantClient, sandbox: Sandbox, work: Work, answer: Callable[..., None]
) -> None:
    answer("create_pickup", Outcome.REFUSED, code="X", message="no")
    client.post(URL, PARCEL)
    work()
    TenantQuota.objects.update(monthly_free_quota=0)
    order = only_order()
    order.cainiao_order_id = "LP9"
    post(content(order, "GOT", 1), sandbox.secret())
    work()
    order = only_order()
    assert order.status == "picked"
    assert "配额不足" in str(order.status_desc)
    assert list(find_discrepancies()) == []


def test_freight_in_a_second_push_of_one_event_is_kept(
    order: ExpressOrder,
    sandbox: Sandbox,
    work: Work,
) -> None:
    event = json.loads(content(order, "GOT"))
    for more in ({"weight": "1.0"}, {"weight": "2.5", "freight": "18.00"}):
        post(json.dumps({**event, **more}), sandbox.secret())
        work()
    assert str(only_order().freight) == "18.00"
    assert FreightRevision.objects.count() == 2


def test_a_weight_alone_does_not_hide_an_earlier_freight(tell: Tell) -> None:
    tell("DEPARTURE", 5, weight="1.0")
    assert str(tell("GOT", 0, freight="18.00").freight) == "18.00"


def test_replaying_a_callback_from_the_future_has_no_second_effect(
    tell: Tell,
    work: Any,
) -> None:
    tell("GOT")
    order = tell("ISSUE", 120)
    assert order.status == "exception"
    resume_order(order_id=order.pk, at=timezone.now())
    before = only_order()
    work.clock.move_to(timezone.now() + timedelta(minutes=30))
    record = CallbackRecord.objects.get(callback_type="ISSUE")
    replay_callback(record_id=record.pk, at=timezone.now())
    work()
    after = only_order()
    assert (after.status, after.track_info) == (before.status, before.track_info)


def test_a_late_carriers_cancel_that_was_overtaken_moves_nothing(tell: Tell) -> None:
    tell("ACCEPT", 5)
    assert tell("cancelled", 1).status == "dispatched"


def test_a_second_exception_is_not_left_by_what_left_the_first(tell: Tell) -> None:
    tell("GOT", 0)
    tell("ISSUE", 1)
    tell("ISSUE", 8, statusDesc="丢失")
    order = tell("SENT", 4)
    assert (order.status, order.exception_reason) == ("exception", "丢失")


def test_an_exception_that_was_left_leaves_no_reason_behind(tell: Tell) -> None:
    tell("GOT", 0)
    tell("ISSUE", 1)
    assert tell("SIGNED", 2).exception_reason is None


def test_signed_while_the_cancel_was_on_its_way_is_signed(
    order: ExpressOrder,
    client: TenantClient,
    work: Work,
    answer: Callable[..., None],
    meanwhile: Callable[..., None],
) -> None:
    answer("cancel_pickup", Outcome.DONE)
    cancel_order(order_id=order.pk, reason="x", at=timezone.now())

    def sign(_: ExpressOrder) -> None:
        post(content(order, "SIGNED"), CainiaoAccount.objects.get().app_secret)
        drain(CALLBACKS)

    meanwhile("cancel", sign)
    work()
    seen = only_order()
    assert (seen.status, seen.asking, seen.cancel_requested_at) == ("signed", None, None)
    refused = client.post(f"{URL}/{seen.order_no}/cancel", {"reason": "x"})
    assert refused.status_code == 409
    assert TenantQuota.objects.get().monthly_used == 1


def test_a_cancel_nobody_ever_answers_ends_with_a_word_to_people(
    order: ExpressOrder,
    work: Work,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[int] = []

    def cancel(self: Any, *args: Any) -> Reply[None]:
        sent.append(1)
        return Reply(Outcome.UNKNOWN)

    monkeypatch.setattr(CainiaoClient, "cancel_pickup", cancel)
    cancel_order(order_id=order.pk, reason="x", at=timezone.now())
    work(most=60)
    seen = only_order()
    assert len(sent) == 4
    assert (seen.status, seen.cancel_requested_at) == ("waybill_created", None)
    assert "人工" in str(seen.cancel_refused_reason)


def test_a_query_that_is_refused_for_ever_is_said_on_the_order(
    client: TenantClient, sandbox: Sandbox, work: Work, answer: Callable[..., None]
) -> None:
    sandbox.fault(CREATE, "drop")
    answer("query", Outcome.REFUSED, code="B99", message="查无此单")
    client.post(URL, PARCEL)
    work()
    order = only_order()
    assert order.asking == "create"
    assert "人工" in str(order.status_desc)
    assert TenantQuota.objects.get().monthly_used == 1


@pytest.mark.parametrize("happened", [True, False])
def test_a_person_decides_what_nobody_can_be_asked_about(
    client: TenantClient, sandbox: Sandbox, work: Work, happened: bool
) -> None:
    CainiaoAccount.objects.update(message_names={"query": ""})
    sandbox.fault(CREATE, "accept_then_500" if happened else "error_500")
    client.post(URL, PARCEL)
    work()
    order = only_order()
    assert (order.asking, order.due_at) == ("create", None)
    assert "人工" in str(order.status_desc)
    with pytest.raises(NothingToDecide):
        decide_outcome(order_id=order.pk, happened=True, at=timezone.now())
    parcels = sandbox.state()["parcels"]
    number = parcels[0]["orderCode"] if happened else ""
    decide_outcome(order_id=order.pk, happened=happened, carrier_order_id=number, at=timezone.now())
    work()
    order = only_order()
    assert order.status == ("waybill_created" if happened else "exception")
    assert TenantQuota.objects.get().monthly_used == (1 if happened else 0)
    with pytest.raises(NothingToDecide):
        decide_outcome(order_id=order.pk, happened=False, at=timezone.now())
    assert list(find_discrepancies()) == []


@pytest.mark.parametrize("step", ["create", "query"])
def test_a_number_that_comes_while_a_person_says_it_did_not_happen_is_kept(
    client: TenantClient, sandbox: Sandbox, work: Work, meanwhile: Callable[..., None], step: str
) -> None:
    if step == "query":
        sandbox.fault(CREATE, "accept_then_500")
    meanwhile(
        step, lambda order: decide_outcome(order_id=order.pk, happened=False, at=timezone.now())
    )
    client.post(URL, PARCEL)
    work()
    order = only_order()
    (parcel,) = sandbox.state()["parcels"]
    assert (order.status, order.asking) == ("exception", None)
    # Or a cancellation would end here, and a courier come all the same.
    assert order.cainiao_order_id == parcel["orderCode"]
    cancel_order(order_id=order.pk, reason="不寄了", at=timezone.now())
    work()
    (parcel,) = sandbox.state()["parcels"]
    assert (only_order().status, parcel["status"]) == ("cancelled", "cancelled")
    assert TenantQuota.objects.get().monthly_used == 0
    assert list(find_discrepancies()) == []


def test_looking_after_an_order_in_exception_fills_no_timeline(
    tell: Tell,
    work: Any,
    answer: Callable[..., None],
) -> None:
    tell("ISSUE")
    answer("query", Outcome.DONE, Found("LP", "", "exception", "ISSUE"))
    for _ in range(3):
        work.clock.move_to(timezone.now() + timedelta(hours=7))
        assert sync_quiet_orders(at=timezone.now()) == 1
        work()
    assert len(only_order().track_info or []) == 1


def test_a_waybill_that_comes_with_a_scan_fills_both_times(
    client: TenantClient, sandbox: Sandbox, work: Work, answer: Callable[..., None]
) -> None:
    CainiaoAccount.objects.update(waybill_at_order=True)
    answer("create_pickup", Outcome.DONE, Pickup("LP5", ""))
    client.post(URL, PARCEL)
    work()
    post(content(only_order(), "ACCEPT", mailNo="YT9"), sandbox.secret())
    work()
    order = only_order()
    assert order.waybill_time == order.waybill_get_time is not None
    assert QuotaDetail.objects.get().waybill_no == "YT9"


def test_a_key_whose_day_is_over_names_a_new_request(client: TenantClient) -> None:
    key = {"Idempotency-Key": "k"}
    client.post(URL, PARCEL, extra=key)
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert client.post(URL, {**PARCEL, "remark": "other"}, extra=key).status_code == 201
    assert ExpressOrder.objects.count() == 2


@pytest.mark.parametrize(
    "change", [{"receiver_name": ""}, {"remark": "a\x00"}, {"status": "signed"},
               {"receiver_phone": "1"}, {"remark": "x" * 501}]
)  # fmt: skip
def test_a_correction_no_column_may_hold_is_refused(
    client: TenantClient, work: Work, answer: Callable[..., None], change: dict[str, str]
) -> None:
    answer("find_branch", Outcome.REFUSED, code="X", message="no")
    client.post(URL, PARCEL)
    work()
    with pytest.raises(Malformed):
        resume_order(order_id=only_order().pk, at=timezone.now(), corrections=change)
    assert only_order().status == "exception"


def test_a_new_sender_is_given_a_new_branch(
    client: TenantClient, sandbox: Sandbox, work: Work
) -> None:
    sandbox.fault("TMS_WAYBILL_GET", "refuse", errorCode="B1", errorMsg="余额不足")
    client.post(URL, PARCEL)
    work()
    before = only_order()
    moved = {"sender_address": "广东省深圳市南山区科技园1号"}
    resume_order(order_id=before.pk, at=timezone.now(), corrections=moved)
    work()
    after = only_order()
    assert (after.status, after.sender_city) == ("waybill_created", "深圳市")
    assert after.branch_code != before.branch_code


def test_a_unit_returned_while_someone_resumes_is_noticed(
    tell: Tell,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from logistics.services import resuming

    order = tell("ISSUE")
    really = resuming.holds_unit

    def between(**who: Any) -> bool:
        held = really(**who)
        monkeypatch.setattr(resuming, "holds_unit", really)
        with transaction.atomic():
            row = ExpressOrder.objects.select_for_update().get(pk=order.pk)
            fail_order(row, reason="x", at=timezone.now())
        return held

    monkeypatch.setattr(resuming, "holds_unit", between)
    with pytest.raises(Outrun):
        resume_order(order_id=order.pk, at=timezone.now())
    assert only_order().status == "exception"
    assert TenantQuota.objects.get().monthly_used == 0


def test_one_item_that_breaks_costs_no_other_item_its_answer(
    client: TenantClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from logistics.api import tenant as api

    calls: list[int] = []

    def sometimes(**request: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise ZeroDivisionError
        return book_order(**request)

    monkeypatch.setattr(api, "book_order", sometimes)
    answered = client.post(f"{URL}/batch", {"items": [PARCEL] * 3})
    items = answered.json()["data"]["items"]
    assert [item["code"] for item in items] == [0, 1500, 0]
    assert ExpressOrder.objects.count() == 2


@pytest.mark.parametrize(
    "text",
    ["0001-01-01T00:00:00+14:00|1", "9999-12-31T23:59:59-14:00|1", "2026-01-01T00:00:00+00:00|-",
     f"2026-01-01T00:00:00+00:00|{'9' * 19}"],
)  # fmt: skip
def test_a_forged_cursor_is_no_accident_of_ours(client: TenantClient, text: str) -> None:
    cursor = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
    assert client.get(f"{URL}?cursor={cursor}").status_code in {200, 400}


def test_the_books_are_not_cried_wolf_over_while_orders_come_in(tenant: Tenant) -> None:
    TenantQuota.objects.update(monthly_free_quota=100_000)
    stop = threading.Event()

    def keep_booking() -> None:
        try:
            while not stop.is_set():
                book_order(draft=read_draft(PARCEL), tenant_id=tenant.pk, at=timezone.now())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=keep_booking) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        found = [row for _ in range(15) for row in find_discrepancies()]
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert found == []


def test_one_slow_call_keeps_nobody_else_waiting(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = time.monotonic()
    asked: list[float] = []

    def parse(self: Any, text: str) -> Reply[Place]:
        asked.append(time.monotonic() - begun)
        if "slow" in text:
            time.sleep(3)
        return Reply(Outcome.REFUSED, code="x", message="no")

    monkeypatch.setattr(CainiaoClient, "parse_address", parse)

    def book(address: str) -> None:
        draft = read_draft({**PARCEL, "receiver_address": address})
        book_order(draft=draft, tenant_id=tenant.pk, at=timezone.now())

    def book_later() -> None:
        time.sleep(0.3)
        book("浙江省")
        connections.close_all()

    book("slow")
    thread = threading.Thread(target=book_later)
    thread.start()
    drain(ORDERS, threads=8, seconds=5)
    thread.join()
    assert len(asked) == 2
    assert asked[1] < 2

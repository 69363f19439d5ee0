"""What the carrier tells us is stored once, acknowledged, and moves a parcel only forward."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from concurrent.futures import Future
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.models import SecurityEvent
from config.kernel.work import claim, drain
from config.kernel.work.finishing import finish_rows
from config.sandbox import Sandbox
from logistics.models import CainiaoAccount, CallbackRecord, ExpressOrder, FreightRevision
from logistics.services.handling import CALLBACKS
from logistics.services.replaying import replay_callback
from quotas.models import TenantQuota
from tests.factories import AccountFactory
from tests.logistics.conftest import (
    DOOR,
    FORM,
    PARCEL,
    URL,
    content,
    digest,
    only_order,
    post,
)
from tests.races import race
from tests.signing import TenantClient

pytestmark = pytest.mark.django_db(transaction=True)
Work = Callable[..., None]


def test_each_word_of_the_default_map_moves_the_order(tell: Callable[..., ExpressOrder]) -> None:
    for minutes, (word, status) in enumerate(
        [("ACCEPT", "dispatched"), ("GOT", "picked"), ("DEPARTURE", "in_transit"),
         ("SENT", "delivering"), ("SIGNED", "signed")]
    ):  # fmt: skip
        assert tell(word, minutes / 10).status == status


@pytest.mark.parametrize(
    ("code", "status"), [(400, "picked"), (475, "in_transit"), ("600", "delivering"),
                         (700, "exception"), (800, "rejected"), (950, "signed")]
)  # fmt: skip
def test_numbers_are_understood_too(
    tell: Callable[..., ExpressOrder], code: object, status: str
) -> None:
    assert tell(code).status == status


def test_an_unmapped_code_is_recorded_and_moves_nothing(
    tell: Callable[..., ExpressOrder],
) -> None:
    order = tell("STATION_HOLD")
    assert order.status == "waybill_created"
    event = (order.track_info or [])[-1]
    assert (event["status"], event["code"], event["applied"]) == (None, "STATION_HOLD", False)


def test_a_duplicate_is_acknowledged_and_has_no_second_effect(
    order: ExpressOrder, sandbox: Sandbox, work: Work
) -> None:
    text = content(order, "picked", freight="12.00", weight="1.5")
    for _ in range(3):
        assert post(text, sandbox.secret()).status_code == 200
        work()
    assert CallbackRecord.objects.count() == FreightRevision.objects.count() == 1
    assert len(only_order().track_info or []) == 1


def test_a_second_scan_of_one_type_is_not_swallowed(tell: Callable[..., ExpressOrder]) -> None:
    tell("in_transit", 0, statusDesc="到达杭州")
    order = tell("in_transit", 1, statusDesc="到达上海")
    assert CallbackRecord.objects.count() == 2
    assert [event["desc"] for event in order.track_info or []] == ["到达杭州", "到达上海"]


def test_a_late_scan_joins_the_timeline_and_moves_nothing_back(
    tell: Callable[..., ExpressOrder],
) -> None:
    tell("delivering", 5)
    order = tell("picked", -5)
    assert order.status == "delivering"
    assert [(e["status"], e["applied"]) for e in order.track_info or []] == [
        ("picked", False), ("delivering", True),
    ]  # fmt: skip
    assert order.pick_time is not None
    assert order.pick_time < timezone.now()
    assert order.last_track_desc == "状态 delivering"


def test_a_terminal_order_only_collects(tell: Callable[..., ExpressOrder]) -> None:
    tell("signed")
    for word in ("exception", "cancelled", "rejected", "delivering"):
        assert tell(word, 5).status == "signed"
    assert len(only_order().track_info or []) == 5


def test_an_exception_is_left_only_by_a_later_scan_that_is_ahead(
    tell: Callable[..., ExpressOrder],
) -> None:
    tell("in_transit", 0)
    assert tell("exception", 2).status == "exception"
    assert tell("delivering", 1).status == "exception"  # earlier than the exception
    assert tell("in_transit", 3).status == "exception"  # not ahead of where it was entered from
    assert tell("delivering", 4).status == "delivering"


def test_an_exception_that_was_overtaken_moves_nothing(
    tell: Callable[..., ExpressOrder],
) -> None:
    tell("delivering", 5)
    assert tell("exception", 1).status == "delivering"


def test_the_carriers_own_cancel_before_dispatch_cancels_and_returns_the_unit(
    tell: Callable[..., ExpressOrder],
) -> None:
    order = tell("cancelled")
    assert (order.status, order.waybill_status) == ("cancelled", "invalid")
    assert TenantQuota.objects.get().monthly_used == 0


def test_the_carriers_own_cancel_later_is_an_exception(tell: Callable[..., ExpressOrder]) -> None:
    tell("picked")
    order = tell("cancelled", 1)
    assert (order.status, order.exception_from) == ("exception", "picked")
    assert TenantQuota.objects.get().monthly_used == 1


def test_freight_is_revised_and_the_newest_counts(tell: Callable[..., ExpressOrder]) -> None:
    tell("picked", 0, freight="12.00", weight="1.500")
    tell("in_transit", 2, freight=15.5, weight=2)
    order = tell("in_transit", 1, statusDesc="迟到", freight="13.00", weight="1.6")
    assert FreightRevision.objects.count() == 3
    assert str(order.freight) == "15.50"
    assert str(order.weight) == "1.250"


@pytest.mark.parametrize("freight", ["NaN", "-1", "1e30", "免费", [], "12.345", True])
def test_an_absurd_freight_is_left_out(tell: Callable[..., ExpressOrder], freight: Any) -> None:
    order = tell("picked", freight=freight)
    assert order.status == "picked"
    assert str(order.freight) in {"0.00", "12.35", "12.34"}


def test_what_does_not_verify_is_no_record(order: ExpressOrder, sandbox: Sandbox) -> None:
    answer = post(content(order, "signed"), "another secret")
    assert answer.status_code == 401
    body = answer.json()
    assert (body["success"], body["errorCode"]) == (False, "S02")
    assert body["errorMsg"]
    assert not CallbackRecord.objects.exists()
    event = SecurityEvent.objects.get()
    assert len(event.digest) == 64
    # The forged one cannot pre-empt the true one.
    assert post(content(order, "signed"), sandbox.secret()).status_code == 200


def test_the_security_log_cannot_be_flooded(order: ExpressOrder) -> None:
    for n in range(70):
        assert post(content(order, n), "wrong").status_code == 401
    assert SecurityEvent.objects.count() <= 60  # thirty a minute, and a minute may turn


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", FORM), (b"logistics_interface=%7B%7D", FORM), (b"nonsense", FORM),
        (b"logistics_interface=a&logistics_interface=b&data_digest=c", FORM),
        (b"{", "application/json"), (b"[]", "application/json"),
        (b'{"logistics_interface": 5, "data_digest": "x"}', "application/json"),
        (b"\xff\xfe\x00", FORM),
    ],
)  # fmt: skip
def test_a_malformed_envelope_is_400(sandbox: Sandbox, body: bytes, content_type: str) -> None:
    answer = Client().post(DOOR, body, content_type=content_type)
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "S01")
    assert not CallbackRecord.objects.exists()


def test_an_oversized_body_is_413(sandbox: Sandbox) -> None:
    answer = Client().post(DOOR, b"x" * 300_000, content_type=FORM)
    assert (answer.status_code, answer.json()["errorCode"]) == (413, "S01")


def test_another_method_is_405(sandbox: Sandbox) -> None:
    assert Client().get(DOOR).status_code == 405


def test_a_json_body_with_the_same_members_is_accepted(
    order: ExpressOrder, sandbox: Sandbox, work: Work
) -> None:
    text = content(order, "picked")
    body = {"logistics_interface": text, "data_digest": digest(text.encode(), sandbox.secret())}
    answer = Client().post(DOOR, json.dumps(body), content_type="application/json")
    assert answer.json() == {"success": True}
    work()
    assert only_order().status == "picked"


def test_gbk_is_verified_on_its_bytes_and_read(
    order: ExpressOrder, sandbox: Sandbox, work: Work
) -> None:
    raw = content(order, "picked", courierName="王小二").encode("gbk")
    form = urlencode({"logistics_interface": raw, "data_digest": digest(raw, sandbox.secret())})
    answer = Client().post(DOOR, form, content_type=f"{FORM}; charset=GBK")
    assert answer.status_code == 200
    work()
    assert only_order().courier_name == "王小二"


def test_the_callback_secret_takes_the_place_of_the_app_secret(
    order: ExpressOrder, sandbox: Sandbox
) -> None:
    row = CainiaoAccount.objects.get()
    row.callback_secret = "for callbacks"
    row.save()
    assert post(content(order, "picked"), sandbox.secret()).status_code == 401
    assert post(content(order, "picked"), "for callbacks").status_code == 200


def test_another_accounts_callback_moves_none_of_this_ones_orders(
    order: ExpressOrder, work: Work
) -> None:
    AccountFactory(mode="test", app_key="other", app_secret="other secret")
    assert post(content(order, "signed"), "other secret").status_code == 200
    work(within=timedelta(seconds=1))
    assert only_order().status == "waybill_created"
    assert CallbackRecord.objects.get().order_id is None


def test_numbers_of_two_orders_are_recorded_and_move_neither(
    client: TenantClient, order: ExpressOrder, sandbox: Sandbox, work: Work
) -> None:
    client.post(URL, PARCEL)
    work()
    other = ExpressOrder.objects.exclude(pk=order.pk).get()
    text = content(order, "signed", tradeOrderNo=other.order_no)
    assert post(text, sandbox.secret()).status_code == 200
    work()
    assert set(ExpressOrder.objects.values_list("status", flat=True)) == {"waybill_created"}
    assert "两个订单" in str(CallbackRecord.objects.get().process_result)


def test_an_unknown_order_is_recorded_and_handled_when_its_number_is_known(
    client: TenantClient, sandbox: Sandbox, work: Work
) -> None:
    text = content(None, "dispatched", orderCode="LP-EARLY")
    assert post(text, sandbox.secret()).json() == {"success": True}
    work(within=timedelta(seconds=1))
    record = CallbackRecord.objects.get()
    assert (record.processed, record.order_id) == (False, None)
    client.post(URL, PARCEL)
    ExpressOrder.objects.update(due_at=None)
    from django.db import transaction

    from logistics.services.settling import settle_create

    with transaction.atomic():
        settle_create(only_order(), "LP-EARLY", "", timezone.now())
    CallbackRecord.objects.update(lease_token=None)
    work()
    assert only_order().status == "dispatched"
    assert CallbackRecord.objects.get().processed


def test_the_id_is_number_type_and_digest_of_the_content(
    order: ExpressOrder, sandbox: Sandbox
) -> None:
    text = content(order, "picked")
    post(text, sandbox.secret())
    expected = hashlib.sha256(text.encode()).hexdigest()[:32]
    record = CallbackRecord.objects.get()
    assert record.callback_id == f"{order.cainiao_order_id}:picked:{expected}"
    assert (record.callback_type, record.cainiao_order_id) == ("picked", order.cainiao_order_id)
    post(content(None, "picked"), sandbox.secret())
    assert CallbackRecord.objects.latest("id").callback_id.startswith("-:picked:")


def test_evidence_is_encrypted_and_shown_masked(order: ExpressOrder, sandbox: Sandbox) -> None:
    from django.db import connection

    post(
        content(order, "picked", courierName="王小二", courierPhone="13912345678"), sandbox.secret()
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT raw_body, raw_data FROM platform_callback_records")
        raw, shown = cursor.fetchone()
    assert b"13912345678" not in bytes(raw)
    assert "13912345678" not in str(shown)
    assert "王小二" not in str(shown)


def test_verified_gibberish_is_kept_as_evidence(
    order: ExpressOrder, sandbox: Sandbox, work: Work
) -> None:
    assert post("不是 JSON", sandbox.secret()).status_code == 200
    work()
    assert "无法识别" in str(CallbackRecord.objects.get().process_result)


@pytest.mark.parametrize("value", ["NaN", "1e999", "-Infinity", '"\\u0000\\ud800"', "9" * 400])
def test_numbers_and_texts_no_database_holds_are_still_evidence(
    order: ExpressOrder, sandbox: Sandbox, work: Work, value: str
) -> None:
    text = content(order, "picked")[:-1] + f', "odd": {value}}}'
    assert post(text, sandbox.secret()).status_code == 200
    work()
    assert CallbackRecord.objects.get().processed
    assert only_order().status == "picked"


def test_a_replay_has_no_second_effect(tell: Callable[..., ExpressOrder], work: Work) -> None:
    before = tell("picked", freight="9.00")
    record = CallbackRecord.objects.get()
    replay_callback(record_id=record.pk, at=timezone.now())
    work()
    call_command("replay_callback", str(record.pk))
    after = only_order()
    assert (after.status, after.track_info) == (before.status, before.track_info)
    assert FreightRevision.objects.count() == 1


def test_a_replay_while_a_worker_has_the_callback_in_hand_is_not_lost(
    order: ExpressOrder, sandbox: Sandbox
) -> None:
    for minutes in (1, 2):
        post(content(order, "GOT", minutes), sandbox.secret())
    in_hand = claim(CallbackRecord, at=timezone.now(), lease=CALLBACKS.lease, limit=2)
    assert len(in_hand) == 2
    replay_callback(record_id=in_hand[0].pk, at=timezone.now())
    answered: Future[Any] = Future()
    answered.set_result(None)
    finish_rows(CALLBACKS, [(row, answered) for row in in_hand])
    done = CallbackRecord.objects.order_by("pk").values_list("processed", "lease_token")
    assert list(done) == [(False, None), (True, None)]
    assert drain(CALLBACKS) == 1
    assert not CallbackRecord.objects.exclude(processed=True, due_at=None).exists()


def test_a_replay_after_the_map_learned_a_code_moves_the_order(
    tell: Callable[..., ExpressOrder], work: Work
) -> None:
    from logistics.services.accounts import forget_cached_accounts

    assert tell("AT_THE_DOOR").status == "waybill_created"
    CainiaoAccount.objects.update(status_map={"AT_THE_DOOR": "delivering"})
    forget_cached_accounts()
    replay_callback(record_id=CallbackRecord.objects.get().pk, at=timezone.now())
    work()
    order = only_order()
    assert order.status == "delivering"
    assert [event["applied"] for event in order.track_info or []] == [True]


def test_many_sending_one_callback_at_once_store_it_once(
    order: ExpressOrder, sandbox: Sandbox, work: Work
) -> None:
    text = content(order, "picked")
    results = race([lambda: post(text, sandbox.secret()).status_code] * 12)
    assert results == [200] * 12
    assert CallbackRecord.objects.count() == 1


def test_workers_racing_over_one_orders_callbacks_lose_none(
    order: ExpressOrder, sandbox: Sandbox, work: Work
) -> None:
    from config.kernel.work import drain
    from logistics.services.handling import CALLBACKS

    for n in range(20):
        post(content(order, "in_transit", n / 100, statusDesc=f"第{n}站"), sandbox.secret())
    results = race([lambda: drain(CALLBACKS)] * 6)
    assert not [result for result in results if isinstance(result, Exception)]
    work()
    order = only_order()
    assert order.status == "in_transit"
    assert len(order.track_info or []) == 20
    assert not CallbackRecord.objects.filter(processed=False).exists()


@pytest.mark.parametrize(
    "fault", ["drop", "delay", "duplicate", "reorder", "wrong_signature", "gbk"]
)
def test_a_whole_journey_survives_each_fault_of_the_sender(
    client: TenantClient, sandbox: Sandbox, work: Work, pass_time: Any, fault: str
) -> None:
    sandbox.fault("callback", fault, times=2, delay_s=3600)
    client.post(URL, PARCEL)
    work()
    pass_time(72 * 3600)
    work()
    assert only_order().status == "signed"


def test_accounts_that_share_a_secret_each_get_their_own_orders_callbacks(
    order: ExpressOrder, tenant: Any, sandbox: Sandbox, work: Work, settings: Any
) -> None:
    """The demo's live account and the built-in one of test orders, pointed at one sandbox."""
    from tests.factories import issue

    settings.SANDBOX_URL, settings.SECRET_KEY = sandbox.url, "sandbox"
    live, test = TenantClient(*issue(tenant)), TenantClient(*issue(tenant, "test"))
    test.post(URL, PARCEL)
    work()
    tested = ExpressOrder.objects.get(is_test=True)
    live.post(URL, PARCEL)  # not booked outside yet: it has no number of the carrier's
    for one in (tested, order):
        for more in ({}, {"tradeOrderNo": ""}, {"orderCode": ""}):
            text = content(one, "picked", statusDesc=f"{len(more)}", **more)
            assert post(text, sandbox.secret()).status_code == 200
    drain(CALLBACKS)
    assert not CallbackRecord.objects.filter(processed=False).exists()
    for one in (tested, order):
        one.refresh_from_db()
        assert one.status == "picked"

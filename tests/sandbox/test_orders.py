"""Pick-up orders are created once per number, cancelled until picked up, and misuse is counted."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from typing import Any

import pytest

from config.sandbox import Sandbox, running
from tests.sandbox.wire import CANCEL, CREATE, QUERY, RECEIVER, WAYBILL, ask, order, waybill


def kinds(sandbox: Sandbox) -> list[str]:
    return [row["kind"] for row in sandbox.state()["violations"]]


def number_of(sandbox: Sandbox, trade_order_no: str) -> str:
    issued = ask(sandbox, WAYBILL, waybill(trade_order_no))["waybillCloudPrintResponseList"]
    return str(issued[0]["waybillCode"])


def test_an_order_with_a_waybill_travels_under_its_number(sandbox: Sandbox) -> None:
    code = number_of(sandbox, "N1")
    answer = ask(sandbox, CREATE, order("N1", waybillCode=code))
    assert answer == {"success": True, "orderCode": answer["orderCode"], "mailNo": code}
    assert answer["orderCode"].startswith("LP")


def test_an_order_without_a_waybill_is_given_its_number(sandbox: Sandbox) -> None:
    answer = ask(sandbox, CREATE, order("N1", cpCode="SF"))
    assert answer["mailNo"].startswith("SF")


def test_the_receiver_may_be_called_recipient(sandbox: Sandbox) -> None:
    content = order("N1")
    content["recipient"] = content.pop("receiver")
    assert ask(sandbox, CREATE, content)["success"] is True


def test_a_second_create_is_refused_and_counted(sandbox: Sandbox) -> None:
    first = ask(sandbox, CREATE, order("N1"))
    again = ask(sandbox, CREATE, order("N1"))
    assert (again["success"], again["errorCode"]) == (False, "ORDER_EXISTS")
    parcel = sandbox.parcel("N1")
    assert parcel is not None
    assert (parcel["creates_received"], parcel["creates_accepted"]) == (2, 1)
    assert parcel["orderCode"] == first["orderCode"]
    assert kinds(sandbox) == ["repeated_create"]


def test_a_create_after_a_refused_one_is_no_violation(sandbox: Sandbox) -> None:
    assert ask(sandbox, CREATE, order("N1", goodsCount=0))["errorCode"] == "ILLEGAL_PARAM"
    assert sandbox.parcel("N1")["status"] is None  # type: ignore[index]
    assert ask(sandbox, CREATE, order("N1"))["success"] is True
    assert kinds(sandbox) == []


def test_creating_anew_under_another_number_after_silence_is_counted(sandbox: Sandbox) -> None:
    sandbox.fault(CREATE, "accept_then_timeout")
    with pytest.raises(http.client.RemoteDisconnected):
        ask(sandbox, CREATE, order("N1"))
    assert ask(sandbox, CREATE, order("N2"))["success"] is True
    assert kinds(sandbox) == ["created_under_another_number"]


def test_asking_first_settles_a_create_that_went_unanswered(sandbox: Sandbox) -> None:
    sandbox.fault(CREATE, "accept_then_500")
    with pytest.raises(AssertionError, match="500"):
        ask(sandbox, CREATE, order("N1"))
    assert ask(sandbox, QUERY, {"tradeOrderNo": "N1"})["success"] is True
    ask(sandbox, CREATE, order("N2"))
    assert kinds(sandbox) == []


def test_a_not_found_is_too_little_to_create_under_another_number(sandbox: Sandbox) -> None:
    sandbox.fault(CREATE, "drop")
    with pytest.raises(http.client.RemoteDisconnected):
        ask(sandbox, CREATE, order("N1"))
    assert ask(sandbox, QUERY, {"tradeOrderNo": "N1"})["errorCode"] == "ORDER_NOT_FOUND"
    ask(sandbox, CREATE, order("N2"))
    assert kinds(sandbox) == ["created_under_another_number"]


def test_creating_again_under_the_same_number_after_a_drop_is_right(sandbox: Sandbox) -> None:
    sandbox.fault(CREATE, "drop")
    with pytest.raises(http.client.RemoteDisconnected):
        ask(sandbox, CREATE, order("N1"))
    assert ask(sandbox, CREATE, order("N1"))["success"] is True
    ask(sandbox, CREATE, order("N2"))
    assert kinds(sandbox) == []


def test_a_waybill_of_another_order_is_refused(sandbox: Sandbox) -> None:
    code = number_of(sandbox, "N1")
    assert ask(sandbox, CREATE, order("N2", waybillCode=code))["errorCode"] == "WAYBILL_NOT_FOUND"
    ask(sandbox, CREATE, order("N1", waybillCode=code))
    assert ask(sandbox, CREATE, order("N3", waybillCode=code))["errorCode"] == "WAYBILL_USED"
    assert kinds(sandbox) == ["reused_waybill"]
    invented = ask(sandbox, CREATE, order("N4", waybillCode="YT0000000000001"))
    assert invented["errorCode"] == "WAYBILL_NOT_FOUND"


def test_a_waybill_issued_before_a_restart_is_still_good(sandbox: Sandbox) -> None:
    code = number_of(sandbox, "N1")
    with running() as restarted:
        answer = ask(restarted, CREATE, order("N1", waybillCode=code))
    assert answer["mailNo"] == code


def _receiver(**changed: Any) -> dict[str, Any]:
    return {**deepcopy(RECEIVER), **changed}


WRONG: dict[str, dict[str, Any]] = {
    "number missing": {"tradeOrderNo": None},
    "number signs": {"tradeOrderNo": "N 1"},
    "number long": {"tradeOrderNo": "N" * 65},
    "cpCode": {"cpCode": ""},
    "sender": {"sender": None},
    "receiver": {"receiver": "李雷"},
    "receiver name": {"receiver": _receiver(name="李雷🎁")},
    "receiver phone": {"receiver": _receiver(phone="")},
    "goodsCount": {"goodsCount": 0},
    "weight": {"weight": "1.2"},
    "volume": {"volume": 1.5},
    "remark": {"remark": "x" * 501},
    "payMethod": {"payMethod": 1},
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_field_is_refused_and_nothing_sets_out(sandbox: Sandbox, wrong: str) -> None:
    answer = ask(sandbox, CREATE, order("N1") | WRONG[wrong])
    assert (answer["success"], answer["errorCode"]) == (False, "ILLEGAL_PARAM")
    assert sandbox.state()["pending"] == 0
    assert all(row["orderCode"] is None for row in sandbox.state()["parcels"])


def test_a_cancel_is_repeatable_and_stops_the_journey(sandbox: Sandbox) -> None:
    code = ask(sandbox, CREATE, order("N1"))["orderCode"]
    question = {"orderCode": code, "tradeOrderNo": "N1", "reason": "不寄了"}
    assert ask(sandbox, CANCEL, question) == {"success": True, "orderCode": code}
    assert ask(sandbox, CANCEL, question) == {"success": True, "orderCode": code}
    assert ask(sandbox, CANCEL, {"orderCode": code})["success"] is True
    sent = sandbox.step(200_000)
    assert [row["status"] for row in sent] == ["cancelled"]
    parcel = sandbox.parcel("N1")
    assert parcel is not None
    assert (parcel["status"], parcel["cancels_received"], parcel["cancels_accepted"]) == (
        "cancelled", 3, 3,
    )  # fmt: skip
    assert ask(sandbox, CREATE, order("N1"))["errorCode"] == "ORDER_EXISTS"


def test_a_courier_can_be_called_off_until_the_pick_up(sandbox: Sandbox) -> None:
    for trade_order_no in ("N1", "N2"):
        ask(sandbox, CREATE, order(trade_order_no))
    sandbox.step(600)
    assert sandbox.parcel("N1")["status"] == "dispatched"  # type: ignore[index]
    assert ask(sandbox, CANCEL, {"tradeOrderNo": "N1"})["success"] is True
    sandbox.step(3600)
    assert ask(sandbox, CANCEL, {"tradeOrderNo": "N2"})["errorCode"] == "ORDER_PICKED"
    assert sandbox.parcel("N2")["status"] == "picked"  # type: ignore[index]


def test_a_cancel_of_an_unknown_or_contradictory_number_is_refused(sandbox: Sandbox) -> None:
    code = ask(sandbox, CREATE, order("N1"))["orderCode"]
    ask(sandbox, CREATE, order("N2"))
    for question in (
        {"tradeOrderNo": "N9"},
        {"orderCode": "LP9"},
        {"orderCode": code, "tradeOrderNo": "N2"},
    ):
        assert ask(sandbox, CANCEL, question)["errorCode"] == "ORDER_NOT_FOUND"
    assert ask(sandbox, CANCEL, {"reason": "x"})["errorCode"] == "ILLEGAL_PARAM"
    assert sandbox.parcel("N2")["status"] == "created"  # type: ignore[index]


def _at_once(count: int, work: Callable[[int], Any]) -> list[Any]:
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(work, range(count)))


def test_sixteen_creates_of_one_number_make_one_order(sandbox: Sandbox) -> None:
    answers = _at_once(16, lambda _: ask(sandbox, CREATE, order("N1")))
    assert sum(answer["success"] for answer in answers) == 1
    assert {answer.get("errorCode") for answer in answers} == {None, "ORDER_EXISTS"}
    parcel = sandbox.parcel("N1")
    assert parcel is not None
    assert (parcel["creates_received"], parcel["creates_accepted"]) == (16, 1)
    assert kinds(sandbox) == ["repeated_create"] * 15


def test_sixteen_threads_create_their_own_orders_without_mixing_them(sandbox: Sandbox) -> None:
    def work(thread: int) -> list[Any]:
        names = [f"T{thread}-{position}" for position in range(8)]
        return [
            (ask(sandbox, WAYBILL, waybill(name)), ask(sandbox, CREATE, order(name)))
            for name in names
        ]

    answers = [pair for pairs in _at_once(16, work) for pair in pairs]
    assert all(first["success"] and second["success"] for first, second in answers)
    assert len({created["orderCode"] for _, created in answers}) == 128
    assert len({created["mailNo"] for _, created in answers}) == 128
    state = sandbox.state()
    assert len(state["parcels"]) == 128
    assert state["pending"] == 128
    assert state["violations"] == []

"""Each injected fault of a request does what its name says, once, and nothing besides."""

from __future__ import annotations

import http.client
import json
import time
from typing import Any
from urllib.parse import urlencode

import pytest

from config.sandbox import Sandbox
from tests.sandbox.wire import CREATE, QUERY, WAYBILL, ask, link_form, order, post, waybill


def raw(sandbox: Sandbox, trade_order_no: str = "N1", timeout: float = 10) -> Any:
    body = urlencode(link_form(sandbox, CREATE, order(trade_order_no))).encode()
    return post(sandbox.cainiao_url, body, timeout=timeout)


def accepted(sandbox: Sandbox) -> bool:
    parcel = sandbox.parcel("N1")
    assert parcel is not None
    assert parcel["creates_received"] == 1
    assert parcel["requests"][0]["outcome"] in ("not handled", "success")
    return bool(parcel["creates_accepted"] == 1)


@pytest.mark.parametrize(("kind", "handled"), [("drop", False), ("accept_then_timeout", True)])
def test_a_cut_connection_leaves_no_answer(sandbox: Sandbox, kind: str, handled: bool) -> None:
    sandbox.fault(CREATE, kind)
    with pytest.raises(http.client.RemoteDisconnected):
        raw(sandbox)
    assert accepted(sandbox) is handled
    assert (sandbox.parcel("N1")["orderCode"] is not None) is handled  # type: ignore[index]


@pytest.mark.parametrize(
    ("kind", "handled"), [("timeout_before", False), ("accept_then_timeout", True)]
)
def test_a_held_connection_outlasts_the_clients_patience(
    sandbox: Sandbox, kind: str, handled: bool
) -> None:
    sandbox.fault(CREATE, kind, delay_s=30)
    with pytest.raises(TimeoutError):
        raw(sandbox, timeout=0.3)
    assert accepted(sandbox) is handled


def test_a_delayed_answer_comes_whole(sandbox: Sandbox) -> None:
    sandbox.fault(CREATE, "delay", delay_s=0.3)
    begun = time.monotonic()
    status, _, body = raw(sandbox)
    assert time.monotonic() - begun >= 0.3
    assert (status, json.loads(body)["success"]) == (200, True)


@pytest.mark.parametrize(("kind", "handled"), [("error_500", False), ("accept_then_500", True)])
def test_a_500_tells_nothing(sandbox: Sandbox, kind: str, handled: bool) -> None:
    sandbox.fault(CREATE, kind)
    status, _, body = raw(sandbox)
    assert status == 500
    assert b"html" in body
    assert accepted(sandbox) is handled


@pytest.mark.parametrize(("kind", "handled"), [("malformed", False), ("malformed_accept", True)])
def test_gibberish_tells_nothing(sandbox: Sandbox, kind: str, handled: bool) -> None:
    sandbox.fault(CREATE, kind)
    status, headers, body = raw(sandbox)
    assert (status, headers["Content-Type"]) == (200, "application/json;charset=UTF-8")
    with pytest.raises(ValueError, match="codec"):
        json.loads(body)
    assert accepted(sandbox) is handled


def test_a_refusal_says_what_was_asked_for(sandbox: Sandbox) -> None:
    sandbox.fault(CREATE, "refuse", errorCode="B0001", errorMsg="网点停运")
    answer = ask(sandbox, CREATE, order("N1"))
    assert answer == {"success": False, "errorCode": "B0001", "errorMsg": "网点停运"}
    assert sandbox.parcel("N1")["requests"][0]["outcome"] == "B0001"  # type: ignore[index]
    assert ask(sandbox, CREATE, order("N1"))["success"] is True


def test_a_bad_auth_says_s02_of_a_right_signature(sandbox: Sandbox) -> None:
    sandbox.fault(CREATE, "bad_auth")
    assert ask(sandbox, CREATE, order("N1"))["errorCode"] == "S02"
    assert sandbox.parcel("N1")["orderCode"] is None  # type: ignore[index]


def test_an_answer_in_xml_comes_though_json_was_sent(sandbox: Sandbox) -> None:
    sandbox.fault(CREATE, "xml")
    _, headers, body = raw(sandbox)
    assert headers["Content-Type"] == "text/xml;charset=UTF-8"
    assert b"<response><success>true</success><orderCode>LP" in body
    assert accepted(sandbox)


def test_success_may_be_a_string(sandbox: Sandbox) -> None:
    sandbox.fault("*", "string_success", times=2)
    assert ask(sandbox, CREATE, order("N1"))["success"] == "true"
    assert ask(sandbox, CREATE, order("N1"))["success"] == "false"
    assert ask(sandbox, CREATE, order("N1"))["success"] is False


def test_an_error_text_may_be_huge(sandbox: Sandbox) -> None:
    sandbox.fault(CREATE, "huge")
    answer = ask(sandbox, CREATE, order("N1"))
    assert len(answer["errorMsg"].encode()) > 10_000
    assert answer["success"] is False


def test_a_dripping_answer_comes_byte_by_byte(sandbox: Sandbox) -> None:
    sandbox.fault(CREATE, "drip", delay_s=0.005)
    begun = time.monotonic()
    _, _, body = raw(sandbox)
    assert time.monotonic() - begun > 0.005 * len(body) * 0.9
    assert json.loads(body)["success"] is True
    assert accepted(sandbox)


def test_a_redirect_leads_nowhere(sandbox: Sandbox) -> None:
    sandbox.fault(CREATE, "redirect")
    status, headers, _ = raw(sandbox)
    assert status == 302
    assert post(f"{sandbox.url}{headers['Location']}", b"")[0] == 404
    assert not accepted(sandbox)


def test_a_fault_is_used_as_often_as_asked_for(sandbox: Sandbox) -> None:
    sandbox.fault(QUERY, "refuse", times=2, after=1, errorCode="B")
    codes = [ask(sandbox, QUERY, {"tradeOrderNo": "N1"})["errorCode"] for _ in range(4)]
    assert codes == ["ORDER_NOT_FOUND", "B", "B", "ORDER_NOT_FOUND"]
    sandbox.fault(QUERY, "refuse", times=None, errorCode="B")
    assert {ask(sandbox, QUERY, {"tradeOrderNo": "N1"})["errorCode"] for _ in range(5)} == {"B"}
    sandbox.control("faults", method="DELETE")
    assert ask(sandbox, QUERY, {"tradeOrderNo": "N1"})["errorCode"] == "ORDER_NOT_FOUND"


def test_a_fault_meets_only_what_it_matches(sandbox: Sandbox) -> None:
    sandbox.fault("*", "refuse", times=None, match={"tradeOrderNo": "N2"}, errorCode="B")
    assert ask(sandbox, CREATE, order("N1"))["success"] is True
    assert ask(sandbox, WAYBILL, waybill("N1"))["success"] is True
    assert ask(sandbox, CREATE, order("N2"))["errorCode"] == "B"
    assert ask(sandbox, WAYBILL, waybill("N2"))["errorCode"] == "B"


def test_an_unproven_request_uses_up_no_fault(sandbox: Sandbox) -> None:
    sandbox.fault(CREATE, "refuse", errorCode="B")
    assert ask(sandbox, CREATE, order("N1"), secret="wrong")["errorCode"] == "S02"
    assert ask(sandbox, CREATE, order("N1"))["errorCode"] == "B"

"""Whatever a carrier answers, or does not, is one of four outcomes: never an exception, never late.

The adapter is the production one and so is the masking of its call log; only the wire is ours.
"""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.kernel.http import Answer, NoAnswer, NotSent, Outcome, Partner
from logistics.carriers.base import Party, Place, Reply, Shipment
from logistics.carriers.cainiao.client import CainiaoClient
from tests.proofs.fuzz.budget import examples
from tests.proofs.fuzz.contents import CHARSETS, PROLOGUES, STATUSES, TIMES, values

pytestmark = pytest.mark.timeout(900)
SLOWEST = 2.0
PLACE = Place("浙江省", "杭州市", "余杭区", "", "文一西路969号")
PARTY = Party("张三", "13800138000", PLACE)
SHIPMENT = Shipment("EX1", "YTO", PARTY, PARTY)
ASKING: dict[str, Callable[[CainiaoClient], Reply[Any]]] = {
    "parse_address": lambda carrier: carrier.parse_address("浙江省杭州市"),
    "find_branch": lambda carrier: carrier.find_branch("YTO", PLACE),
    "get_waybill": lambda carrier: carrier.get_waybill(SHIPMENT),
    "create_pickup": lambda carrier: carrier.create_pickup(SHIPMENT),
    "cancel_pickup": lambda carrier: carrier.cancel_pickup("EX1", "LP1", "不要了"),
    "query": lambda carrier: carrier.query("EX1"),
    "track": lambda carrier: carrier.track("YTO", "YT1"),
}
CHANGING = {"get_waybill", "create_pickup", "cancel_pickup"}
GOOD: dict[str, dict[str, Any]] = {
    "parse_address": {
        "province": "浙江省",
        "city": "杭州市",
        "district": "余杭区",
        "detail": "1号",
    },
    "find_branch": {"branchList": [{"branchCode": "B1", "branchName": "余杭", "branchPhone": "0"}]},
    "get_waybill": {
        "waybillCloudPrintResponseList": [
            {"objectId": "EX1", "waybillCode": "YT1", "printData": '{"signature": "MD:x"}'}
        ]
    },
    "create_pickup": {"orderCode": "LP1", "mailNo": "YT1", "tradeOrderNo": "EX1"},
    "cancel_pickup": {},
    "query": {"orderCode": "LP1", "mailNo": "YT1", "status": "GOT", "tradeOrderNo": "EX1"},
    "track": {
        "fullTraceDetail": [{"time": "2026-11-21 12:00:00", "status": "GOT", "desc": "揽收"}]
    },
}


class Wire(Partner):
    """A partner without a network: what comes back is what the test says."""

    def __init__(self, comes: Answer | Exception) -> None:
        super().__init__("fuzz")
        self.comes = comes

    def call(self, *_: Any, **__: Any) -> Answer:
        if isinstance(self.comes, Exception):
            raise self.comes
        return self.comes


@st.composite
def spoilt(draw: st.DrawFn, value: Any) -> Any:
    """The value as it should be, or something else in any place of it."""
    if draw(st.integers(0, 9)) == 0:
        return draw(values | st.sampled_from(STATUSES) | st.sampled_from(TIMES))
    if isinstance(value, dict):
        kept = {name: draw(spoilt(inner)) for name, inner in value.items()}
        if kept and draw(st.integers(0, 9)) == 0:
            del kept[draw(st.sampled_from(sorted(kept)))]
        return kept
    if isinstance(value, list):
        return [draw(spoilt(inner)) for inner in value] * draw(st.sampled_from([1, 1, 1, 0, 2]))
    return value


VERDICTS: tuple[dict[str, Any], ...] = (
    {"success": True}, {"success": True}, {"success": "true"}, {"success": "T"},
    {"is_success": "t"},
    {"success": False, "errorCode": "B01", "errorMsg": "张三 13800138000 不存在"},
    {"success": False, "errorCode": "S02"}, {"success": "false", "errorCode": {"a": 1}},
    {"success": False, "errorCode": "ORDER_NOT_FOUND"}, {"success": None}, {"success": "maybe"}, {},
    {"responseItems": [{"response": {"success": False, "reason": "S02"}}]},
    {"responseItems": {"response": {"response": {"response": []}}}},
)  # fmt: skip


@st.composite
def answers(draw: st.DrawFn, kind: str) -> bytes:
    """An answer's body: JSON or XML, in any charset, whole or not."""
    fields = draw(spoilt(GOOD[kind]))
    told = draw(st.sampled_from(VERDICTS)) | (fields if isinstance(fields, dict) else {})
    if draw(st.integers(0, 4)) == 0:
        told = {"success": told.pop("success", None), "data": told}
    if draw(st.integers(0, 3)):
        text = json.dumps(told, ensure_ascii=draw(st.booleans()))
    else:
        text = draw(st.sampled_from(PROLOGUES)) + xml("response", told)
    text = draw(st.sampled_from([text] * 6 + ["", "<a>" * 10_000, "[" * 20_000, "null", "&x;"]))
    raw = text.encode(draw(st.sampled_from(CHARSETS)), "replace")
    if draw(st.integers(0, 5)) == 0 and raw:
        at = draw(st.integers(0, len(raw) - 1))
        raw = raw[:at] + draw(st.binary(max_size=3)) + raw[at + draw(st.integers(0, 2)) :]
    return raw


def xml(name: str, value: Any) -> str:
    if isinstance(value, dict):
        inner = "".join(xml(str(key), each) for key, each in value.items())
    elif isinstance(value, list):
        inner = "".join(xml("item", each) for each in value)
    else:
        inner = escape(str(value))
    return f"<{name}>{inner}</{name}>"


failures = st.sampled_from([NotSent("refused"), NoAnswer("timed out")])
codes = st.sampled_from([200] * 8 + [201, 204, 301, 400, 401, 404, 413, 429, 500, 502, 503, 999])


@pytest.mark.parametrize("kind", ASKING)
def test_every_answer_becomes_one_of_the_outcomes_in_time(kind: str) -> None:
    heard = Counter[str]()

    @examples(400)
    @given(st.one_of(*[answers(kind)] * 9, failures), codes)
    def asking(comes: bytes | Exception, status: int) -> None:
        answer = comes if isinstance(comes, Exception) else Answer(status, {}, comes, 1)
        carrier = CainiaoClient.from_account(
            app_key="k", app_secret="s", endpoint_url="http://127.0.0.1:9/"
        )
        carrier._partner = Wire(answer)
        began = time.perf_counter()
        reply = ASKING[kind](carrier)
        assert time.perf_counter() - began < SLOWEST
        heard[reply.outcome] += 1
        assert reply.outcome in Outcome
        assert len(reply.calls) == 1
        assert not re.search(r"张三 13800138000(?!\d)", repr(reply))
        assert "root:" not in repr(reply), "an external entity was read"
        if reply.outcome is not Outcome.DONE:
            assert reply.value is None
        if isinstance(answer, NotSent):
            assert reply.outcome is Outcome.RETRY
        elif isinstance(answer, Exception) or status >= 500 or 300 <= status < 400:
            assert reply.outcome is (Outcome.UNKNOWN if kind in CHANGING else Outcome.RETRY)
        elif b"<!DOCTYPE" in answer.body:
            assert reply.outcome not in {Outcome.DONE, Outcome.REFUSED}
        if reply.outcome is Outcome.REFUSED:
            assert b"f" in answer.body.lower().replace(b"\x00", b"")  # type: ignore[union-attr]

    asking()
    print(kind, dict(heard))
    expected = {Outcome.DONE, Outcome.REFUSED, Outcome.RETRY}
    assert set(heard) >= expected | ({Outcome.UNKNOWN} if kind in CHANGING else set()), heard

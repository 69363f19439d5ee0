"""Addresses, branches, queries and traces are answered in the contract's shapes."""

from __future__ import annotations

import pytest

from config.sandbox import Sandbox
from tests.sandbox.wire import BRANCH, CREATE, QUERY, TRACE, ask, order


def test_a_full_address_becomes_five_levels(sandbox: Sandbox) -> None:
    address = "浙江省杭州市余杭区五常街道文一西路969号"
    assert ask(sandbox, "ADDRLIB_DIV_FULLPARSE", {"address": address}) == {
        "success": True,
        "province": "浙江省",
        "city": "杭州市",
        "district": "余杭区",
        "town": "五常街道",
        "detail": "文一西路969号",
    }
    assert ask(sandbox, "ADDRLIB_DIV_PARSE", {"address": address}) == {
        "success": True,
        "province": "浙江省",
        "city": "杭州市",
        "district": "余杭区",
        "detail": "五常街道文一西路969号",
    }


def test_an_ambiguous_address_is_refused_with_its_candidates(sandbox: Sandbox) -> None:
    answer = ask(sandbox, "ADDRLIB_DIV_FULLPARSE", {"address": "朝阳区建国路88号"})
    assert (answer["success"], answer["errorCode"]) == (False, "ADDRESS_AMBIGUOUS")
    assert "北京市" in answer["errorMsg"]
    assert "长春市" in answer["errorMsg"]


def test_an_address_without_a_place_is_refused(sandbox: Sandbox) -> None:
    answer = ask(sandbox, "ADDRLIB_DIV_FULLPARSE", {"address": "abc"})
    assert (answer["success"], answer["errorCode"]) == (False, "ADDRESS_UNPARSABLE")
    empty = ask(sandbox, "ADDRLIB_DIV_FULLPARSE", {"address": " "})
    assert empty["errorCode"] == "ILLEGAL_PARAM"


def test_a_district_always_has_the_same_branches(sandbox: Sandbox) -> None:
    question = {"cpCode": "ZTO", "province": "浙江省", "city": "杭州市", "district": "桐庐县"}
    first, again = (ask(sandbox, BRANCH, question) for _ in range(2))
    assert first == again
    assert set(first["branchList"][0]) == {"branchCode", "branchName", "branchPhone"}
    elsewhere = ask(sandbox, BRANCH, {**question, "district": "建德市"})
    assert elsewhere["branchList"][0]["branchCode"] != first["branchList"][0]["branchCode"]


@pytest.mark.parametrize("district", ["墨脱县"])
def test_a_district_without_branches_is_no_refusal(sandbox: Sandbox, district: str) -> None:
    question = {
        "cpCode": "YTO", "province": "西藏自治区", "city": "林芝市", "district": district
    }  # fmt: skip
    assert ask(sandbox, BRANCH, question) == {"success": True, "branchList": []}


def test_a_company_that_is_not_served_is_refused(sandbox: Sandbox) -> None:
    answer = ask(sandbox, BRANCH, {"cpCode": "PIGEON", "province": "浙江省"})
    assert answer["errorCode"] == "CP_CODE_UNKNOWN"


def test_an_order_is_found_by_our_number_and_by_nobody_elses_account(sandbox: Sandbox) -> None:
    assert ask(sandbox, QUERY, {"tradeOrderNo": "N1"})["errorCode"] == "ORDER_NOT_FOUND"
    created = ask(sandbox, CREATE, order("N1"))
    assert ask(sandbox, QUERY, {"tradeOrderNo": "N1"}) == {
        "success": True,
        "orderCode": created["orderCode"],
        "mailNo": created["mailNo"],
        "status": "created",
    }
    sandbox.account(app_key="other", app_secret="other")
    stranger = ask(sandbox, QUERY, {"tradeOrderNo": "N1"}, app_key="other", secret="other")
    assert stranger["errorCode"] == "ORDER_NOT_FOUND"


def test_a_trace_holds_the_scans_so_far_oldest_first(sandbox: Sandbox) -> None:
    created = ask(sandbox, CREATE, order("N1"))
    question = {"arg0": {"appCode": "tonglu", "cpCode": "YTO", "mailNo": created["mailNo"]}}
    assert ask(sandbox, TRACE, question) == {"success": True, "fullTraceDetail": []}
    sandbox.step(3600)
    trace = ask(sandbox, TRACE, question)["fullTraceDetail"]
    assert [scan["status"] for scan in trace] == ["dispatched", "picked"]
    assert trace[0]["time"] < trace[1]["time"]
    assert "揽收" in trace[1]["desc"]
    other = {"arg0": {"cpCode": "ZTO", "mailNo": created["mailNo"]}}
    assert ask(sandbox, TRACE, other)["errorCode"] == "ORDER_NOT_FOUND"

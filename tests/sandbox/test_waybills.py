"""Waybill numbers are issued once per object, all or none, and only for whole questions."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from config.sandbox import Sandbox, running
from tests.sandbox.wire import WAYBILL, ask, link_form, post, waybill

Spoil = Callable[[dict[str, Any]], object]


def test_a_number_comes_with_signed_print_data(sandbox: Sandbox) -> None:
    (issued,) = ask(sandbox, WAYBILL, waybill("N1"))["waybillCloudPrintResponseList"]
    assert issued["objectId"] == "N1"
    assert issued["waybillCode"].startswith("YT")
    assert isinstance(issued["printData"], str)
    printed = json.loads(issued["printData"])
    assert set(printed) == {"encryptedData", "signature", "templateURL", "ver"}
    assert printed["signature"].startswith("MD:")
    assert sandbox.parcel("N1")["waybills"] == [issued["waybillCode"]]  # type: ignore[index]


def test_the_same_object_gets_the_same_number_and_the_same_bytes(sandbox: Sandbox) -> None:
    first = ask(sandbox, WAYBILL, waybill("N1"))
    question = waybill("N1")
    turned = {name: question[name] for name in reversed(question)}
    assert ask(sandbox, WAYBILL, turned) == first
    assert sandbox.state()["violations"] == []


def test_the_number_is_the_same_after_a_restart(sandbox: Sandbox) -> None:
    first = ask(sandbox, WAYBILL, waybill("N1"))
    with running() as restarted:
        assert ask(restarted, WAYBILL, waybill("N1")) == first


def test_other_content_under_the_same_object_is_refused(sandbox: Sandbox) -> None:
    ask(sandbox, WAYBILL, waybill("N1"))
    changed = waybill("N1")
    changed["tradeOrderInfoDtos"][0]["recipient"]["address"]["detail"] = "别处"
    assert ask(sandbox, WAYBILL, changed)["errorCode"] == "OBJECT_ID_CONFLICT"
    assert len(sandbox.parcel("N1")["waybills"]) == 1  # type: ignore[index]


def test_a_batch_with_one_conflict_issues_nothing(sandbox: Sandbox) -> None:
    ask(sandbox, WAYBILL, waybill("N1"))
    batch = waybill("N2", "N1")
    batch["tradeOrderInfoDtos"][1]["packageInfo"]["weight"] = 1
    assert ask(sandbox, WAYBILL, batch)["success"] is False
    assert sandbox.parcel("N2")["waybills"] == []  # type: ignore[index]
    good = ask(sandbox, WAYBILL, waybill("N2", "N3"))["waybillCloudPrintResponseList"]
    assert [one["objectId"] for one in good] == ["N2", "N3"]


def test_a_second_number_for_one_order_is_a_violation(sandbox: Sandbox) -> None:
    ask(sandbox, WAYBILL, waybill("N1"))
    second = waybill("N1-again")
    second["tradeOrderInfoDtos"][0]["orderInfo"]["tradeOrderList"] = ["N1"]
    assert ask(sandbox, WAYBILL, second)["success"] is True
    assert [row["kind"] for row in sandbox.state()["violations"]] == ["second_waybill"]


def info(content: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = content["tradeOrderInfoDtos"][0]
    return found


def address(content: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = info(content)["recipient"]["address"]
    return found


WRONG: dict[str, Spoil] = {
    "cpCode": lambda c: c.pop("cpCode"),
    "sender": lambda c: c.pop("sender"),
    "sender.address.detail": lambda c: c["sender"]["address"].pop("detail"),
    "tradeOrderInfoDtos": lambda c: c.update(tradeOrderInfoDtos=[]),
    "most 10": lambda c: c.update(waybill(*[f"N{n}" for n in range(11)])),
    "twice": lambda c: c.update(waybill("N1", "N1")),
    "objectId missing": lambda c: info(c).pop("objectId"),
    "objectId 33": lambda c: info(c).update(objectId="x" * 33),
    "orderInfo": lambda c: info(c).pop("orderInfo"),
    "orderChannelsType": lambda c: info(c)["orderInfo"].pop("orderChannelsType"),
    "tradeOrderList": lambda c: info(c)["orderInfo"].update(tradeOrderList=[]),
    "trade 101": lambda c: info(c)["orderInfo"].update(tradeOrderList=["N"] * 101),
    "trade sign": lambda c: info(c)["orderInfo"].update(tradeOrderList=["N/1"]),
    "trade number": lambda c: info(c)["orderInfo"].update(tradeOrderList=[1]),
    "packageInfo": lambda c: info(c).pop("packageInfo"),
    "items": lambda c: info(c)["packageInfo"].pop("items"),
    "count 0": lambda c: info(c)["packageInfo"]["items"][0].update(count=0),
    "weight 1.2": lambda c: info(c)["packageInfo"].update(weight=1.2),
    "weight true": lambda c: info(c)["packageInfo"].update(weight=True),
    "volume -1": lambda c: info(c)["packageInfo"].update(volume=-1),
    "recipient": lambda c: info(c).pop("recipient"),
    "name 41": lambda c: info(c)["recipient"].update(name="名" * 41),
    "name missing": lambda c: info(c)["recipient"].update(name="  "),
    "name emoji": lambda c: info(c)["recipient"].update(name="小明😀"),
    "name heart": lambda c: info(c)["recipient"].update(name="小明❤️"),
    "no phone": lambda c: info(c)["recipient"].update(phone="", mobile=""),
    "phone 21": lambda c: info(c)["recipient"].update(phone="1" * 21),
    "phone number": lambda c: info(c)["recipient"].update(phone=13800138000),
    "province": lambda c: address(c).pop("province"),
    "city 21": lambda c: address(c).update(city="市" * 21),
    "district 21": lambda c: address(c).update(district="区" * 21),
    "town 31": lambda c: address(c).update(town="镇" * 31),
    "detail 257": lambda c: address(c).update(detail="路" * 257),
    "detail bell": lambda c: address(c).update(detail="路\x07"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_field_is_refused_and_issues_nothing(sandbox: Sandbox, wrong: str) -> None:
    content = waybill("N1")
    WRONG[wrong](content)
    answer = ask(sandbox, WAYBILL, content)
    assert (answer["success"], answer["errorCode"]) == (False, "ILLEGAL_PARAM")
    assert all(row["waybills"] == [] for row in sandbox.state()["parcels"])


def test_every_limit_itself_is_allowed(sandbox: Sandbox) -> None:
    content = waybill("x" * 32)
    info(content)["orderInfo"]["tradeOrderList"] = ["A-z_0"] * 100
    info(content)["recipient"].update(name="𠮷" * 40, phone="1" * 20, mobile="1" * 20)
    address(content).update(city="市" * 20, district="区" * 20, town="镇" * 30, detail="路" * 256)
    assert ask(sandbox, WAYBILL, content)["success"] is True


def test_a_question_in_xml_is_read_as_one_in_json(sandbox: Sandbox) -> None:
    content = """<request><cpCode>SF</cpCode>
      <sender><name>申屠明</name><mobile>13800138000</mobile>
        <address><province>浙江省</province><detail>迎春南路1号</detail></address></sender>
      <tradeOrderInfoDtos><tradeOrderInfoDto><objectId>N1</objectId>
        <orderInfo><orderChannelsType>OTHERS</orderChannelsType>
          <tradeOrderList><tradeOrder>N1</tradeOrder></tradeOrderList></orderInfo>
        <packageInfo><items><item><name>茶叶</name><count>2</count></item></items>
          <weight>900</weight></packageInfo>
        <recipient><name>李雷</name><phone>021-1</phone>
          <address><province>上海市</province><detail>世纪大道1号</detail></address></recipient>
      </tradeOrderInfoDto></tradeOrderInfoDtos></request>"""
    form = link_form(sandbox, WAYBILL, content.encode())
    _, _, answer = post(sandbox.cainiao_url, urlencode(form).encode())
    text = answer.decode()
    assert "<waybillCloudPrintResponse><objectId>N1</objectId><waybillCode>SF" in text
    assert sandbox.parcel("N1")["waybill_requests"] == 1  # type: ignore[index]

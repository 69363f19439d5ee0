"""Cainiao's wire: signed as published, laid out and read by tables, doubted where it must be."""

from __future__ import annotations

import base64
import hashlib
import json
import string
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from config.kernel.http import Answer, CallRecord, Outcome
from logistics.carriers.base import Party, Place, Shipment, Waybill
from logistics.carriers.cainiao import classification, contents, fields, sources, tables, wire
from logistics.carriers.cainiao.client import CainiaoClient
from logistics.carriers.cainiao.overrides import BadAccount, Message
from logistics.carriers.cainiao.partners import partner_at
from logistics.carriers.cainiao.profile import Profile
from tests.ports.gateway import Gateway, scripted

SENDER = Party(
    "司徒大伟", "0571-86880001", Place("浙江省", "杭州市", "余杭区", "", "文一西路969号")
)
RECEIVER = Party("欧阳小明", "13912345678", Place("广东省", "东莞市", "", "长安镇", "德政路8号"))
ORDER = Shipment(
    order_no="TL1",
    cp_code="YTO",
    sender=SENDER,
    receiver=RECEIVER,
    goods_name="图书",
    weight_kg=Decimal("1.2345"),
    volume_m3=Decimal("0.001"),
)
NOON = datetime(2026, 2, 14, 20, 5, 6, tzinfo=UTC)


def profile(**columns: Any) -> Profile:
    return Profile.from_account(**{"app_key": "key", "app_secret": "geheim", **columns})


@pytest.fixture(scope="module")
def gateway() -> Iterator[Gateway]:
    with scripted() as server:
        yield server


@pytest.fixture
def client(gateway: Gateway) -> CainiaoClient:
    return account(gateway)


def account(gateway: Gateway, **columns: Any) -> CainiaoClient:
    return CainiaoClient(profile(endpoint_url=gateway.url, **columns))


# --- signatures ---------------------------------------------------------------------------------
def test_the_link_digest_is_the_published_one() -> None:
    # protocols/carriers.md V1, Cainiao's own FAQ.
    assert wire.link_digest(b"hello1234", "key123") == "ufYU7rvXhHY3IDyZgyt6SA=="


def test_the_md5_sign_is_the_published_one() -> None:
    # protocols/carriers.md V2, quoted from the TOP documentation.
    published = {
        "app_key": "test",
        "fields": "nick",
        "format": "xml",
        "method": "taobao.user.seller.get",
        "session": "test",
        "sign_method": "md5",
        "timestamp": "2013-05-06 13:52:03",
        "v": "2.0",
    }
    assert wire.seed_sign(published, "test", "md5") == "72CB4D809B375A54502C09360D879C64"


def test_the_hmac_sign_is_over_the_wrapped_string_as_the_seed_has_it() -> None:
    # printf 'ka1b2k' | openssl dgst -md5 -hmac k
    assert wire.seed_sign({"b": "2", "a": "1"}, "k", "hmac") == "1AE1559909C6D3BB536CCC9EC0B73DCA"


def test_a_link_envelope_has_its_fields_and_no_others() -> None:
    form = wire.envelope(profile(), Message("TMS_WAYBILL_GET"), '{"a":"好"}', NOON)
    assert form == {
        "msg_type": "TMS_WAYBILL_GET",
        "logistic_provider_id": "key",
        "logistics_interface": '{"a":"好"}',
        "data_digest": base64.b64encode(hashlib.md5('{"a":"好"}geheim'.encode()).digest()).decode(),
    }
    other = profile(provider_id="resource")
    routed = wire.envelope(other, other.messages[tables.TRACK], "{}", NOON)
    assert (routed["to_code"], routed["logistic_provider_id"]) == ("CNTECH_LV", "resource")


@pytest.mark.parametrize("method", ["md5", "hmac"])
def test_the_seeds_envelope_is_whole_and_its_clock_is_chinas(method: str) -> None:
    signer = profile(sign_method=method)
    form = wire.envelope(signer, Message("TMS_ORDER_CANCEL"), "{}", NOON)
    sign = form.pop("sign")
    assert form == {
        "app_key": "key",
        "method": "TMS_ORDER_CANCEL",
        "timestamp": "2026-02-15 04:05:06",
        "format": "json",
        "v": "1.0",
        "sign_method": method,
        "logistics_interface": "{}",
    }
    assert sign == wire.seed_sign(form, "geheim", method)
    assert set(sign) <= set("0123456789ABCDEF")
    assert len(sign) == 32


def test_what_is_signed_is_what_is_sent(gateway: Gateway, client: CainiaoClient) -> None:
    gateway.says({"success": True})
    for reason in ("a+b c&d=e%2B", '退货 😀\n\t"\\', "\ud800", "a\x00b"):
        client.cancel_pickup("TL1", "LP+1", reason)
        form = gateway.form
        signed = form["logistics_interface"].encode() + b"geheim"
        assert form["data_digest"] == base64.b64encode(hashlib.md5(signed).digest()).decode()
        assert " " not in form["logistics_interface"].replace(" c&d", "").replace(" 😀", "")
    assert "好" in wire.serialise({"a": "好"})


# --- questions ----------------------------------------------------------------------------------
def asked(gateway: Gateway) -> Any:
    return json.loads(gateway.form["logistics_interface"])


def test_a_waybill_is_asked_for_in_the_published_shape(
    gateway: Gateway, client: CainiaoClient
) -> None:
    client.get_waybill(replace(ORDER, branch_code="571001", service_type="STANDARD"))
    assert gateway.form["msg_type"] == "TMS_WAYBILL_GET"
    assert asked(gateway) == {
        "cpCode": "YTO",
        "sender": {
            "name": "司徒大伟",
            "phone": "0571-86880001",
            "address": {
                "province": "浙江省",
                "city": "杭州市",
                "district": "余杭区",
                "detail": "文一西路969号",
            },
        },
        "tradeOrderInfoDtos": [
            {
                "objectId": "TL1",
                "orderInfo": {"orderChannelsType": "OTHERS", "tradeOrderList": ["TL1"]},
                "packageInfo": {
                    "id": "TL1",
                    "items": [{"name": "图书", "count": 1}],
                    "weight": 1235,
                    "volume": 1000,
                },
                "recipient": {
                    "name": "欧阳小明",
                    "mobile": "13912345678",
                    "address": {
                        "province": "广东省",
                        "city": "东莞市",
                        "town": "长安镇",
                        "detail": "德政路8号",
                    },
                },
            }
        ],
        "branchCode": "571001",
        "serviceType": "STANDARD",
    }


def test_a_pickup_carries_our_number_and_the_waybills(
    gateway: Gateway, client: CainiaoClient
) -> None:
    client.create_pickup(replace(ORDER, waybill_no="YT1", pay_method="COLLECT", remark="轻放"))
    content = asked(gateway)
    assert gateway.form["msg_type"] == "TMS_CREATE_ORDER_OFFLINE_NOTIFY"
    assert (content["tradeOrderNo"], content["waybillCode"]) == ("TL1", "YT1")
    assert (content["payMethod"], content["remark"]) == ("COLLECT", "轻放")
    assert (content["weight"], content["volume"]) == (1235, 1000)
    client.create_pickup(replace(ORDER, weight_kg=None, volume_m3=None, goods_name=""))
    # The carrier insists on a name of the goods, our tenants need not give one.
    assert asked(gateway)["goodsName"] == "物品"
    assert {"waybillCode", "weight", "volume", "remark"}.isdisjoint(asked(gateway))


def test_small_questions_are_as_the_contract_has_them(
    gateway: Gateway, client: CainiaoClient
) -> None:
    client.parse_address("浙江省杭州市")
    assert asked(gateway) == {"address": "浙江省杭州市"}
    client.find_branch("YTO", RECEIVER.place)
    expected = {"cpCode": "YTO", "province": "广东省", "city": "东莞市", "district": ""}
    assert asked(gateway) == expected
    client.cancel_pickup("TL1", "LP1", "不寄了")
    assert asked(gateway) == {"orderCode": "LP1", "tradeOrderNo": "TL1", "reason": "不寄了"}
    client.cancel_pickup("TL1", "", "")
    assert asked(gateway) == {"tradeOrderNo": "TL1", "reason": ""}
    client.query("TL1")
    assert asked(gateway) == {"tradeOrderNo": "TL1"}
    client.track("YTO", "YT1")
    assert asked(gateway) == {"arg0": {"appCode": "key", "cpCode": "YTO", "mailNo": "YT1"}}
    assert gateway.form["to_code"] == "CNTECH_LV"


@pytest.mark.parametrize(
    ("kg", "grams"),
    [("0.0005", 1), ("0.00049", 0), ("1", 1000), ("9999999.999", 9999999999), ("2.5", 2500)],
)
def test_kilograms_become_whole_grams_rounded_half_up(kg: str, grams: int) -> None:
    assert sources.whole(Decimal(kg), Decimal(1000)) == grams


@pytest.mark.parametrize(
    ("phone", "is_mobile"),
    [
        *((number, True) for number in ("13912345678", "+86 139-1234-5678", "13912345678-1234")),
        *(
            (number, False)
            for number in ("0571-86880001", "4008001234", "12345678901", "1391234567")
        ),
        ("139123456789", False),
    ],
)
def test_a_mobile_is_told_from_a_landline(phone: str, is_mobile: bool) -> None:
    known = sources.of_shipment(replace(ORDER, receiver=replace(RECEIVER, phone=phone)))
    assert known["receiver.mobile"] == (phone if is_mobile else "")
    assert known["receiver.landline"] == ("" if is_mobile else phone)
    assert known["receiver.phone"] == phone


def test_every_source_an_account_may_name_is_really_there() -> None:
    known = {"app_key", "provider_id"}
    for kind in (tables.GET_WAYBILL, tables.CREATE_PICKUP):
        assert set(sources.of_shipment(ORDER)) | known == sources.KNOWN[kind]
    place = set(sources.of_place(SENDER.place)) | {"cp_code"}
    assert place | known == sources.KNOWN[tables.FIND_BRANCH]


def test_an_account_sends_the_fields_its_api_wants(gateway: Gateway) -> None:
    create = {
        "request.outOrderInfoList.1.outOrderId": "order_no",
        "request.outOrderInfoList.0.outOrderId": "waybill_no",
        "request.receiverInfo.fullAddressDetail": "receiver.address",
        "request.itemId": "=3000000040",
        "request.itemVersion": 2,
        "request.flag": False,
        "request.kg": "weight_kg",
        **dict.fromkeys(tables.QUESTIONS[tables.CREATE_PICKUP]),
    }
    names = {"create_pickup": {"name": "GUOGUO_CREATE_SEND_ORDER", "to_code": "GUOGUO"}}
    client = account(gateway, message_names=names, question_fields={"create_pickup": create})
    client.create_pickup(ORDER)
    assert asked(gateway) == {
        "request": {
            "outOrderInfoList": [{"outOrderId": "TL1"}],
            "receiverInfo": {"fullAddressDetail": "广东省东莞市长安镇德政路8号"},
            "itemId": "3000000040",
            "itemVersion": 2,
            "flag": False,
            "kg": "1.2345",
        }
    }
    assert gateway.form["msg_type"] == "GUOGUO_CREATE_SEND_ORDER"
    assert gateway.form["to_code"] == "GUOGUO"


PERSONAL = (
    "司徒大伟",
    "欧阳小明",
    "13912345678",
    "86880001",
    "969号",
    "德政路8号",
    "geheim",
    "令牌",
)


def test_a_name_sent_under_a_strange_key_and_a_token_stay_out_of_the_log(gateway: Gateway) -> None:
    strange = {
        "x.who": "receiver.name",
        "x.ring": "receiver.phone",
        "x.where": "receiver.address",
        "x.list.0": "sender.name",
        "accessCode": "=令牌",
    }
    client = account(
        gateway,
        provider_id="令牌令牌",
        question_fields={"create_pickup": strange},
        answer_fields={"create_pickup": {"waybill_no": "no"}},
    )
    gateway.says({"success": True, "orderCode": "LP1"})
    reply = client.create_pickup(ORDER)
    assert asked(gateway)["x"]["who"] == "欧阳小明"
    logged = str(asdict(reply.calls[0]))
    for text in PERSONAL:
        assert text not in logged
    assert "LP1" in logged
    assert "TL1" in logged


def test_a_pasted_text_is_hidden_whole_in_question_and_answer(
    gateway: Gateway, client: CainiaoClient
) -> None:
    gateway.says({"success": True, "province": "浙江省", "detail": "欧阳小明,文一西路969号"})
    for ask in (client.parse_address, client.parse_levels):
        reply = ask("欧阳小明 13912345678 浙江省文一西路969号")
        assert reply.outcome is Outcome.DONE
        assert "欧阳" not in str(asdict(reply.calls[0]))


def test_a_message_that_repeats_a_phone_is_shown_without_it(
    gateway: Gateway, client: CainiaoClient
) -> None:
    gateway.says({"success": False, "errorCode": "X", "errorMsg": "手机号 13912345678 无效"})
    reply = client.create_pickup(ORDER)
    assert "无效" in reply.message
    assert "13912345678" not in str(asdict(reply))


# --- an account's overrides -------------------------------------------------------------------
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("app_key", ""),
        ("app_secret", ""),
        ("sign_method", "rsa"),
        ("endpoint_url", "ftp://link.cainiao.com"),
        ("endpoint_url", "link.cainiao.com/gateway"),
        ("endpoint_url", "http://[::1"),
        ("endpoint_url", "http://"),
        ("message_names", []),
        ("message_names", {"create_picup": "X"}),
        ("message_names", {"create_pickup": None}),
        ("message_names", {"create_pickup": ""}),
        ("message_names", {"create_pickup": "A B"}),
        ("message_names", {"create_pickup": 5}),
        ("message_names", {"create_pickup": {"nam": "X"}}),
        ("question_fields", "x"),
        ("question_fields", {"create": {}}),
        ("question_fields", {"query": {"a": "no_such_source"}}),
        ("question_fields", {"query": {"a b": "order_no"}}),
        ("question_fields", {"query": {"0.a": "order_no"}}),
        ("question_fields", {"query": {"a.1000": "order_no"}}),
        ("question_fields", {"query": {"a": "order_no", "a.b": "order_no"}}),
        ("question_fields", {"query": {"a.b": "order_no", "a": "order_no"}}),
        ("question_fields", {"query": {"a.0": "order_no", "a.b": "order_no"}}),
        ("question_fields", {"query": {"a": ["order_no"]}}),
        ("question_fields", {"query": {"a": 1.5}}),
        ("answer_fields", {"query": {"no_such_name": "a"}}),
        ("answer_fields", {"query": {"code": ""}}),
        ("answer_fields", {"query": {"code": 5}}),
        ("answer_fields", {"elsewhere": {"code": "a"}}),
        ("answer_fields", {"query": []}),
        ("status_map", {"X": "delivered"}),
        ("status_map", {"X": 5}),
        ("status_map", {"": "signed"}),
        ("status_map", ["X"]),
        ("retry_codes", "B1"),
        ("retry_codes", [None]),
        ("not_found_codes", [""]),
        ("not_found_codes", {"a": 1}),
    ],
)
def test_a_wrong_column_is_told_by_its_name(column: str, value: Any) -> None:
    with pytest.raises(BadAccount, match=column) as told:
        profile(**{column: value})
    assert told.value.column.split(":")[0] == column
    assert isinstance(told.value, ValueError)


def test_empty_columns_are_the_defaults() -> None:
    blank = profile(
        endpoint_url=None,
        sign_method="",
        provider_id="",
        callback_secret=None,
        message_names={},
        question_fields={},
        answer_fields=None,
        status_map={},
        retry_codes=[],
        not_found_codes=[],
    )
    assert blank == profile()
    assert blank.endpoint_url == "https://link.cainiao.com/gateway/link.do"
    assert (blank.sign_method, blank.provider_id) == ("link", "key")
    assert blank.not_found_codes == {"ORDER_NOT_FOUND"}
    assert {kind: message.name for kind, message in blank.messages.items()} == tables.NAMES


def test_an_account_without_a_query_says_so_and_asks_nothing(gateway: Gateway) -> None:
    client = account(gateway, message_names={"query": "", "track": None})
    before = len(gateway.requests)
    for reply in (client.query("TL1"), client.track("YTO", "YT1")):
        assert (reply.outcome, reply.code, reply.calls) == (Outcome.REFUSED, "NOT_CONFIGURED", ())
    assert not client.can_query
    assert len(gateway.requests) == before
    assert account(gateway).can_query


def test_no_secret_is_in_the_text_of_a_profile() -> None:
    text = repr(profile(callback_secret="geheim2", provider_id="geheim3"))
    assert "geheim" not in text


def test_accounts_of_one_gateway_share_its_connections() -> None:
    first = partner_at("https://link.cainiao.com/gateway/link.do")
    assert partner_at("https://LINK.cainiao.com/other") is first
    assert partner_at("http://link.cainiao.com/gateway/link.do") is not first


# --- answers ------------------------------------------------------------------------------------
ISSUED = {"objectId": "TL1", "waybillCode": "YT1", "printData": "{}"}


def waybills(*issued: object) -> dict[str, object]:
    return {"success": True, "waybillCloudPrintResponseList": list(issued)}


@pytest.mark.parametrize(
    "answer",
    [
        {"success": True},
        waybills(),
        waybills({**ISSUED, "objectId": "TL2"}),
        waybills({**ISSUED, "objectId": None}),
        waybills({"waybillCode": "YT1"}),
        waybills({**ISSUED, "waybillCode": ""}),
        waybills({**ISSUED, "waybillCode": "  "}),
        waybills({**ISSUED, "waybillCode": "Y" * 101}),
        waybills({**ISSUED, "waybillCode": "运单"}),
        waybills({**ISSUED, "waybillCode": True}),
        waybills({**ISSUED, "waybillCode": ["YT1"]}),
        waybills(ISSUED, {**ISSUED, "waybillCode": "YT2"}),
        {"success": True, "waybillCloudPrintResponseList": "YT1"},
        {"success": True, "waybillCloudPrintResponseList": [1, None]},
    ],
)
def test_success_without_our_number_is_unknown(
    gateway: Gateway, client: CainiaoClient, answer: object
) -> None:
    gateway.says(answer)
    reply = client.get_waybill(ORDER)
    assert (reply.outcome, reply.value) == (Outcome.UNKNOWN, None)
    assert "in the answer" in reply.message


def test_our_number_is_found_among_others(gateway: Gateway, client: CainiaoClient) -> None:
    gateway.says(waybills({**ISSUED, "objectId": "TL0", "waybillCode": "YT0"}, ISSUED))
    assert client.get_waybill(ORDER).value == Waybill("YT1", "{}")
    gateway.says({"success": "true", "data": waybills({**ISSUED, "waybillCode": 123})})
    assert client.get_waybill(ORDER).value == Waybill("123", "{}")


def test_an_api_that_repeats_no_number_of_ours_is_believed_with_one_answer(
    gateway: Gateway,
) -> None:
    client = account(gateway, answer_fields={"get_waybill": {"object_id": None}})
    gateway.says(waybills({"waybillCode": "YT1"}))
    assert client.get_waybill(ORDER).value == Waybill("YT1")
    gateway.says(waybills({"waybillCode": "YT1"}, {"waybillCode": "YT2"}))
    assert client.get_waybill(ORDER).outcome is Outcome.UNKNOWN


PRINT_DATA = '{ "encryptedData" : "\\u4e2d文", "n": 1.50,\t"e": 1e2, "signature":"MD:x==" }'


def test_print_data_given_as_an_object_is_kept_in_its_own_characters(
    gateway: Gateway, client: CainiaoClient
) -> None:
    other = '{"objectId":"TL0","waybillCode":"YT0","printData":{"a":1}}'
    ours = f'{{"printData":0,"objectId":"TL1","waybillCode":"YT1", "printData": {PRINT_DATA}}}'
    listed = f'"waybillCloudPrintResponseList":[ {other} ,\n {ours}]'
    for body in (f'{{"success":true,{listed}}}', f'{{"success":true,"data":{{{listed}}}}}'):
        gateway.says(body)
        assert client.get_waybill(ORDER).value == Waybill("YT1", PRINT_DATA)


def test_print_data_no_column_can_hold_is_dropped_and_the_number_kept(
    gateway: Gateway, client: CainiaoClient
) -> None:
    gateway.says(
        '{"success":true,"waybillCloudPrintResponseList":'
        '[{"objectId":"TL1","waybillCode":"YT1","printData":"a\\ud800b"}]}'
    )
    assert client.get_waybill(ORDER).value == Waybill("YT1")


@pytest.mark.parametrize(
    "answer",
    [
        {"success": True},
        {"success": True, "orderCode": ""},
        {"success": True, "orderCode": None},
        {"success": True, "orderCode": "L" * 101},
        {"success": True, "orderCode": "LP1", "tradeOrderNo": "TL2"},
        {"success": True, "orderCode": {"a": 1}},
    ],
)
def test_a_pickup_without_the_carriers_number_is_never_accepted(
    gateway: Gateway, client: CainiaoClient, answer: object
) -> None:
    gateway.says(answer)
    reply = client.create_pickup(ORDER)
    assert (reply.outcome, reply.value, reply.error_type) == (Outcome.UNKNOWN, None, "system")


def test_a_waybill_that_comes_with_the_order_is_taken(gateway: Gateway) -> None:
    client = account(gateway, waybill_at_order=True)
    gateway.says({"success": True, "data": {"orderCode": "LP1", "mailNo": "YT9"}})
    pickup = client.create_pickup(ORDER).value
    assert pickup is not None
    assert (pickup.carrier_order_id, pickup.waybill_no) == ("LP1", "YT9")
    assert client.waybill_at_order


def test_a_cancel_is_what_the_accounts_field_says(gateway: Gateway) -> None:
    client = account(gateway, answer_fields={"cancel_pickup": {"success": "discardResult"}})
    expected = {"true": Outcome.DONE, "false": Outcome.REFUSED, "null": Outcome.UNKNOWN}
    for told, outcome in expected.items():
        gateway.says(f'{{"success":true,"discardResult":{told},"errorMsg":"已揽收"}}')
        reply = client.cancel_pickup("TL1", "LP1", "x")
        assert reply.outcome is outcome
        assert reply.calls[0].success is (outcome is Outcome.DONE)
        assert (reply.message == "已揽收") is (outcome is Outcome.REFUSED)


def test_reads_that_lack_what_was_asked_for_are_asked_again(
    gateway: Gateway, client: CainiaoClient
) -> None:
    place = SENDER.place
    for answer in ({"success": True}, {"success": True, "detail": "x", "branchList": [{"a": 1}]}):
        gateway.says(answer)
        replies = (
            client.parse_address("x"),
            client.find_branch("YTO", place),
            client.query("TL1"),
            client.track("YTO", "YT1"),
        )
        assert {reply.outcome for reply in replies} == {Outcome.RETRY}
    gateway.says({"success": True, "orderCode": "LP1", "tradeOrderNo": "TL2"})
    assert client.query("TL1").outcome is Outcome.RETRY


@pytest.mark.parametrize("none", ["[]", "null", '""'])
def test_no_branch_at_all_is_an_answer(gateway: Gateway, client: CainiaoClient, none: str) -> None:
    gateway.says(f'{{"success":true,"branchList":{none}}}')
    reply = client.find_branch("YTO", SENDER.place)
    assert (reply.outcome, reply.value) == (Outcome.DONE, ())


def test_scans_are_sorted_and_those_without_a_time_left_out(
    gateway: Gateway, client: CainiaoClient
) -> None:
    def scan(time: object, status: object) -> dict[str, object]:
        return {"time": time, "status": status, "desc": "x" * 900}

    newest_first = [
        scan("2026-02-16 10:00:00", "SIGNED"),
        scan("2026-02-15 12:00:00", 430),
        scan("2026-02-15 12:00:00", "GOT"),
        scan("soon", "SENT"),
        scan("2026-02-15 11:00:00", "NEW_WORD"),
    ]
    gateway.says({"success": True, "fullTraceDetail": newest_first})
    found = client.track("YTO", "YT1").value
    assert found is not None
    assert [each.status for each in found] == [None, "picked", "in_transit", "signed"]
    assert {len(each.desc) for each in found} == {200}


# --- success and refusal in all their shapes --------------------------------------------------
OLD_REFUSAL = (
    "<responses><logisticProviderID>X</logisticProviderID><responseItems><response>"
    "<success>false</success><reason>S05</reason><reasonDesc>不支持</reasonDesc>"
    "</response></responseItems></responses>"
)


@pytest.mark.parametrize(
    "body",
    [
        {"success": False, "errorCode": "S05", "errorMsg": "不支持"},
        {"success": "FALSE", "errorCode": "S05", "errorMessage": "不支持"},
        {"is_success": "F", "error_code": "S05", "error_msg": "不支持"},
        {"success": False, "data": {"errorCode": "S05", "errorMsg": "不支持"}},
        {
            "responseItems": {
                "response": [{"success": False, "reason": "S05", "reasonDesc": "不支持"}]
            }
        },
        "<r><success>false</success><errorCode>S05</errorCode><errorMsg>不支持</errorMsg></r>",
        "<r><is_success>F</is_success><errorCode>S05</errorCode><errorMsg>不支持</errorMsg></r>",
        OLD_REFUSAL,
        '\n <?xml version="1.0" encoding="GBK"?>' + OLD_REFUSAL,
        ('<?xml version="1.0" encoding="GBK"?>' + OLD_REFUSAL).encode("gbk"),
        json.dumps(
            {"success": False, "errorCode": "S05", "errorMsg": "不支持"}, ensure_ascii=False
        ).encode("gbk"),
        b"\xef\xbb\xbf" + b'{"success":false,"errorCode":"S05","errorMsg":"\\u4e0d\\u652f\\u6301"}',
    ],
)
@pytest.mark.parametrize("status", [200, 400, 403])
def test_a_no_is_understood_in_every_shape(
    gateway: Gateway, client: CainiaoClient, body: object, status: int
) -> None:
    gateway.says(body, status)
    reply = client.create_pickup(ORDER)
    assert (reply.outcome, reply.code, reply.message) == (Outcome.REFUSED, "S05", "不支持")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 200),
        ("OK", 200),
        ("[]", 200),
        ("null", 200),
        ("<html><body>502</body></html>", 200),
        ('{"success":false', 200),
        ('{"errorCode":"S05","errorMsg":"x"}', 200),
        ('{"success":null}', 200),
        ('{"success":0}', 200),
        ('{"success":"no"}', 200),
        ('{"success":true,"orderCode":"LP1"}', 400),
        ('{"success":true,"orderCode":"LP1"}', 302),
        ('{"success":false,"errorCode":"S05"}', 302),
        ('{"success":false,"errorCode":"S05"}', 500),
        ('{"success":false,"errorCode":"S02"}', 503),
        ('{"success":true,"orderCode":"LP1"}', 500),
        ("", 204),
        ("", 404),
        ("busy", 429),
        (b"\x00\xff\xfe", 200),
        ("<!DOCTYPE a [<!ENTITY x 'y'>]><a><success>false</success></a>", 200),
    ],
)
def test_what_is_no_readable_no_refuses_nothing(
    gateway: Gateway, client: CainiaoClient, body: str | bytes, status: int
) -> None:
    gateway.says(body, status)
    assert client.create_pickup(ORDER).outcome is Outcome.UNKNOWN
    assert client.query("TL1").outcome is Outcome.RETRY


def test_too_many_requests_is_no_judgement_on_this_one(
    gateway: Gateway, client: CainiaoClient
) -> None:
    gateway.says({"success": False, "errorCode": "B9"}, 429)
    reply = client.create_pickup(ORDER)
    assert (reply.outcome, reply.error_type, reply.code) == (Outcome.RETRY, "system", "B9")


def test_an_answer_beyond_all_bounds_is_unknown(gateway: Gateway, client: CainiaoClient) -> None:
    gateway.says({"success": False, "errorCode": "C" * 999, "errorMsg": "好" * 100_000})
    reply = client.create_pickup(ORDER)
    assert reply.outcome is Outcome.REFUSED
    assert (len(reply.code), len(reply.message)) == (50, 500)
    gateway.says({"success": False, "errorMsg": "x" * 1_100_000})
    assert client.create_pickup(ORDER).outcome is Outcome.UNKNOWN


# --- anything at all ----------------------------------------------------------------------------
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
MEMBERS = sorted(
    {path.split(".")[0] for table in tables.ANSWERS.values() for path in table.values()}
    | {"success", "data", "errorCode", "errorMsg", "responseItems"}
)
ANSWERS = st.fixed_dictionaries(
    {}, optional={**dict.fromkeys(MEMBERS, ANYTHING), "success": st.booleans()}
).map(lambda each: json.dumps(each).encode())
ELEMENTS = st.recursive(
    st.text(string.printable),
    lambda inner: (
        st.builds("<{0}>{1}</{0}>".format, st.sampled_from(MEMBERS), inner)
        | st.lists(inner, max_size=3).map("".join)
    ),
    max_leaves=8,
).map(lambda text: f"<r><success>true</success>{text}</r>".encode())


RECORD = CallRecord(
    partner="cainiao",
    method="POST",
    url="http://127.0.0.1/",
    request_text="",
    response_text="",
    status=200,
    started_at=NOON,
    finished_at=NOON,
    duration_ms=1,
    outcome=Outcome.DONE,
    error_detail="",
)


class Replayed:
    """Stands where the Partner does, and answers at once: thousands of answers are tried."""

    def __init__(self, body: bytes) -> None:
        self.body = body

    def call_recorded(self, *_args: object, **_kwargs: object) -> tuple[Answer, CallRecord]:
        return Answer(200, {}, self.body, 1), RECORD


@given(st.binary() | ANSWERS | ELEMENTS)
@example(b'{"success":true,"branchList":[{"branchCode":1e999999999999999999999}]}')
@example(b'{"success":true,"data":{"success":false}}')
@example(b'{"success":true,"responseItems":{"response":{"response":[]}}}')
def test_no_answer_makes_a_method_raise_and_every_value_can_be_stored(body: bytes) -> None:
    client = CainiaoClient(profile(), partner=Replayed(body))  # type: ignore[arg-type]
    for reply in (
        client.parse_address("x"),
        client.parse_levels("x"),
        client.find_branch("YTO", SENDER.place),
        client.get_waybill(ORDER),
        client.create_pickup(ORDER),
        client.cancel_pickup("TL1", "LP1", "x"),
        client.query("TL1"),
        client.track("YTO", "YT1"),
    ):
        for text in (reply.code, reply.message, *_texts(reply.value)):
            assert "\x00" not in text
            text.encode()
        assert (reply.value is not None) <= (reply.outcome is Outcome.DONE)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from _texts(each)
    elif hasattr(value, "__dataclass_fields__"):
        yield from _texts(tuple(asdict(value).values()))


@given(st.dictionaries(st.text(), ANYTHING, min_size=1), st.data())
def test_the_characters_of_any_value_are_found_again(value: dict[str, Any], data: Any) -> None:
    source = json.dumps(value, indent=data.draw(st.sampled_from([None, 1])), ensure_ascii=False)
    way: tuple[str | int, ...] = ()
    part: Any = value
    while part and isinstance(part, dict | list):
        keys = list(part) if isinstance(part, dict) else list(range(len(part)))
        step = data.draw(st.sampled_from(keys))
        part, way = part[step], (*way, step)
    found = contents.Content(value, source).verbatim(way, 0)
    assert json.dumps(json.loads(found)) == json.dumps(part)
    assert found in source


def test_a_path_that_is_not_there_is_nothing() -> None:
    holder = {"a": [{"b": 0}], "data": {"c": "", "d": "x"}, "d": None}
    assert fields.find(holder, "a.0.b") == (0, ("a", 0, "b"))
    assert fields.find(holder, "d") == ("x", ("data", "d"))
    for path in ("a.1.b", "a.b", "c", "x.y", "a.0.b.c", "", None):
        assert fields.find(holder, path) == (None, ())


def test_every_call_is_either_changing_or_not() -> None:
    assert set(tables.NAMES) > classification.CHANGING | classification.LOOKING_UP
    assert not classification.CHANGING & classification.LOOKING_UP

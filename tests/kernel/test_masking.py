"""Nothing personal and nothing secret survives masking, whatever shape it comes in."""

from __future__ import annotations

import json
import logging
import time
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from config.kernel.masking import (
    MaskingFilter,
    mask_address,
    mask_body,
    mask_fields,
    mask_name,
    mask_phone,
    mask_secret,
    mask_text,
    mask_url,
)

PHONE = "13800138000"
WIDE_PHONE = PHONE.translate({ord("0") + digit: 0xFF10 + digit for digit in range(10)})
BAIT = (
    "phone name address token = : & ? / < > { } [ ] \" ' \\ % + - * # @ . 0123456789 张三转"
    "\uff0c\uff1a\uff1d\uff08\uff09\uff10\uff11\uff13\uff18\u3010\u3011\n"
)
TEXTS = st.one_of(
    st.text(max_size=60),
    st.text(alphabet=BAIT, max_size=60),
    st.lists(
        st.sampled_from(
            [
                *("phone", "name", "token", "address", "authorization", "order_no", "姓名", "电话"),
                *(
                    ":",
                    "=",
                    '"',
                    "'",
                    '\\"',
                    " ",
                    "&",
                    "***",
                    "****",
                    "\n",
                    "<",
                    ">",
                    "[",
                    "{",
                    "]",
                ),
                *(
                    PHONE,
                    "138****8000",
                    "张三",
                    "0571-87654321",
                    "https://a.cn/x?k=",
                    "%E5",
                    "/",
                    ",",
                ),
            ]
        ),
        max_size=14,
    ).map("".join),
)
KEYS = st.one_of(
    st.sampled_from(["name", "receiverPhone", "address", "token", "order_no", "x", "detail"]), TEXTS
)
JSON_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("given_", "shown"),
    [
        ("13800138000", "138****8000"),
        ("+86 138-0013-8000", "138****8000"),
        ("8613800138000", "138****8000"),
        (WIDE_PHONE, "138****8000"),
        ("0571-87654321", "057****4321"),
        ("(0571)87654321", "057****4321"),
        ("010-12345678转8001", "010****5678-***"),
        ("13800138000-1234", "138****8000-***"),
        ("13800138000,4567", "138****8000-***"),
        ("+14155551234", "141****1234"),
        ("(415) 555-1234", "415****34"),
        ("415 555 1234", "415****34"),
        ("8765 4321", "****21"),
        ("13800138000/13900139000", "138****8000/139****9000"),
        ("张三 13800138000", "138****8000"),
        ("95338", "***"),
        ("张三", "***"),
        ("", ""),
    ],
)
def test_a_phone_keeps_its_first_three_and_last_four_digits(given_: str, shown: str) -> None:
    assert mask_phone(given_) == shown


@pytest.mark.parametrize(
    ("given_", "shown"),
    [
        ("张三丰", "张**"),
        ("张三", "张*"),
        ("张", "*"),
        (" 欧阳娜娜 ", "欧***"),
        ("Bartholomew Smith", "B***"),
        ("", ""),
    ],
)
def test_a_name_keeps_its_first_character(given_: str, shown: str) -> None:
    assert mask_name(given_) == shown


@pytest.mark.parametrize(
    ("given_", "shown"),
    [
        ("文一西路969号3幢502室", "文一西路***"),
        ("浙江省杭州市余杭区文一西路969号", "浙江省杭州市***"),
        ("西湖", "西***"),
        ("969号", "***"),
        ("", ""),
    ],
)
def test_an_address_keeps_no_house_number_and_at_most_half(given_: str, shown: str) -> None:
    assert mask_address(given_) == shown


@pytest.mark.parametrize("value", ["", "a", "a" * 64, None, 7])
def test_a_secret_shows_not_even_its_length(value: object) -> None:
    assert mask_secret(value) == "***"


@given(TEXTS)
@example("13800138000-12-13800138000")
def test_masking_a_value_twice_is_masking_it_once(text: str) -> None:
    for mask in (mask_phone, mask_name, mask_address, mask_secret, mask_text, mask_url):
        once = mask(text)
        assert mask(once) == once


@given(JSON_VALUES)
@example({"a": 10**6000})
@example('["token=\x01",1]')
@example({PHONE: {PHONE: PHONE}})
@example('{"phone": "13800138000", "phone": "***"}')
def test_masking_fields_never_fails_and_is_idempotent(value: Any) -> None:
    once = mask_fields(value)
    assert mask_fields(once) == once


@given(JSON_VALUES)
def test_a_mobile_number_under_any_plain_key_is_gone(value: Any) -> None:
    shown = json.dumps(mask_fields({"remark": f"致电{PHONE}", "x": value, "phone": int(PHONE)}))
    assert shown.count("138****8000") >= 2
    assert PHONE not in json.dumps(mask_fields({"remark": f"致电{PHONE}", "y": [int(PHONE)]}))


@pytest.mark.parametrize("styled", [str, str.upper, lambda key: key.replace("_", "-")])
@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        ("receiver_name", "张三丰", "张**"),
        ("courier_name", "李四", "李*"),
        ("sender_surname", "欧阳", "欧*"),
        ("contact", "李四", "李*"),
        ("sender_mobile", PHONE, "138****8000"),
        ("tel", PHONE, "138****8000"),
        ("full_address", "文一西路969号3幢502室", "文一西路***"),
        ("detail", "文一西路969号3幢502室", "文一西路***"),
        ("data_digest", "ufYU7rvXhHY3IDyZgyt6SA==", "***"),
        ("app_secret", "key123", "***"),
        ("access_token", "key123", "***"),
        ("api_key", "key123", "***"),
        ("authorization", "Bearer x", "***"),
        ("openid", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", "***"),
        ("encrypted_data", "QUJD" * 90, "***"),
        ("sign", "QUJD", "***"),
        ("session", "QUJD", "***"),
        ("cookie", "a=b", "***"),
    ],
)
def test_a_key_tells_what_its_value_is_in_any_style(
    styled: Any, key: str, value: str, shown: str
) -> None:
    assert mask_fields({styled(key): value}) == {styled(key): shown}


@pytest.mark.parametrize(
    "key", ["receiverName", "ReceiverName", "receivername", "RECEIVERNAME", "收件人姓名", "姓名"]
)
def test_camel_case_run_together_and_chinese_keys_are_understood(key: str) -> None:
    assert mask_fields({key: "张三丰"}) == {key: "张**"}


def test_what_finds_an_order_again_stays() -> None:
    kept = {
        "order_no": "6222021234567890123",
        "waybillCode": "78912345678901",
        "mailNo": "13812345678",
        "tradeOrderNo": "EX202602180001",
        "cpName": "中通快递",
        "branchName": "杭州西湖网点",
        "goodsName": "茶叶",
        "statusDesc": "派送中",
        "sign_method": "link",
        "app_secret_set": True,
        "province": "浙江省",
        "city": "杭州市",
        "district": "西湖区",
        "weight": 1.5,
        "timestamp": 1771200000000,
        "eventTime": "2026-02-18 10:00:00",
        "token": None,
    }
    assert mask_fields(kept) == kept


def test_a_town_is_half_hidden_and_an_address_object_is_looked_into() -> None:
    shown = mask_fields({"address": {"city": "杭州市", "town": "文一街道", "detail": "969号"}})
    assert shown == {"address": {"city": "杭州市", "town": "文一***", "detail": "***"}}


def test_a_secret_hides_whatever_it_holds() -> None:
    shown = mask_fields({"credentials": {"user": "a"}, "tokens": ["a", "b"], "secret": 12345})
    assert shown == {"credentials": "***", "tokens": "***", "secret": "***"}


def test_fields_named_by_the_caller_are_hidden_like_secrets() -> None:
    value = {"checkWord": "x", "JsTicket": "y", "inner": '{"js_ticket": "z"}', "kept": "w"}
    shown = mask_fields(value, extra=frozenset({"js_ticket"}))
    assert shown == {
        "checkWord": "***",
        "JsTicket": "***",
        "inner": '{"js_ticket": "***"}',
        "kept": "w",
    }


def test_json_inside_a_string_is_masked_inside() -> None:
    printed = json.dumps({"data": {"recipient": {"name": "张三丰", "phone": PHONE}}, "ver": "1"})
    outer = json.dumps({"waybillCode": "ZT1", "printData": printed}, ensure_ascii=False)
    shown = json.loads(mask_fields({"logistics_interface": outer})["logistics_interface"])
    assert shown["waybillCode"] == "ZT1"
    assert json.loads(shown["printData"])["data"]["recipient"] == {
        "name": "张**",
        "phone": "138****8000",
    }


def test_json_that_hides_a_value_behind_a_repeated_key_is_written_anew() -> None:
    shown = mask_fields({"content": '{"phone": "13800138000", "phone": "***"}'})
    assert PHONE not in shown["content"]


def test_nesting_without_end_is_cut_instead_of_failing() -> None:
    deep: Any = PHONE
    for _ in range(5000):
        deep = [deep]
    assert "***" in str(mask_fields(deep))
    assert PHONE not in str(mask_fields({"x": "[" * 20_000 + PHONE + "]" * 20_000}))


def test_the_original_is_left_alone() -> None:
    value = {"receiver": {"name": "张三丰"}, "list": [{"phone": PHONE}]}
    before = json.dumps(value)
    mask_fields(value)
    assert json.dumps(value) == before


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"致电{PHONE}未接", "致电138****8000未接"),
        ("已由快递员:李四,电话:0571-87654321签收", "已由快递员:李*,电话:057****4321签收"),
        (
            "收件人\uff1a李四\uff0c电话\uff1a0571-87654321转12\uff08家\uff09",
            "收件人\uff1a李*\uff0c电话\uff1a057****4321-***\uff08家\uff09",
        ),
        ("地址\uff1a文一西路969号 3幢\uff0c急", "地址\uff1a文一西路***\uff0c急"),
        (f"致电{WIDE_PHONE}\uff0c1234", "致电138****8000-***"),
        ("快递员【张三】正在派送", "快递员【张*】正在派送"),
        ("身份证33010619900101001X", "身份证***"),
        ("卡 6222 0212 3456 7890 123", "卡 ***"),
        ("password=hunter2 refused", "password=*** refused"),
        ("{'receiver_name': '张三丰', 'n': 1}", "{'receiver_name': '张**', 'n': 1}"),
        ('{"name":"张三","cut', '{"name":"张*","cut'),
        (r"{\"name\":\"张三\",\"cut", r"{\"name\":\"张*\",\"cut"),
        ('{"name": "a\\"b", "x": 1', '{"name": "a***", "x": 1'),
        ("Authorization: Bearer abc.def1 x", "Authorization: ***"),
        ("sent Bearer abc.def1", "sent Bearer ***"),
        ("<name>张三</name><goodsName>茶</goodsName>", "<name>张*</name><goodsName>茶</goodsName>"),
        ("<phone><![CDATA[13800138000]]></phone>", "<phone>138****8000</phone>"),
        ("<r name='李四'/>", "<r name='李*'/>"),
        ("with url: /a?token=abc&k=1 (Caused", "with url: /a?token=***&k=*** (Caused"),
        ("GET https://a.cn/x?q=1#y failed", "GET https://a.cn/x?q=***#*** failed"),
        ("mysql://root:pw@db/tonglu", "mysql://***@db/tonglu"),
        ("f=%7B%22phone%22%3A%2213800138000%22", "f=***"),
        ("to anna@example.com", "to a***@example.com"),
        ("key whsec_MfKQ9r8GKYqrTwjU", "key ***"),
        ("Tel No: 13800138000", "Tel No: 138****8000"),
    ],
)
def test_free_text_is_masked_where_it_tells(text: str, shown: str) -> None:
    assert mask_text(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "NameError: name 'foo' is not defined",
        "[Errno 111] Connection refused",
        "order EX202602180001 at 2026-02-18T10:00:00.123456+08:00, 1771200000000",
        "order_no=202602181234567890 status: delivering",
        "lng 120.15507000001 lat 30.274085123456789",
        "token=None password: null",
        "took 120 300 4000 us at +0800 2026-02-18 10:00 on 192.168.100.1",
    ],
)
def test_free_text_keeps_what_is_nobodys(text: str) -> None:
    assert mask_text(text) == text


def test_a_private_key_is_cut_out_of_a_text() -> None:
    text = "x -----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY----- y"
    assert mask_text(text) == "x *** y"


def test_a_link_nobody_could_guess_is_not_shown() -> None:
    assert mask_url("https://a.cn/t/aB3dEfGhIjKlMnOpQrStUv") == "https://a.cn/t/***"
    assert mask_url("https://a.cn/api/v1/EX202602180001/label") == (
        "https://a.cn/api/v1/EX202602180001/label"
    )


@pytest.mark.parametrize(
    "piece", ["a:", "<a ", "<name><![CDATA[", "1", "name='", "a@a.", "\\", '"name":"\\', "?a="]
)
def test_gibberish_costs_linear_time(piece: str) -> None:
    started = time.monotonic()
    mask_text(piece * (200_000 // len(piece)))
    assert time.monotonic() - started < 2


def test_a_form_becomes_json_of_its_masked_fields_in_any_charset() -> None:
    for charset in ("utf-8", "gbk"):
        content = json.dumps({"name": "张三丰", "mailNo": "ZT1"}, ensure_ascii=False)
        escaped = "".join(f"%{byte:02X}" for byte in content.encode(charset))
        body = f"logistics_interface={escaped}&data_digest=abc%3D%3D&msg_type=X&a=1&a=2".encode()
        shown = json.loads(mask_body(body, content_type="application/x-www-form-urlencoded"))
        assert json.loads(shown.pop("logistics_interface")) == {"name": "张**", "mailNo": "ZT1"}
        assert shown == {"data_digest": "***", "msg_type": "X", "a": ["1", "2"]}


def test_a_body_is_masked_by_what_it_is() -> None:
    assert mask_body(b"") == ""
    assert json.loads(mask_body('{"phone":"13800138000"}'.encode("utf-8-sig"))) == {
        "phone": "138****8000"
    }
    assert mask_body("<name>张三</name>".encode("gb18030")) == "<name>张*</name>"
    assert mask_body(b"%PDF\x00\xff", content_type="application/pdf") == (
        "<6 bytes of application/pdf>"
    )
    assert PHONE not in mask_body(b'{"a": "' + b"x " * 200_000 + b'", "p": "13800138000"}')


@given(st.binary(max_size=80))
def test_any_bytes_can_be_shown(body: bytes) -> None:
    for content_type in ("", "application/x-www-form-urlencoded"):
        assert isinstance(mask_body(body, content_type=content_type), str)


class _Broken:
    def __str__(self) -> str:
        msg = "no text"
        raise RuntimeError(msg)


def _logged(message: Any, *args: Any, **kwargs: Any) -> str:
    record = logging.getLogger("t").makeRecord(
        "t", logging.INFO, __file__, 1, message, args, kwargs.get("exc_info")
    )
    record.stack_info = kwargs.get("stack")
    assert MaskingFilter().filter(record)
    once = logging.Formatter().format(record)
    assert MaskingFilter().filter(record)
    assert logging.Formatter().format(record) == once
    return once


def test_a_log_line_is_masked_with_its_arguments() -> None:
    assert _logged("calling %s", PHONE) == "calling 138****8000"
    assert _logged("got %s", {"receiverName": "张三丰"}) == "got {'receiverName': '张**'}"
    assert _logged("%(phone)s %(n)d", {"phone": PHONE, "n": 3}) == "138****8000 3"
    assert _logged({"name": "张三丰", "n": 1}) == "{'name': '张**', 'n': 1}"
    assert _logged("100% of token=abc") == "100% of token=***"
    assert _logged("in", stack=f"Stack: {PHONE}") == "in\nStack: 138****8000"


def test_a_log_line_that_cannot_be_formatted_costs_nobody_their_work() -> None:
    assert "token=***" in _logged("%d token=abc", "x")
    assert "could not be formatted" in _logged("%s", _Broken())
    assert "could not be formatted" in _logged(_Broken())


def _fail() -> None:
    try:
        int(PHONE, base=3)
    except ValueError as error:
        msg = "{'receiver_name': '张三丰'}"
        raise RuntimeError(msg) from error


def test_a_logged_exception_is_masked_with_its_causes() -> None:
    with pytest.raises(RuntimeError) as caught:
        _fail()
    shown = _logged("failed", exc_info=(caught.type, caught.value, caught.tb))
    assert "with base 3: '138****8000'" in shown
    assert "'receiver_name': '张**'" in shown.splitlines()[-1]
    assert PHONE not in shown

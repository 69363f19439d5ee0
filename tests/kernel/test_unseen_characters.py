"""Characters that nobody sees: refused in identifiers, taken out of what people write."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework import serializers

from config.kernel.api.serializers import PhoneField
from config.kernel.api.texts import IdentifierField, LineField, ProseField
from config.kernel.errors import Malformed
from delivery.services.drafts import read_draft, read_external_draft
from logistics.services.drafts import read_draft as read_parcel
from tests.delivery.asking import ORDER

UNSEEN = [
    *map(chr, (*range(1, 9), *range(0x0E, 0x20), *range(0x7F, 0xA0))),
    *"\u200b\u200c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064",
    *"\u2066\u2067\u2068\u2069\ufeff\u00ad\u061c\u180e\u206a\u206f\ufff9",
]
# Not seen by themselves, but parts of emoji or of Korean.
FILLERS = "\u034f\u115f\u1160\u2800\u3164\uffa0\ufe00\ufe0f\U000e0041\U000e0100"
CONTROLS = [one for one in UNSEEN if one < "\xa0"]
JOINED = "少辣👨\u200d👩\u200d👧，谢谢🙋🏽\u200d♀️❤️\u200d🔥"
PARCEL = {"receiver_name": "王小明", "receiver_phone": "13800138000", "receiver_address": "1号"}


def said_of(field: serializers.Field[Any, Any, Any, Any], text: str) -> str:
    """What is said against it, empty where it is taken."""
    try:
        assert field.run_validation(text) == text
    except serializers.ValidationError as exc:
        (told,) = exc.get_full_details()
        return str(told["message"])
    return ""


def test_an_identifier_holds_no_character_that_nobody_sees() -> None:
    field = IdentifierField(max_length=20)
    for one in [*UNSEEN, *FILLERS, "\u200d"]:
        assert "看不见" in said_of(field, f"NC2026{one}A1") or one.isspace()
    assert said_of(field, "NC2026\u200bA1") == (
        "第 7 个字符（U+200B）是看不见的控制字符或格式字符，请删除后重试。"
    )
    for blank in "  \u3000\u2028":
        assert said_of(field, f"NC{blank}1") == "不能含有空白字符。"
    assert said_of(field, "NC-2026_单号/1") == ""


FORMATTING = [one for one in UNSEEN if one >= "\xa0"]


@pytest.mark.parametrize("kind", [LineField, ProseField])
def test_what_came_along_unseen_is_taken_out_of_what_people_write(kind: type[ProseField]) -> None:
    field = kind(max_length=5)
    for one in [*FORMATTING, "\u200d"]:
        assert field.run_validation(f"{one}王{one} 小明{one}") == "王 小明"
    assert field.run_validation("\u202d一二三四五\u202c") == "一二三四五"
    for joined in ("👩\u200d🍳小王", "❤️\u200d🔥", "❤\u200d🔥", "𠮷野家", "O’Nei"):
        assert field.run_validation(joined) == joined
    for nobody in ("\u200b \ufeff", *FILLERS, "\u115f\u1160", f" {FILLERS} "):
        with pytest.raises(serializers.ValidationError):
            field.run_validation(nobody)


def test_a_name_is_one_line_without_controls() -> None:
    field = LineField(max_length=20)
    for one in [*CONTROLS, *"\t\n\r\u2028\u2029"]:
        assert said_of(field, f"王{one}小明"), hex(ord(one))


def test_addresses_and_remarks_may_have_lines_but_no_controls() -> None:
    field = ProseField(max_length=100)
    for text in (JOINED, "一\n二\r\n三\t四", "浙江省杭州市西湖区\r\n文三路1号\t2幢"):
        assert said_of(field, text) == ""
    for one in CONTROLS:
        assert said_of(field, f"少{one}辣"), hex(ord(one))


def test_a_number_copied_from_a_telephone_is_a_number() -> None:
    assert PhoneField(max_length=20).run_validation("\u202d138 0013 8000\u202c") == "138 0013 8000"
    with pytest.raises(serializers.ValidationError):
        PhoneField(max_length=20).run_validation("\u202d12\u202c")


@pytest.mark.parametrize("read", [read_draft, read_external_draft], ids=["v1", "external"])
def test_a_delivery_is_booked_as_it_is_seen(read: Any) -> None:
    names = ("merchant_name", "receiver_name", "merchant_address", "receiver_address",
             "receiver_phone", "merchant_phone")  # fmt: skip
    marked = {name: f"\u202d{ORDER[name]}\u202c" for name in names}
    assert read({**ORDER, **marked, "remark": JOINED}) == read({**ORDER, "remark": JOINED})
    with pytest.raises(Malformed) as refused:
        read({**ORDER, "external_order_no": "NC1\u202e", "receiver_name": "王\x07"})
    assert set(refused.value.fields) == {"external_order_no", "receiver_name"}


def test_a_parcel_is_booked_as_it_is_seen() -> None:
    marked = dict.fromkeys(
        ("sender_name", "sender_city", "receiver_town", "goods_name"), "一\u200b二"
    )
    clean = dict.fromkeys(marked, "一二")
    assert read_parcel({**PARCEL, **marked}) == read_parcel({**PARCEL, **clean})
    with pytest.raises(Malformed) as refused:
        read_parcel({**PARCEL, "tenant_order_no": "1\u200b", "cp_code": "Y\u200bT"})
    assert set(refused.value.fields) == {"tenant_order_no", "cp_code"}

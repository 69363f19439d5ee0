"""Characters that nobody sees are refused where they would tell apart what looks the same."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework import serializers

from config.kernel.api.texts import (
    AddressField,
    IdentifierField,
    LineField,
    SeenCharField,
)
from config.kernel.errors import Malformed
from delivery.services.drafts import read_draft, read_external_draft
from logistics.services.drafts import read_draft as read_parcel
from tests.delivery.asking import ORDER

UNSEEN = [
    *map(chr, (*range(1, 9), *range(0x0E, 0x20), *range(0x7F, 0xA0))),
    *"\u200b\u200c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064",
    *"\u2066\u2067\u2068\u2069\ufeff",
]
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
    for one in [*UNSEEN, "\u200d"]:
        assert "看不见" in said_of(field, f"NC2026{one}A1") or one.isspace()
    assert said_of(field, "NC2026\u200bA1") == (
        "第 7 个字符（U+200B）是看不见的控制字符或格式字符，请删除后重试。"
    )
    for blank in "  \u3000\u2028":
        assert said_of(field, f"NC{blank}1") == "不能含有空白字符。"
    assert said_of(field, "NC-2026_单号/1") == ""


def test_a_name_is_one_line_of_what_is_seen() -> None:
    field = LineField(max_length=20)
    for one in [*UNSEEN, *"\t\n\r\u2028\u2029", "\u200d"]:
        assert said_of(field, f"王{one}小明"), hex(ord(one))
    joined = ("👩\u200d🍳小王", "❤️\u200d🔥", "❤\u200d🔥")
    for name in ("王 小明", "Ann-Marie O’Neill", "𠮷野家", "café", *joined):
        assert said_of(field, name) == ""


def test_an_address_may_have_lines_and_nothing_else_that_is_not_seen() -> None:
    field = AddressField(max_length=30)
    assert said_of(field, "浙江省杭州市西湖区\r\n文三路1号\t2幢") == ""
    for one in [*(one for one in UNSEEN if not one.isspace()), "\u200d"]:
        assert "看不见" in said_of(field, f"文三路{one}1号"), hex(ord(one))


def test_a_remark_may_have_lines_and_joined_emoji_but_no_controls() -> None:
    field = SeenCharField(max_length=100)
    for text in (JOINED, "一\n二\r\n三\t四", "\u202d138\u202c \u200b好\ufeff。"):
        assert said_of(field, text) == ""
    for one in CONTROLS:
        assert said_of(field, f"少{one}辣"), hex(ord(one))


@pytest.mark.parametrize("read", [read_draft, read_external_draft], ids=["v1", "external"])
def test_deliveries_are_refused_by_the_fields_name(read: Any) -> None:
    names = ("external_order_no", "merchant_name", "receiver_name", "merchant_address",
             "receiver_address")  # fmt: skip
    with pytest.raises(Malformed) as refused:
        read({**ORDER, **{name: f"{ORDER[name]}\u202e" for name in names}, "remark": JOINED})
    assert set(refused.value.fields) == set(names)
    assert read({**ORDER, "remark": JOINED}).remark == JOINED


def test_parcels_are_refused_by_the_fields_name() -> None:
    names = ("tenant_order_no", "cp_code", "sender_name", "sender_city", "sender_address",
             "receiver_name", "receiver_town", "receiver_address")  # fmt: skip
    wrong = dict.fromkeys(names, "一\u200b二")
    with pytest.raises(Malformed) as refused:
        read_parcel({**PARCEL, **wrong, "goods_name": JOINED, "remark": f"{JOINED}\n二"})
    assert set(refused.value.fields) == set(wrong)

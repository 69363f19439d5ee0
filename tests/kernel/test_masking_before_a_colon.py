"""A number that stands where a key, a tag or a host stands is a number all the same."""

from __future__ import annotations

import pytest

from config.kernel.masking import mask_fields, mask_text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("请联系13800138000：张三", "请联系138****8000：张三"),
        ("13800138000: 已签收", "138****8000: 已签收"),
        ("138-0013-8000=1", "138****8000=1"),
        ('{"13800138000": 1', '{"138****8000": 1'),
        ("0571-88886666 => x", "057****6666 => x"),
        ("330106199001011234：已实名", "***：已实名"),
        ("orderNo: 13800138000", "orderNo: 13800138000"),
        ("orderNo:张三13800138000", "orderNo:张三138****8000"),
        ("k13: 1, 2026-11-21: 2", "k13: 1, 2026-11-21: 2"),
    ],
)
def test_a_phone_or_card_before_a_colon_is_masked(text: str, shown: str) -> None:
    assert mask_text(text) == shown
    assert mask_text(shown) == shown


def test_neither_is_it_a_dictionarys_key() -> None:
    assert mask_fields({"13800138000: 李四": 1}) == {"138****8000: 李四": 1}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("张三 <13800138000>", "张三 <138****8000>"),
        ("<138-0013-8000 />", "<138****8000 />"),
        ("<x13800138000 a='1'>", "<x138****8000 a='1'>"),
        ("tel://13800138000", "tel://138****8000"),
        ("sip://+8613800138000:5060/x", "sip://138****8000:5060/x"),
        ("http://192.168.1.100:8000/a", "http://192.168.1.100:8000/a"),
        ("<phone>13800138000</phone>", "<phone>138****8000</phone>"),
    ],
)
def test_a_phone_in_angle_brackets_or_as_a_host_is_masked(text: str, shown: str) -> None:
    assert mask_text(text) == shown
    assert mask_text(shown) == shown

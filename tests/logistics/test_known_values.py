"""What an order knows of its people is hidden in any text, and nothing else is."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.kernel.masking import KnownValues, mask_text
from logistics.queries.known_values import PEOPLE
from logistics.queries.known_values import known_of as known_of_order

PEOPLE_OF_ONE = {
    "receiver_name": "张三丰", "receiver_phone": "+86 138-0013-8000",
    "receiver_province": "浙江省", "receiver_city": "杭州市", "receiver_district": "余杭区",
    "receiver_address": "文一西路969号3幢502室",
    "receiver_address_text": "浙江省杭州余杭区文一西路969号3幢502室",
    "sender_name": "王芳女士", "sender_phone": "0571-88886666", "sender_city": "杭州市",
    "sender_address": "桐庐县阿里巴巴西溪园区前台", "courier_name": "李阿大",
    "courier_phone": "13755556666",
}  # fmt: skip


def known_of(**values: Any) -> KnownValues:
    return known_of_order(SimpleNamespace(**{**dict.fromkeys(PEOPLE), **values}))


KNOWN = known_of(**PEOPLE_OF_ONE)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("收件人张三丰拒接，地址文一西路969号", "收件人张**拒接，地址文一西路***"),
        ("张 三丰，文一西路９６９号 3幢", "张**，文一西路***"),
        ("请到502室", "请到***"),
        ("王芳已付", "王*已付"),
        ("王芳女士已付", "王***已付"),
        ("在阿里巴巴西溪园区放下", "在阿里巴巴***放下"),
        ("李阿大派送", "李**派送"),
        ("电话１３８ 0013 8000", "电话138****8000"),
        ("打1 3 8 0 0 1 3 8 0 0 0", "打138****8000"),
        ("座机8888-6666无人", "座机****66无人"),
        ("(0571)88886666", "057****6666"),
    ],
)
def test_they_are_hidden_however_they_are_written(text: str, shown: str) -> None:
    assert KNOWN.hide(text) == shown


@pytest.mark.parametrize(
    "text",
    ["", "快件到达浙江省杭州市余杭区转运中心", "运单 YT8888666612 已揽收", "文一西路拥堵",
     "单号1380013800012", "2026-11-21 10:00 已签收，感谢使用"],
)  # fmt: skip
def test_a_text_that_names_none_of_them_stays(text: str) -> None:
    assert KNOWN.hide_kept(text) == text
    assert KNOWN.hide(text) == mask_text(text)


def test_a_short_name_is_hidden_inside_longer_words() -> None:
    assert known_of(receiver_name="高兴").hide("很高兴为您服务") == "很高*为您服务"


def test_a_name_of_one_character_is_left_where_it_means_something_else() -> None:
    assert known_of(receiver_name="王", sender_name=" 李 ").hide("国王和行李") == "国王和行李"


def test_latin_names_are_whole_words_where_they_are_short() -> None:
    known = known_of(receiver_name="Li", sender_name="José Martínez")
    assert known.hide("delivered to LI by Jose  Martinez") == "delivered to L* by J***"


def test_an_address_that_was_not_read_yet_is_hidden_with_its_levels() -> None:
    known = known_of(receiver_address="浙江省杭州市余杭区文一西路969号")
    assert known.hide("送到杭州市余杭区文一西路969号了") == "送到杭州市余杭区***了"


def test_what_stands_masked_already_stays_masked_once() -> None:
    known = known_of(receiver_name="张**", receiver_phone="138****8000", receiver_address="文***")
    assert known.hide("张** 138****8000 文***") == "张** 138****8000 文***"


def test_whom_it_named_before_stays_hidden() -> None:
    former = [PEOPLE_OF_ONE, {"courier_name": "王五"}]
    known = known_of(receiver_name="李四光", former_people=former)
    text = "张三丰搬走了，李四光代收，尾号1380013-8000，文一西路969号；王五送"
    assert known.hide_kept(text) == "张**搬走了，李**代收，尾号138****8000，文一西路***；王*送"


def test_json_keeps_its_shape_and_its_numbers() -> None:
    kept = {"mailNo": "431234567890123", "n": 5, "ok": None, "desc": ["张三丰", {"a": "李阿大"}]}
    assert KNOWN.hide_kept(kept) == {
        "mailNo": "431234567890123", "n": 5, "ok": None, "desc": ["张**", {"a": "李**"}],
    }  # fmt: skip


_PIECES = st.sampled_from(
    [*PEOPLE_OF_ONE.values(), "三丰", "969号", "3幢", "张", "*", "***", " ", "-", "，", "收件人：",
     "88886666", "8613800138000", "路9", "\ud800", "\u200b", "ａ", "1"]
)  # fmt: skip
_TEXTS = st.one_of(st.text(), st.lists(_PIECES | st.text(max_size=2), max_size=12).map("".join))
_NAMED = dict.fromkeys(PEOPLE[:-1], st.none() | _TEXTS)
_FORMER = st.none() | st.lists(st.fixed_dictionaries({}, optional=_NAMED), max_size=2)
_ORDERS = st.fixed_dictionaries({}, optional={**_NAMED, "former_people": _FORMER})


@given(values=_ORDERS, text=_TEXTS)
def test_hiding_twice_is_hiding_once_and_never_raises(values: dict[str, Any], text: str) -> None:
    known = known_of(**values)
    hidden, kept = known.hide(text), known.hide_kept(text)
    assert known.hide(hidden) == hidden
    assert known.hide_kept(kept) == kept


@given(text=_TEXTS)
def test_no_whole_name_comes_through(text: str) -> None:
    hidden = KNOWN.hide(text)
    assert not [name for name in ("张三丰", "王芳", "李阿大", "文一西路969号") if name in hidden]


@given(text=_TEXTS)
def test_who_is_nobody_hides_nothing_more(text: str) -> None:
    assert known_of().hide(text) == mask_text(text)
    assert known_of().hide_kept(text) == text

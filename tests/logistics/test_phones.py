"""Phones as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.kernel.phones import is_phone, search_form


@pytest.mark.parametrize(
    "phone",
    ["13800138000", "+8613800138000", "+86 138 0013 8000", "138-0013-8000",
     "１３８００１３８０００",
     "13800138000-1234", "13800138000转1234", "0571-88886666", "(0571)88886666", "010-66668888-123",
     "88886666", "400-820-8820", "95338", "+85223456789", "86-13800138000",
     "+86 138-0013-8000", "138\u20130013\u20138000", "0571\u201488886666"],
)  # fmt: skip
def test_these_can_be_rung(phone: str) -> None:
    assert is_phone(phone)


@pytest.mark.parametrize(
    "phone",
    ["", "1", "12345", "12800138000", "1380013800", "138001380001", "电话", "13800138000abc",
     "138001380oo", "0-1", "13800138000 张三", "-", "转123"],
)  # fmt: skip
def test_these_cannot(phone: str) -> None:
    assert not is_phone(phone)


@pytest.mark.parametrize(
    ("phone", "form"),
    [("13800138000", "13800138000"), ("+86 138-0013-8000", "13800138000"),
     ("13800138000转12", "13800138000"), ("13800138000-1234", "13800138000"),
     ("138\u20130013\u20138000", "13800138000"),
     ("0571-88886666", "057188886666")],
)  # fmt: skip
def test_one_phone_is_searched_by_one_form(phone: str, form: str) -> None:
    assert search_form(phone) == form


@given(st.text(max_size=60))
def test_any_text_has_an_answer(text: str) -> None:
    is_phone(text)
    search_form(text)

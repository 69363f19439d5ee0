"""One phone is found by one form, whatever country code or extension it was written with."""

from __future__ import annotations

import pytest

from config.kernel.phones import is_phone, search_form


@pytest.mark.parametrize(
    "written",
    ["8613800138000", "86-13800138000", "0086-13800138000", "008613800138000",
     "+8613800138000-12", "8613800138000-1234"],
)  # fmt: skip
def test_a_mobile_with_any_country_code_is_one_phone(written: str) -> None:
    assert is_phone(written)
    assert search_form(written) == "13800138000"


@pytest.mark.parametrize(
    ("written", "form"),
    [("010-66668888-123", "01066668888"), ("0571-88886666-1", "057188886666"),
     ("86-0571-88886666", "057188886666"), ("88886666-123", "88886666"),
     ("86012345", "86012345"), ("400-820-8820", "4008208820"), ("95338", "95338"),
     ("+85223456789", "85223456789")],
)  # fmt: skip
def test_a_landline_is_searched_without_its_extension(written: str, form: str) -> None:
    assert is_phone(written)
    assert search_form(written) == form


def test_a_number_in_digits_that_no_telephone_has_is_none() -> None:
    assert not is_phone("200000\u0663")
    assert search_form("200000\u0663") == "200000"

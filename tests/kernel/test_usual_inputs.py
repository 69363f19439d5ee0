"""What nearly all inputs look like is read by a short way, to the very same value."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from rest_framework import serializers

from config.kernel.api.parsing import loads
from config.kernel.api.serializers import (
    PhoneField,
    StrictCharField,
    StrictDecimalField,
    optional_text,
)
from config.kernel.api.texts import IdentifierField, LineField, ProseField, VisibleField
from config.kernel.errors import Malformed
from delivery.services.fields import CoordinateField, YuanField

ODD = [chr(code) for code in (
    0, 1, 9, 10, 13, 0x1F, 0x20, 0x7F, 0x85, 0x9F, 0xA0, 0xAD, 0x200B, 0x200D, 0x200E, 0x2028,
    0x202E, 0x2060, 0x2066, 0x3000, 0xD800, 0xE000, 0xFE0F, 0xFEFF, 0x1F468, 0x10FFFF,
)]  # fmt: skip
TEXTS = [
    "", " ", "张三", "a" * 10, "a" * 11, " a", "a ", "a b", "13800138000", "1380013800",
    "12800138000", "１３８００１３８０００", "0571-88886666", "+8613800138000", *ODD,
    *(f"a{odd}b" for odd in ODD), *(f"{odd}a" for odd in ODD), *(f"a{odd}" for odd in ODD),
]  # fmt: skip
FIELDS: list[Callable[[], serializers.CharField]] = [
    lambda: StrictCharField(max_length=10),
    StrictCharField,
    lambda: StrictCharField(max_length=10, trim_whitespace=False),
    lambda: StrictCharField(max_length=10, min_length=3),
    lambda: optional_text(10),
    lambda: VisibleField(max_length=10),
    lambda: LineField(max_length=10),
    lambda: ProseField(max_length=10),
    lambda: IdentifierField(max_length=10),
    lambda: PhoneField(max_length=20),
]
NUMBERS = [
    "".join(parts)
    for parts in itertools.product(
        ("", "-", "+", " "), ("0", "5", "007", "99999999", "999999999", "1234567890", ""),
        ("", ".", ".5", ".50", ".505", ".1234567", ".12345678901"), ("", "e1", "_0", "٣"),
    )
]  # fmt: skip
OTHERS: list[Any] = [0, 5, -5, 10**9, 10**12, True, None, [], {}, 0.1 + 0.2, 1e-7, -0.0, 1e300]


def outcome(read: Callable[[Any], Any], value: Any) -> Any:
    """What comes of it: the value with its type and places, or the complaint."""
    try:
        made = read(value)
    except serializers.ValidationError as refusal:
        return "refused", refusal.get_full_details()
    return type(made), str(made)


@pytest.mark.parametrize("number", range(len(FIELDS)))
def test_a_plain_text_is_what_all_the_checks_would_have_made_of_it(number: int) -> None:
    short, whole = FIELDS[number](), FIELDS[number]()
    whole._trusts_plain = False  # type: ignore[attr-defined]
    for text in TEXTS:
        assert outcome(short.run_validation, text) == outcome(whole.run_validation, text), text


def test_the_short_way_is_taken_at_all() -> None:
    taken = [field for make in FIELDS if (field := make())._trusts_plain]  # type: ignore[attr-defined]
    assert len(taken) == len(FIELDS) - 1  # min_length is a check more


class Shouting(StrictCharField):
    def to_internal_value(self, data: Any) -> str:
        return super().to_internal_value(data).upper()


def refuse_a(text: str) -> None:
    if "a" in text:
        raise serializers.ValidationError("a")


def test_what_a_field_checks_besides_is_never_left_out() -> None:
    assert Shouting().run_validation("abc") == "ABC"
    with pytest.raises(serializers.ValidationError):
        StrictCharField(validators=[refuse_a]).run_validation("abc")


@pytest.mark.parametrize(
    "make",
    [
        lambda: StrictDecimalField(max_digits=10, decimal_places=3, allow_null=True),
        lambda: StrictDecimalField(max_digits=10, decimal_places=0),
        lambda: StrictDecimalField(
            max_digits=10, decimal_places=2, min_value=Decimal(0), max_value=Decimal(99)
        ),
        YuanField,
        CoordinateField,
    ],
    ids=["weight", "whole", "bounded", "yuan", "degrees"],
)
def test_a_plain_number_is_what_all_the_checks_would_have_made_of_it(
    make: Callable[[], StrictDecimalField],
) -> None:
    short, whole = make(), make()
    assert short._usual
    whole._usual = None
    numbers = ",".join(f"{n}.{p}" for n in (0, 5, 120) for p in ("5", "25", "125"))
    written = loads(f"[{numbers}]".encode())
    for value in [*NUMBERS, *OTHERS, *written]:
        assert outcome(short.run_validation, value) == outcome(whole.run_validation, value), value


@pytest.mark.parametrize(
    "body",
    [
        '{"a": "\\u0000"}',
        '{"\\ud800": 1}',
        '["\\ud83d"]',
        "[" * 21 + "1" + "]" * 21,
        '{"a":' * 21 + "1" + "}" * 21,
    ],
    ids=["nul", "half-key", "half", "deep-list", "deep-object"],
)
def test_what_no_database_holds_is_refused_however_it_is_written(body: str) -> None:
    with pytest.raises(Malformed):
        loads(body.encode())


@pytest.mark.parametrize("body", ['{"a": "\x00"}', '["\x1f"]'], ids=["nul", "control"])
def test_json_has_no_bare_control_characters(body: str) -> None:
    with pytest.raises(Malformed):
        loads(body.encode())


def test_what_is_deep_enough_and_escaped_is_read() -> None:
    assert loads(b"[" * 20 + b"]" * 20)
    assert loads(b'"\\u5f20 \\ud83d\\ude00"') == "张 😀"
    assert len(loads(b"[" + b",".join([b"{}"] * 50) + b"]")) == 50

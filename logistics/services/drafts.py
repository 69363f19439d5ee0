"""What a parcel's request may say, checked once for every way it comes in (API, CSV, console)."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from rest_framework import serializers

from config.kernel.api.serializers import (
    StrictCharField,
    StrictDecimalField,
    StrictIntegerField,
    StrictSerializer,
    validate,
)
from logistics.phones import is_phone

LARGEST_INT = 2_147_483_647
MOST_PIECES = 10_000


class PhoneField(StrictCharField):
    """A phone a courier could ring."""

    def to_internal_value(self, data: Any) -> str:
        """Refuse what no phone looks like."""
        phone = unicodedata.normalize("NFKC", super().to_internal_value(data))
        if phone and not is_phone(phone):
            raise serializers.ValidationError(
                "电话格式不正确：请填写手机号，或带区号的座机（可带分机）。"
            )
        return phone


def _text(length: int, *, required: bool = False) -> StrictCharField:
    if required:
        return StrictCharField(max_length=length)
    return StrictCharField(max_length=length, required=False, allow_blank=True, allow_null=True)


def _code(length: int) -> StrictCharField:
    """An identifier: as it came, so that blanks around it are seen and refused."""
    return StrictCharField(
        max_length=length,
        required=False,
        allow_blank=True,
        allow_null=True,
        trim_whitespace=False,
    )


class OrderInput(StrictSerializer):
    """A parcel as asked for; lengths are the columns' (seed 3.2.3)."""

    tenant_order_no = _code(64)
    tenant_order_id = StrictIntegerField(
        required=False, allow_null=True, min_value=-LARGEST_INT, max_value=LARGEST_INT
    )
    cp_code = _code(50)
    sender_name = _text(100)
    sender_phone = PhoneField(max_length=50, required=False, allow_blank=True, allow_null=True)
    sender_province = _text(50)
    sender_city = _text(50)
    sender_district = _text(50)
    sender_town = _text(50)
    sender_address = _text(500)
    receiver_name = _text(100, required=True)
    receiver_phone = PhoneField(max_length=50)
    receiver_province = _text(50)
    receiver_city = _text(50)
    receiver_district = _text(50)
    receiver_town = _text(50)
    receiver_address = _text(500, required=True)
    goods_name = _text(200)
    goods_count = StrictIntegerField(required=False, min_value=1, max_value=MOST_PIECES)
    weight = StrictDecimalField(
        max_digits=10, decimal_places=3, required=False, allow_null=True, min_value=Decimal(0)
    )
    volume = StrictDecimalField(
        max_digits=10, decimal_places=3, required=False, allow_null=True, min_value=Decimal(0)
    )
    remark = _text(500)

    def validate_tenant_order_no(self, value: str | None) -> str | None:
        """White space at the edges is refused: engines compare it differently."""
        return _identifier(value)

    def validate_cp_code(self, value: str | None) -> str | None:
        """As the tenant's number."""
        return _identifier(value)


def _identifier(value: str | None) -> str | None:
    if value and any(character.isspace() for character in value):
        raise serializers.ValidationError("不能含有空白字符。")
    return value or None


@dataclass(frozen=True, slots=True)
class Draft:
    """A checked request; absent texts are empty. weight in kg, volume in m³."""

    receiver_name: str
    receiver_phone: str
    receiver_address: str
    receiver_province: str = ""
    receiver_city: str = ""
    receiver_district: str = ""
    receiver_town: str = ""
    sender_name: str = ""
    sender_phone: str = ""
    sender_province: str = ""
    sender_city: str = ""
    sender_district: str = ""
    sender_town: str = ""
    sender_address: str = ""
    cp_code: str = ""
    goods_name: str = ""
    goods_count: int = 1
    weight: Decimal | None = None
    volume: Decimal | None = None
    remark: str = ""
    tenant_order_no: str | None = None
    tenant_order_id: int | None = None

    @property
    def content_hash(self) -> str:
        """64 hex digits: the same request has the same, whatever was left out or null."""
        values = {name: getattr(self, name) for name in _NAMES}
        text = json.dumps(values, default=_plain_number)
        return hashlib.sha256(text.encode()).hexdigest()


_NAMES = sorted(field.name for field in fields(Draft))


def _plain_number(value: Any) -> str:
    return format(Decimal(value).normalize(), "f")


def read_draft(data: Mapping[str, Any]) -> Draft:
    """Check a request completely.

    :raises Malformed: naming every field at fault.
    """
    return make_draft(validate(OrderInput, data))


def make_draft(values: Mapping[str, Any]) -> Draft:
    """The draft of values that `OrderInput` has checked."""
    nullable = ("weight", "volume", "tenant_order_no", "tenant_order_id")
    kept = {name: value for name, value in values.items() if value is not None or name in nullable}
    return Draft(**kept)

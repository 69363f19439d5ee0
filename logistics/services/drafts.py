"""What a parcel's request may say, checked once for every way it comes in (API, CSV, console)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from config.kernel.api.serializers import (
    PhoneField,
    StrictDecimalField,
    StrictIntegerField,
    StrictSerializer,
    validate,
)
from config.kernel.api.texts import (
    LineField,
    ProseField,
    optional_identifier,
    optional_line,
    optional_prose,
)

LARGEST_INT = 2_147_483_647
MOST_PIECES = 10_000


class OrderInput(StrictSerializer):
    """A parcel as asked for; lengths are the columns' (seed 3.2.3)."""

    tenant_order_no = optional_identifier(64)
    tenant_order_id = StrictIntegerField(
        required=False, allow_null=True, min_value=-LARGEST_INT, max_value=LARGEST_INT
    )
    cp_code = optional_identifier(50)
    sender_name = optional_line(100)
    sender_phone = PhoneField(max_length=50, required=False, allow_blank=True, allow_null=True)
    sender_province = optional_line(50)
    sender_city = optional_line(50)
    sender_district = optional_line(50)
    sender_town = optional_line(50)
    sender_address = optional_prose(500)
    receiver_name = LineField(max_length=100)
    receiver_phone = PhoneField(max_length=50)
    receiver_province = optional_line(50)
    receiver_city = optional_line(50)
    receiver_district = optional_line(50)
    receiver_town = optional_line(50)
    receiver_address = ProseField(max_length=500)
    goods_name = optional_prose(200)
    goods_count = StrictIntegerField(required=False, min_value=1, max_value=MOST_PIECES)
    weight = StrictDecimalField(
        max_digits=10, decimal_places=3, required=False, allow_null=True, min_value=Decimal(0)
    )
    volume = StrictDecimalField(
        max_digits=10, decimal_places=3, required=False, allow_null=True, min_value=Decimal(0)
    )
    remark = optional_prose(500)


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

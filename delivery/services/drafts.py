"""What a delivery's request may say (S000 3.1), checked once for every way it comes in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from rest_framework import serializers

from config.kernel.api.serializers import (
    PhoneField,
    StrictDecimalField,
    StrictSerializer,
    optional_text,
    validate,
)
from config.kernel.api.texts import IdentifierField, LineField, ProseField, optional_prose
from config.kernel.errors import Malformed
from delivery.places import distance_m, is_known_place, looks_swapped
from delivery.services.fields import CoordinateField, GoodsField, OptionalTimeField, YuanField

if TYPE_CHECKING:
    from delivery.models import DeliveryOrder

SIDES = {"merchant": "商家", "receiver": "收货"}


class PlacesInput(StrictSerializer):
    """Where from and where to, GCJ-02; each side has both coordinates or none."""

    merchant_lat = CoordinateField()
    merchant_lng = CoordinateField()
    receiver_lat = CoordinateField()
    receiver_lng = CoordinateField()

    def validate(self, attrs: Any) -> Any:
        """Refuse half a place, one abroad, and latitude where longitude belongs."""
        wrong: dict[str, list[str]] = {}
        for side, label in SIDES.items():
            wrong |= _wrong_place(side, label, attrs.get(f"{side}_lat"), attrs.get(f"{side}_lng"))
        if wrong:
            raise serializers.ValidationError(wrong)
        return attrs


def _wrong_place(
    side: str, label: str, lat: Decimal | None, lng: Decimal | None
) -> dict[str, list[str]]:
    if lat is None and lng is None:
        return {}
    if lat is None or lng is None:
        missing = "lat" if lat is None else "lng"
        return {f"{side}_{missing}": [f"{label}地址的经纬度须同时填写，或都不填。"]}
    if looks_swapped(lat, lng):
        text = f"{label}地址的纬度与经度似乎填反了（lat 为纬度，lng 为经度）。"
        return {f"{side}_lat": [text], f"{side}_lng": [text]}
    if not is_known_place(lat, lng):
        text = f"{label}地址的坐标不在服务区域内，请使用 GCJ-02 坐标。"
        return {f"{side}_lat": [text], f"{side}_lng": [text]}
    return {}


class DeliveryInput(PlacesInput):
    """A delivery as asked for; lengths are the columns'."""

    external_order_no = IdentifierField(max_length=64)
    merchant_name = LineField(max_length=100)
    merchant_address = ProseField(max_length=500)
    merchant_phone = PhoneField(max_length=50)
    receiver_name = LineField(max_length=100)
    receiver_phone = PhoneField(max_length=50)
    receiver_address = ProseField(max_length=500)
    goods_info = GoodsField()
    weight = StrictDecimalField(
        max_digits=10, decimal_places=3, required=False, allow_null=True, min_value=Decimal(0)
    )
    goods_amount = YuanField()
    delivery_fee = YuanField()
    total_amount = YuanField()
    remark = optional_prose(500)
    callback_url = optional_text(500)
    promised_at = OptionalTimeField(
        help_text="期望送达时间，ISO 8601；不带时差时按租户所在时区（默认北京时间）理解。"
    )


class QuoteInput(PlacesInput):
    """What a price is asked for; weight in kg."""

    weight = StrictDecimalField(
        max_digits=10, decimal_places=3, required=False, allow_null=True, min_value=Decimal(0)
    )


# As people call them, where two requests differ.
LABELS = {
    "external_order_no": "外部单号",
    "merchant_name": "商家名称", "merchant_address": "商家地址", "merchant_phone": "商家电话",
    "merchant_lat": "商家纬度", "merchant_lng": "商家经度",
    "receiver_name": "收货人", "receiver_address": "收货地址", "receiver_phone": "收货电话",
    "receiver_lat": "收货纬度", "receiver_lng": "收货经度",
    "goods_info": "商品信息", "weight": "重量", "goods_amount": "商品金额",
    "delivery_fee": "配送费", "total_amount": "总金额", "remark": "备注",
    "callback_url": "回调地址", "promised_at": "期望送达时间",
}  # fmt: skip
# Left out, the platform fills them in: what stands on the order was not said.
_FILLED_IN = frozenset({"delivery_fee", "promised_at"})


@dataclass(frozen=True, slots=True)
class Draft:
    """A checked request; absent texts are empty, amounts in yuan, weight in kg.

    `delivery_fee` None asks for the price rule's, `promised_at` None for the usual time.
    """

    external_order_no: str
    merchant_name: str
    merchant_address: str
    merchant_phone: str
    receiver_name: str
    receiver_phone: str
    receiver_address: str
    merchant_lat: Decimal | None = None
    merchant_lng: Decimal | None = None
    receiver_lat: Decimal | None = None
    receiver_lng: Decimal | None = None
    goods_info: str = ""
    weight: Decimal | None = None
    goods_amount: Decimal = Decimal("0.00")
    delivery_fee: Decimal | None = None
    total_amount: Decimal = Decimal("0.00")
    remark: str = ""
    callback_url: str = ""
    promised_at: datetime | None = None

    @property
    def content_hash(self) -> str:
        """64 hex digits: the same request has the same, whatever was left out or null."""
        values = {name: _comparable(name, getattr(self, name)) for name in _NAMES}
        return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()

    @property
    def distance_m(self) -> int | None:
        """As the crow flies; None where a coordinate is missing."""
        if (
            self.merchant_lat is None or self.merchant_lng is None
            or self.receiver_lat is None or self.receiver_lng is None
        ):  # fmt: skip
            return None
        return distance_m(
            self.merchant_lat, self.merchant_lng, self.receiver_lat, self.receiver_lng
        )


_NAMES = sorted(field.name for field in fields(Draft))


def _comparable(name: str, value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value.normalize() + 0, "f")
    if isinstance(value, datetime):
        return value.timestamp()
    if name == "goods_info" and value:
        return json.loads(value)
    return value or None


def difference(order: DeliveryOrder, draft: Draft) -> list[str]:
    """What people call the fields in which `draft` is not what `order` was made of."""
    named = [
        LABELS[name]
        for name in LABELS
        if (name not in _FILLED_IN or getattr(draft, name) is not None)
        and _comparable(name, getattr(draft, name)) != _comparable(name, getattr(order, name))
    ]
    return named or ["配送费或期望送达时间"]


def read_draft(data: Any, zone: tzinfo | None = None) -> Draft:
    """Check a request completely; a field we do not know is refused.

    A time that says no offset is the tenant's, in its `zone`.

    :raises Malformed: naming every field at fault.
    """
    return _make(_validated(data, zone))


def read_external_draft(data: Any, zone: tzinfo | None = None) -> Draft:
    """The same as S000 sends it: other fields are ignored, no delivery fee is none.

    :raises Malformed: naming every field at fault.
    """
    if not isinstance(data, Mapping):
        raise Malformed(fields={"body": ["请求体必须是 JSON 对象。"]})
    values = _validated({name: value for name, value in data.items() if name in LABELS}, zone)
    return _make({**values, "delivery_fee": values.get("delivery_fee") or Decimal("0.00")})


def _validated(data: Any, zone: tzinfo | None) -> dict[str, Any]:
    if zone is None:
        return validate(DeliveryInput, data)
    with timezone.override(zone):
        return validate(DeliveryInput, data)


def _make(values: Mapping[str, Any]) -> Draft:
    return Draft(**{name: value for name, value in values.items() if value is not None})

"""What a question may be filled from: one flat table of plain values per kind of call.

Weight is whole grams and volume whole cubic centimetres on this wire, kg and m³ everywhere else;
both are converted exactly and rounded half up (columns have three places, so kg never round).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from logistics.carriers.base import Party, Place, Shipment
from logistics.carriers.cainiao import tables

Plain = str | int | None
Sources = Mapping[str, Plain]

_GRAMS = Decimal(1000)
_CUBIC_CENTIMETRES = Decimal(1_000_000)
# Optional for our tenants, but no waybill is issued without it.
_SOME_GOODS = "物品"
_MOBILE = re.compile(r"(?:(?:\+|00)?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)")

_PLACE = frozenset({"province", "city", "district", "town", "detail"})
_PARTY = _PLACE | {"name", "phone", "mobile", "landline", "address"}
_ACCOUNT = frozenset({"app_key", "provider_id"})
_SHIPMENT = frozenset(
    {
        *(f"{who}.{field}" for who in ("sender", "receiver") for field in _PARTY),
        *("order_no", "cp_code", "goods_name", "goods_count", "weight_kg", "weight_g"),
        *("volume_m3", "volume_cm3", "remark", "service_type", "pay_method", "branch_code"),
        "waybill_no",
    }
)
#: The sources of each kind of call, by which an account's overrides are checked.
KNOWN: Final[Mapping[str, frozenset[str]]] = {
    tables.PARSE_LEVELS: _ACCOUNT | {"text"},
    tables.PARSE_ADDRESS: _ACCOUNT | {"text"},
    tables.FIND_BRANCH: _ACCOUNT | _PLACE | {"cp_code"},
    tables.GET_WAYBILL: _ACCOUNT | _SHIPMENT,
    tables.CREATE_PICKUP: _ACCOUNT | _SHIPMENT,
    tables.CANCEL_PICKUP: _ACCOUNT | {"order_no", "carrier_order_id", "reason"},
    tables.QUERY: _ACCOUNT | {"order_no"},
    tables.TRACK: _ACCOUNT | {"cp_code", "waybill_no"},
}


def whole(value: Decimal | None, unit: Decimal) -> int | None:
    """`value` in the smaller unit, rounded half up; None stays None."""
    if value is None:
        return None
    return int((value * unit).to_integral_value(ROUND_HALF_UP))


def of_place(place: Place) -> dict[str, Plain]:
    """The levels of an address."""
    return {
        "province": place.province,
        "city": place.city,
        "district": place.district,
        "town": place.town,
        "detail": place.detail,
    }


def of_shipment(shipment: Shipment) -> dict[str, Plain]:
    """All that a waybill or a pick-up may be asked for with."""
    return {
        **_of_party("sender", shipment.sender),
        **_of_party("receiver", shipment.receiver),
        "order_no": shipment.order_no,
        "cp_code": shipment.cp_code,
        "goods_name": shipment.goods_name or _SOME_GOODS,
        "goods_count": shipment.goods_count,
        "weight_kg": _plain(shipment.weight_kg),
        "weight_g": whole(shipment.weight_kg, _GRAMS),
        "volume_m3": _plain(shipment.volume_m3),
        "volume_cm3": whole(shipment.volume_m3, _CUBIC_CENTIMETRES),
        "remark": shipment.remark,
        "service_type": shipment.service_type,
        "pay_method": shipment.pay_method,
        "branch_code": shipment.branch_code,
        "waybill_no": shipment.waybill_no,
    }


def _of_party(who: str, party: Party) -> dict[str, Plain]:
    levels = of_place(party.place)
    is_mobile = _MOBILE.match(party.phone.strip()) is not None
    fields: dict[str, Plain] = {
        **levels,
        "name": party.name,
        "phone": party.phone,
        "mobile": party.phone if is_mobile else "",
        "landline": "" if is_mobile else party.phone,
        "address": "".join(str(level) for level in levels.values()),
    }
    return {f"{who}.{name}": value for name, value in fields.items()}


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")

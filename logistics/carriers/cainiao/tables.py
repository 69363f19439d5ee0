"""How each call is named and how its fields lie on the wire: data, which an account may override.

Kinds of calls are named as the port's methods. A question table maps a path on the wire to a
source (`sources.py`); a number in a path is a place in a list. A source beginning with `=` is the
literal text behind it, a number or a truth value is itself, and `!` at the end has an empty text
sent too, which is left out otherwise. An answer table maps our name to a path, which is looked
for flat and then under `data`; where there is `list`, the others lie inside its items.

Defaults: CONTRACT section 4; protocols/carriers.md 1.6 (waybill) and 1.8 (tracking). Most of the
real field names cannot be confirmed from public sources (1.5, section 7): hence all this as data.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

Source = str | int | bool

PARSE_LEVELS: Final = "parse_levels"
PARSE_ADDRESS: Final = "parse_address"
FIND_BRANCH: Final = "find_branch"
GET_WAYBILL: Final = "get_waybill"
CREATE_PICKUP: Final = "create_pickup"
CANCEL_PICKUP: Final = "cancel_pickup"
QUERY: Final = "query"
TRACK: Final = "track"
#: Not a call: the content of what Cainiao sends us.
CALLBACK: Final = "callback"

NAMES: Final[Mapping[str, str]] = {
    PARSE_LEVELS: "ADDRLIB_DIV_PARSE",
    PARSE_ADDRESS: "ADDRLIB_DIV_FULLPARSE",
    FIND_BRANCH: "TMS_DISPATCH_FIND_SEND_BRANCH",
    GET_WAYBILL: "TMS_WAYBILL_GET",
    CREATE_PICKUP: "TMS_CREATE_ORDER_OFFLINE_NOTIFY",
    CANCEL_PICKUP: "TMS_ORDER_CANCEL",
    QUERY: "GUOGUO_QUERY_SEND_ORDER_FULL_DETAIL",
    TRACK: "CNTECH_LV_LOGISTICS_DETAIL_GET",
}
#: Calls an account may lack: an empty message name says so.
OPTIONAL: Final = frozenset({PARSE_LEVELS, QUERY, TRACK})
TO_CODES: Final[Mapping[str, str]] = {TRACK: "CNTECH_LV"}


def _party(wire: str, ours: str) -> dict[str, Source]:
    return {
        f"{wire}.name": f"{ours}.name",
        # At least one of the two; a landline under `mobile` is refused.
        f"{wire}.mobile": f"{ours}.mobile",
        f"{wire}.phone": f"{ours}.landline",
        f"{wire}.address.province": f"{ours}.province",
        f"{wire}.address.city": f"{ours}.city",
        f"{wire}.address.district": f"{ours}.district",
        f"{wire}.address.town": f"{ours}.town",
        f"{wire}.address.detail": f"{ours}.detail",
    }


_INFO = "tradeOrderInfoDtos.0"
_BOOKING: Mapping[str, Source] = {
    "branchCode": "branch_code",
    "serviceType": "service_type",
    "payMethod": "pay_method",
    "remark": "remark",
}

QUESTIONS: Final[Mapping[str, Mapping[str, Source]]] = {
    PARSE_LEVELS: {"address": "text!"},
    PARSE_ADDRESS: {"address": "text!"},
    FIND_BRANCH: {
        "cpCode": "cp_code!",
        "province": "province!",
        "city": "city!",
        "district": "district!",
    },
    GET_WAYBILL: {
        "cpCode": "cp_code",
        **_party("sender", "sender"),
        # Asked again it gives the same number; it comes back beside the number.
        f"{_INFO}.objectId": "order_no",
        f"{_INFO}.orderInfo.orderChannelsType": "=OTHERS",
        f"{_INFO}.orderInfo.tradeOrderList.0": "order_no",
        f"{_INFO}.packageInfo.id": "order_no",
        f"{_INFO}.packageInfo.items.0.name": "goods_name",
        f"{_INFO}.packageInfo.items.0.count": "goods_count",
        f"{_INFO}.packageInfo.weight": "weight_g",
        f"{_INFO}.packageInfo.volume": "volume_cm3",
        **_party(f"{_INFO}.recipient", "receiver"),
        **_BOOKING,
    },
    CREATE_PICKUP: {
        "tradeOrderNo": "order_no",
        "cpCode": "cp_code",
        "waybillCode": "waybill_no",
        **_party("sender", "sender"),
        **_party("recipient", "receiver"),
        "goodsName": "goods_name",
        "goodsCount": "goods_count",
        "weight": "weight_g",
        "volume": "volume_cm3",
        **_BOOKING,
    },
    CANCEL_PICKUP: {
        # Absent where creating it has an unknown outcome: then our number names it.
        "orderCode": "carrier_order_id",
        "tradeOrderNo": "order_no",
        "reason": "reason!",
    },
    QUERY: {"tradeOrderNo": "order_no"},
    TRACK: {"arg0.appCode": "app_key", "arg0.cpCode": "cp_code", "arg0.mailNo": "waybill_no"},
}

_PLACE: Mapping[str, str] = {
    "province": "province",
    "city": "city",
    "district": "district",
    "town": "town",
    "detail": "detail",
}

ANSWERS: Final[Mapping[str, Mapping[str, str]]] = {
    PARSE_LEVELS: _PLACE,
    PARSE_ADDRESS: _PLACE,
    FIND_BRANCH: {
        "list": "branchList",
        "code": "branchCode",
        "name": "branchName",
        "phone": "branchPhone",
    },
    GET_WAYBILL: {
        "list": "waybillCloudPrintResponseList",
        "object_id": "objectId",
        "waybill_no": "waybillCode",
        "print_data": "printData",
    },
    CREATE_PICKUP: {
        "carrier_order_id": "orderCode",
        "waybill_no": "mailNo",
        "order_no": "tradeOrderNo",
    },
    CANCEL_PICKUP: {"success": "success"},
    QUERY: {
        "carrier_order_id": "orderCode",
        "waybill_no": "mailNo",
        "code": "status",
        "order_no": "tradeOrderNo",
    },
    TRACK: {"list": "fullTraceDetail", "at": "time", "code": "status", "desc": "desc"},
    CALLBACK: {
        "carrier_order_id": "orderCode",
        "order_no": "tradeOrderNo",
        "waybill_no": "mailNo",
        "code": "status",
        "desc": "statusDesc",
        "at": "eventTime",
        "courier_name": "courierName",
        "courier_phone": "courierPhone",
        "freight_yuan": "freight",
        "weight_kg": "weight",
    },
}

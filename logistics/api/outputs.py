"""How an express order is shown: fields are the columns, a key is always present."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from rest_framework import serializers

from config.kernel.numbers import link_token
from logistics.models import ExpressOrder
from logistics.states import LINK_KIND

_TEXTS = (
    "order_no", "tenant_order_no", "cainiao_order_id", "mail_no", "cp_code", "cp_name",
    "waybill_no", "waybill_status",
    "sender_name", "sender_phone", "sender_province", "sender_city", "sender_district",
    "sender_town", "sender_address",
    "receiver_name", "receiver_phone", "receiver_province", "receiver_city",
    "receiver_district", "receiver_town", "receiver_address",
    "goods_name", "remark", "branch_code", "branch_name", "branch_phone",
    "courier_name", "courier_phone", "status", "status_desc", "exception_reason",
    "cancel_reason", "cancel_refused_reason", "pay_method", "service_type", "last_track_desc",
)  # fmt: skip
_TIMES = (
    "waybill_get_time", "waybill_time", "dispatch_time", "pick_time", "sign_time",
    "cancel_time", "cancel_requested_at", "last_track_time", "created_at", "updated_at",
)  # fmt: skip
_WHOLE = ("id", "tenant_id", "tenant_order_id", "rule_id", "goods_count", "created_by")
_PLACES = {"weight": 3, "volume": 3, "freight": 2}
_FLAGS = ("is_test", "address_fallback")


class TrackEvent(serializers.Serializer[Any]):
    """One event of the timeline."""

    time = serializers.DateTimeField()
    status = serializers.CharField(allow_null=True)
    code = serializers.CharField()
    desc = serializers.CharField()
    applied = serializers.BooleanField()


def _fields(*, heavy: bool) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name in _WHOLE:
        fields[name] = serializers.IntegerField(allow_null=name != "id")
    for name in _TEXTS:
        always = name in {"order_no", "cp_code", "status", "waybill_status"}
        fields[name] = serializers.CharField(allow_null=not always)
    for name, places in _PLACES.items():
        fields[name] = serializers.DecimalField(
            max_digits=10, decimal_places=places, allow_null=True
        )
    for name in _TIMES:
        fields[name] = serializers.DateTimeField(
            allow_null=name not in {"created_at", "updated_at"}
        )
    for name in _FLAGS:
        fields[name] = serializers.BooleanField()
    fields["tracking_url"] = serializers.CharField()
    if heavy:
        fields["print_data"] = serializers.CharField(allow_null=True)
        fields["track_info"] = TrackEvent(many=True)
    return fields


OrderLine = type(
    "OrderLine", (serializers.Serializer,), {**_fields(heavy=False), "__doc__": "In a list."}
)
OrderDetail = type(
    "OrderDetail", (serializers.Serializer,), {**_fields(heavy=True), "__doc__": "One order."}
)


def _time(value: datetime | None, zone: ZoneInfo) -> str | None:
    return value.astimezone(zone).isoformat() if value is not None else None


def present_line(order: ExpressOrder, zone: ZoneInfo) -> dict[str, Any]:
    """An order in a list; times in `zone`, decimals as texts."""
    out: dict[str, Any] = {name: getattr(order, name) for name in (*_WHOLE, *_TEXTS, *_FLAGS)}
    for name, places in _PLACES.items():
        value = getattr(order, name)
        out[name] = None if value is None else f"{value:.{places}f}"
    for name in _TIMES:
        out[name] = _time(getattr(order, name), zone)
    out["tracking_url"] = tracking_url(order)
    return out


def tracking_url(order: ExpressOrder) -> str:
    """The public page that shows where the parcel is; whoever has the link may look."""
    return f"{settings.PUBLIC_BASE_URL}/t/{link_token(LINK_KIND, order.pk)}"


def present_order(order: ExpressOrder, zone: ZoneInfo) -> dict[str, Any]:
    """An order whole: with the carrier's print data and the timeline, oldest first."""
    events = [
        {**event, "time": _time(datetime.fromisoformat(event["time"]), zone)}
        for event in order.track_info or []
    ]
    return {**present_line(order, zone), "print_data": order.print_data, "track_info": events}


def line_presenter(zone: ZoneInfo) -> Callable[[ExpressOrder], dict[str, Any]]:
    """`present_line` for one tenant's zone."""
    return partial(present_line, zone=zone)

"""How a delivery is shown to its tenant: fields are the columns, a key is always present."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from rest_framework import serializers

from delivery.models import DeliveryOrder, DeliveryStep, RiderPosition
from delivery.queries.orders import delivery_steps, latest_position
from delivery.queries.tracking import tracking_url
from delivery.states import OUTSIDE, Actor, DeliveryStatus, outside_text

_TEXTS = (
    "order_no", "external_order_no", "merchant_name", "merchant_phone", "merchant_address",
    "receiver_name", "receiver_phone", "receiver_address", "remark", "pickup_code",
    "delivery_code", "callback_url", "reason", "rider_name", "rider_phone",
)  # fmt: skip
_NULLABLE = frozenset({
    "pickup_code", "delivery_code", "callback_url", "reason", "rider_name", "rider_phone",
})  # fmt: skip
# Decimal places; coordinates are given without the zeros behind.
_PLACES = {"weight": 3, "goods_amount": 2, "delivery_fee": 2, "total_amount": 2}
_COORDINATES = ("merchant_lat", "merchant_lng", "receiver_lat", "receiver_lng")
_TIMES = (
    "promised_at", "accepted_at", "arrived_at", "picked_up_at", "delivered_at", "cancelled_at",
    "closed_at", "created_at", "updated_at",
)  # fmt: skip
_ALWAYS = frozenset({"promised_at", "created_at", "updated_at"})
_OUTSIDE_TIMES = ("accepted_at", "picked_up_at", "delivered_at", "cancelled_at")


class DeliveryTimelineStep(serializers.Serializer[Any]):
    """One line of the history; `sequence` is the callback's that told of it."""

    time = serializers.DateTimeField()
    status = serializers.ChoiceField(DeliveryStatus.choices)
    actor = serializers.ChoiceField(Actor.values)
    rider_name = serializers.CharField(allow_null=True)
    note = serializers.CharField(allow_blank=True)
    attempt = serializers.IntegerField()
    sequence = serializers.IntegerField(allow_null=True)


class DeliveryPosition(serializers.Serializer[Any]):
    """Where the rider was last, GCJ-02."""

    lat = serializers.CharField()
    lng = serializers.CharField()
    time = serializers.DateTimeField()


def _fields(*, whole: bool) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "id": serializers.IntegerField(),
        "is_test": serializers.BooleanField(),
        "status": serializers.ChoiceField(DeliveryStatus.choices),
        "status_code": serializers.IntegerField(min_value=0, max_value=4),
        "status_text": serializers.CharField(),
        "distance_m": serializers.IntegerField(allow_null=True),
        "sequence": serializers.IntegerField(),
        "attempt": serializers.IntegerField(),
        "tracking_url": serializers.CharField(),
    }
    for name in _TEXTS:
        fields[name] = serializers.CharField(allow_null=name in _NULLABLE)
    for name, places in _PLACES.items():
        fields[name] = serializers.DecimalField(
            max_digits=10, decimal_places=places, allow_null=name == "weight"
        )
    for name in _COORDINATES:
        fields[name] = serializers.CharField(allow_null=True)
    for name in _TIMES:
        fields[name] = serializers.DateTimeField(allow_null=name not in _ALWAYS)
    if whole:
        fields["goods_info"] = serializers.CharField(help_text="JSON text, as given")
        fields["timeline"] = DeliveryTimelineStep(many=True)
        fields["position"] = DeliveryPosition(allow_null=True)
    return fields


DeliveryLine = type(
    "DeliveryLine", (serializers.Serializer,), {**_fields(whole=False), "__doc__": "In a list."}
)
DeliveryDetail = type(
    "DeliveryDetail", (serializers.Serializer,), {**_fields(whole=True), "__doc__": "One order."}
)


def _time(value: datetime | None, zone: ZoneInfo) -> str | None:
    return value.astimezone(zone).isoformat() if value is not None else None


def _degrees(value: Any) -> str | None:
    return None if value is None else f"{value.normalize():f}"


def present_delivery_line(order: DeliveryOrder, zone: ZoneInfo) -> dict[str, Any]:
    """A delivery in a list; times in `zone`, decimals as texts."""
    out: dict[str, Any] = {
        "id": order.pk,
        "is_test": order.is_test,
        "status": order.status,
        "status_code": OUTSIDE[order.status],
        "status_text": outside_text(order.status),
        "distance_m": order.distance_m,
        "sequence": order.sequence,
        "attempt": order.attempt,
        "tracking_url": tracking_url(order),
    }
    out |= {name: getattr(order, name) for name in _TEXTS}
    for name, places in _PLACES.items():
        value = getattr(order, name)
        out[name] = None if value is None else f"{value:.{places}f}"
    out |= {name: _degrees(getattr(order, name)) for name in _COORDINATES}
    out |= {name: _time(getattr(order, name), zone) for name in _TIMES}
    return out


def present_delivery(order: DeliveryOrder, zone: ZoneInfo) -> dict[str, Any]:
    """A delivery whole: goods, history (oldest first), and where its rider is."""
    position = latest_position(order)
    return {
        **present_delivery_line(order, zone),
        "goods_info": order.goods_info,
        "timeline": [_step(step, zone) for step in delivery_steps(order)],
        "position": _place(position, zone) if position else None,
    }


def line_presenter(zone: ZoneInfo) -> Callable[[DeliveryOrder], dict[str, Any]]:
    """`present_delivery_line` for one tenant's zone."""
    return partial(present_delivery_line, zone=zone)


def present_outside(order: DeliveryOrder, zone: ZoneInfo) -> dict[str, Any]:
    """A delivery as S000 3.1 knows it: the callback's six fields, and when what was reached."""
    return {
        **present_received(order),
        "rider_name": order.rider_name,
        "rider_phone": order.rider_phone,
        **{name: _time(getattr(order, name), zone) for name in _OUTSIDE_TIMES},
        "reason": order.reason,
        "is_test": order.is_test,
    }


def present_received(order: DeliveryOrder) -> dict[str, Any]:
    """What `receive` answers: numbers, and the state as it is now."""
    return {
        "order_no": order.order_no,
        "external_order_no": order.external_order_no,
        "status": OUTSIDE[order.status],
        "status_text": outside_text(order.status),
    }


def _step(step: DeliveryStep, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "time": _time(step.created_at, zone),
        "status": step.status,
        "actor": step.actor,
        "rider_name": step.rider_name,
        "note": step.note,
        "attempt": step.attempt,
        "sequence": step.told,
    }


def _place(position: RiderPosition, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "lat": _degrees(position.lat),
        "lng": _degrees(position.lng),
        "time": _time(position.created_at, zone),
    }

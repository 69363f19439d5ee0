"""What a rider sees: of an order not in his hands no name, number or house."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from rest_framework import serializers

from config.kernel.masking import mask_address, mask_name, mask_phone
from delivery.api.rider.goods import without_people
from delivery.models import DeliveryOrder, DispatchOffer, Rider
from delivery.places import within_city
from delivery.queries.known_values import known_of
from delivery.states import CARRIED, INSIDE_TEXTS, DeliveryStatus

S = DeliveryStatus
# To whom has it, an accepted order is one to be fetched.
WORDS = INSIDE_TEXTS | {S.ACCEPTED: "待取货"}
# About a hundred metres.
_ROUGHLY = Decimal("0.001")
_TEXTS = (
    "order_no", "status", "merchant_name", "merchant_phone", "merchant_address", "receiver_name",
    "receiver_phone", "receiver_address", "goods_info", "remark",
)  # fmt: skip
_TIMES = (
    "created_at", "promised_at", "accepted_at", "arrived_at", "picked_up_at", "delivered_at",
)  # fmt: skip
_PLACES = ("merchant_lat", "merchant_lng", "receiver_lat", "receiver_lng")


class RiderOutput(serializers.Serializer[Any]):
    """The rider's own profile."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    phone = serializers.CharField()
    vehicle = serializers.CharField()
    area = serializers.CharField()
    on_duty = serializers.BooleanField()
    most_orders = serializers.IntegerField()
    located_at = serializers.DateTimeField(allow_null=True)


class RiderTokenOutput(serializers.Serializer[Any]):
    """A token, shown once."""

    token = serializers.CharField()
    expires_at = serializers.DateTimeField()
    rider = RiderOutput()


class RiderOrder(serializers.Serializer[Any]):
    """An order; people masked, and the receiver roughly placed, unless the rider has it in hand."""

    order_no = serializers.CharField()
    status = serializers.CharField()
    status_text = serializers.CharField()
    merchant_name = serializers.CharField()
    merchant_phone = serializers.CharField()
    merchant_address = serializers.CharField()
    merchant_lat = serializers.CharField(allow_null=True)
    merchant_lng = serializers.CharField(allow_null=True)
    receiver_name = serializers.CharField()
    receiver_phone = serializers.CharField()
    receiver_address = serializers.CharField()
    receiver_lat = serializers.CharField(allow_null=True)
    receiver_lng = serializers.CharField(allow_null=True)
    goods_info = serializers.CharField()
    remark = serializers.CharField()
    weight = serializers.CharField(allow_null=True)
    delivery_fee = serializers.CharField()
    distance_m = serializers.IntegerField(allow_null=True)
    needs_pickup_code = serializers.BooleanField()
    needs_delivery_proof = serializers.BooleanField()
    reason = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()
    promised_at = serializers.DateTimeField()
    accepted_at = serializers.DateTimeField(allow_null=True)
    arrived_at = serializers.DateTimeField(allow_null=True)
    picked_up_at = serializers.DateTimeField(allow_null=True)
    delivered_at = serializers.DateTimeField(allow_null=True)
    # From the rider to the shop; null where nobody asked.
    away_m = serializers.IntegerField(allow_null=True)


class RiderOrders(serializers.Serializer[Any]):
    """All there are."""

    items = RiderOrder(many=True)


class OfferOutput(serializers.Serializer[Any]):
    """An order offered to this rider."""

    id = serializers.IntegerField()
    status = serializers.CharField()
    distance_m = serializers.IntegerField()
    expires_at = serializers.DateTimeField()
    order = RiderOrder()


class RiderOffers(serializers.Serializer[Any]):
    """All there are."""

    items = OfferOutput(many=True)


class PositionOutput(serializers.Serializer[Any]):
    """On how many orders in hand the place was kept."""

    kept = serializers.IntegerField()


def present_rider(rider: Rider) -> dict[str, Any]:
    """The profile."""
    return dict(RiderOutput(rider).data)


def present_order(
    order: DeliveryOrder, *, rider_id: int, away_m: int | None = None
) -> dict[str, Any]:
    """An order as this rider may see it; amounts in yuan and coordinates as texts."""
    out: dict[str, Any] = {name: getattr(order, name) for name in _TEXTS}
    out |= {name: _time(getattr(order, name)) for name in _TIMES}
    out |= {name: _degrees(getattr(order, name)) for name in _PLACES}
    out |= {
        "status_text": WORDS[order.status],
        "weight": None if order.weight is None else f"{order.weight:.3f}",
        "delivery_fee": f"{order.delivery_fee:.2f}",
        "distance_m": order.distance_m,
        "needs_pickup_code": bool(order.pickup_code),
        "needs_delivery_proof": bool(order.delivery_code),
        "reason": order.reason,
        "away_m": away_m,
    }
    if order.rider_id == rider_id and order.status in CARRIED:
        return out
    known = known_of(order)
    return out | {
        "merchant_phone": mask_phone(order.merchant_phone),
        "goods_info": without_people(known, order.goods_info),
        "reason": None if order.reason is None else known.hide(order.reason),
        "receiver_name": mask_name(order.receiver_name),
        "receiver_phone": mask_phone(order.receiver_phone),
        "receiver_address": mask_address(within_city(order.receiver_address)),
        "receiver_lat": _degrees(order.receiver_lat, rough=True),
        "receiver_lng": _degrees(order.receiver_lng, rough=True),
        # People write names, numbers and doors there.
        "remark": "",
    }


def present_offer(offer: DispatchOffer, *, rider_id: int) -> dict[str, Any]:
    """An offer and its order."""
    return {
        "id": offer.pk,
        "status": offer.status,
        "distance_m": offer.distance_m,
        "expires_at": _time(offer.expires_at),
        "order": present_order(offer.order, rider_id=rider_id, away_m=offer.distance_m),
    }


def _time(value: datetime | None) -> str | None:
    return None if value is None else timezone.localtime(value).isoformat()


def _degrees(value: Decimal | None, *, rough: bool = False) -> str | None:
    if value is None:
        return None
    return f"{value.quantize(_ROUGHLY):.3f}" if rough else f"{value:.7f}"

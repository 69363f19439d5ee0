"""What riders' programs send, checked completely."""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from rest_framework import serializers

from config.kernel.api.serializers import (
    StrictBooleanField,
    StrictCharField,
    StrictSerializer,
    validate,
)
from delivery.errors import PhotoUnusable
from delivery.places import is_known_place, looks_swapped
from delivery.services.fields import CoordinateField
from delivery.services.proofs import LARGEST_PHOTO_KB

LARGEST_RADIUS_M, USUAL_RADIUS_M = 20_000, 5_000
# As long as a body may be: a photo that is too large is told so as a photo, in KB.
_LONGEST_PHOTO = 1024 * 1024


class RiderLoginInput(StrictSerializer):
    """Who asks."""

    username = StrictCharField(max_length=150)
    password = StrictCharField(max_length=128, trim_whitespace=False)


class PlaceInput(StrictSerializer):
    """Where the rider is; GCJ-02 degrees."""

    lat = CoordinateField(required=True, allow_null=False)
    lng = CoordinateField(required=True, allow_null=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse what is no place here."""
        check_place(attrs["lat"], attrs["lng"])
        return attrs


class NearInput(PlaceInput):
    """How far to look."""

    radius_m = serializers.IntegerField(
        required=False, min_value=100, max_value=LARGEST_RADIUS_M, default=USUAL_RADIUS_M
    )


class DutyInput(StrictSerializer):
    """On or off, and where."""

    on_duty = StrictBooleanField()
    lat = CoordinateField()
    lng = CoordinateField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Both or neither."""
        lat, lng = attrs.get("lat"), attrs.get("lng")
        if (lat is None) != (lng is None):
            raise serializers.ValidationError({"lng": ["lat 与 lng 必须同时填写。"]})
        if lat is not None and lng is not None:
            check_place(lat, lng)
        return attrs


class PickupInput(StrictSerializer):
    """The shop's code, where the order has one."""

    code = StrictCharField(max_length=12, required=False, allow_blank=True, allow_null=True)


class DeliverInput(PickupInput):
    """The receiver's code or a photo (base64 of a JPEG or PNG), where the order asks for it."""

    photo = StrictCharField(
        max_length=_LONGEST_PHOTO, required=False, allow_blank=True, allow_null=True
    )


class RiderReasonInput(StrictSerializer):
    """Why."""

    reason = StrictCharField(max_length=500)


def check_place(lat: Decimal, lng: Decimal) -> None:
    """Refuse coordinates outside China, telling of swapped ones."""
    if is_known_place(lat, lng):
        return
    hint = "经纬度似乎颠倒了：lat 为纬度，lng 为经度。" if looks_swapped(lat, lng) else ""
    raise serializers.ValidationError({"lat": [hint or "坐标不在服务范围内，请检查定位。"]})


def read_near(query: Mapping[str, str]) -> dict[str, Any]:
    """`lat`, `lng` and `radius_m` of a query."""
    return validate(NearInput, dict(query.items()))


def read_photo(text: str | None) -> bytes | None:
    """The photo's bytes; None where none was sent.

    :raises PhotoUnusable: no base64.
    """
    if not text:
        return None
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise PhotoUnusable(limit_kb=LARGEST_PHOTO_KB) from None

"""`/api/rider`: the rider himself, on duty or off, and where he is."""

from __future__ import annotations

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from delivery.api.rider.door import RiderDoor
from delivery.api.rider.inputs import DutyInput, PlaceInput
from delivery.api.rider.outputs import PositionOutput, RiderOutput, present_rider
from delivery.services.positions import record_position
from delivery.services.riders import set_duty

_HERE = {"lat": 29.797, "lng": 119.685}


class MeView(RiderDoor):
    """Who the token is of."""

    @extend_schema(operation_id="rider_me", responses={200: RiderOutput})
    def get(self, _request: Request) -> Response:
        """The profile."""
        return Response(present_rider(self.rider))


class DutyView(RiderDoor):
    """On duty or off."""

    @extend_schema(
        operation_id="rider_duty",
        request=DutyInput,
        responses={200: RiderOutput},
        examples=[OpenApiExample("上线", value={"on_duty": True, **_HERE}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Go on or off duty; orders in hand stay there."""
        given = self.body(request, DutyInput)
        lat, lng = given.get("lat"), given.get("lng")
        rider = set_duty(
            rider_id=self.rider.pk,
            on_duty=given["on_duty"],
            at=timezone.now(),
            place=None if lat is None or lng is None else (lat, lng),
        )
        return Response(present_rider(rider))


class PositionView(RiderDoor):
    """Where the rider is."""

    @extend_schema(
        operation_id="rider_position",
        request=PlaceInput,
        responses={200: PositionOutput},
        examples=[OpenApiExample("位置", value=_HERE, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Say it every few seconds; orders in hand keep one place every ten."""
        given = self.body(request, PlaceInput)
        kept = record_position(
            rider_id=self.rider.pk, lat=given["lat"], lng=given["lng"], at=timezone.now()
        )
        return Response({"kept": kept})

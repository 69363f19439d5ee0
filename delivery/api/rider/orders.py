"""`/api/rider/orders` and `offers`: what may be taken, and what is in hand."""

from __future__ import annotations

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from delivery.api.rider.door import RiderDoor
from delivery.api.rider.inputs import read_near
from delivery.api.rider.outputs import (
    OfferOutput,
    RiderOffers,
    RiderOrder,
    RiderOrders,
    present_offer,
    present_order,
)
from delivery.queries.riders import near_orders, offers_to, orders_in_hand, rider_order
from delivery.services.offering import decline_offer


class NearView(RiderDoor):
    """Orders near a place."""

    @extend_schema(
        operation_id="rider_orders_near",
        parameters=[
            OpenApiParameter("lat", str, required=True),
            OpenApiParameter("lng", str, required=True),
            OpenApiParameter("radius_m", int),
        ],
        responses={200: RiderOrders},
    )
    def get(self, request: Request) -> Response:
        """Those that this rider may take, nearest first, 50 at most; none while off duty."""
        given = read_near(request.query_params)
        rider = self.rider
        near = near_orders(rider_id=rider.pk, at=timezone.now(), **given) if rider.on_duty else []
        return Response(
            {"items": [present_order(row, rider_id=rider.pk, away_m=far) for far, row in near]}
        )


class MineView(RiderDoor):
    """Orders in hand."""

    @extend_schema(operation_id="rider_orders_mine", responses={200: RiderOrders})
    def get(self, _request: Request) -> Response:
        """The earliest promise first."""
        rider_id = self.rider.pk
        mine = orders_in_hand(rider_id)
        return Response({"items": [present_order(order, rider_id=rider_id) for order in mine]})


class OrderView(RiderDoor):
    """One of the rider's orders."""

    @extend_schema(operation_id="rider_order", responses={200: RiderOrder})
    def get(self, _request: Request, order_no: str) -> Response:
        """Whole while it is in hand, masked afterwards."""
        rider_id = self.rider.pk
        order = rider_order(rider_id=rider_id, order_no=order_no)
        return Response(present_order(order, rider_id=rider_id))


class OffersView(RiderDoor):
    """Offers to this rider."""

    @extend_schema(operation_id="rider_offers", responses={200: RiderOffers})
    def get(self, _request: Request) -> Response:
        """Open ones, the soonest to lapse first."""
        rider_id = self.rider.pk
        offers = offers_to(rider_id=rider_id, at=timezone.now())
        return Response({"items": [present_offer(offer, rider_id=rider_id) for offer in offers]})


class DeclineView(RiderDoor):
    """No, thanks."""

    @extend_schema(operation_id="rider_decline_offer", request=None, responses={200: OfferOutput})
    def post(self, _request: Request, offer_id: int) -> Response:
        """Others are asked; declining again, or too late, changes nothing."""
        offer = decline_offer(offer_id=offer_id, rider_id=self.rider.pk, at=timezone.now())
        return Response(present_offer(offer, rider_id=self.rider.pk))

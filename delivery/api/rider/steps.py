"""`/api/rider/orders/<order_no>/…`: each step of a rider, safe to send again."""

from __future__ import annotations

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.kernel.api.serializers import NothingInput
from config.kernel.api.views import KB
from delivery.api.rider.door import RiderDoor
from delivery.api.rider.inputs import DeliverInput, PickupInput, RiderReasonInput, read_photo
from delivery.api.rider.outputs import RiderOrder, present_order
from delivery.models import DeliveryOrder
from delivery.queries.riders import order_key
from delivery.services.dispatching import accept_order, hand_back
from delivery.services.riding import arrive, deliver, finish_return, pick_up, start_return
from delivery.states import Actor


class _Step(RiderDoor):
    http_method_names = ["post", "options"]

    def answer(self, order: DeliveryOrder) -> Response:
        """The order as it is now."""
        return Response(present_order(order, rider_id=self.rider.pk))


class AcceptView(_Step):
    """Take an order."""

    @extend_schema(operation_id="rider_accept", request=NothingInput, responses={200: RiderOrder})
    def post(self, request: Request, order_no: str) -> Response:
        """Of many at once exactly one has it; the others are told 409."""
        self.body(request, NothingInput)
        return self.answer(
            accept_order(order_id=order_key(order_no), rider_id=self.rider.pk, at=timezone.now())
        )


class ArriveView(_Step):
    """At the shop."""

    @extend_schema(operation_id="rider_arrive", request=NothingInput, responses={200: RiderOrder})
    def post(self, request: Request, order_no: str) -> Response:
        """Say so; the tenant is told nothing yet."""
        self.body(request, NothingInput)
        return self.answer(
            arrive(order_id=order_key(order_no), rider_id=self.rider.pk, at=timezone.now())
        )


class PickupView(_Step):
    """Goods in hand."""

    @extend_schema(
        operation_id="rider_pickup",
        request=PickupInput,
        responses={200: RiderOrder},
        examples=[
            OpenApiExample("无取货码", value={}, request_only=True),
            OpenApiExample("有取货码", value={"code": "4821"}, request_only=True),
        ],
    )
    def post(self, request: Request, order_no: str) -> Response:
        """With the shop's code where the order needs it."""
        given = self.body(request, PickupInput)
        return self.answer(
            pick_up(
                order_id=order_key(order_no), rider_id=self.rider.pk, at=timezone.now(),
                code=given.get("code") or None,
            )
        )  # fmt: skip


class DeliverView(_Step):
    """Handed over."""

    max_body = 1024 * KB

    @extend_schema(
        operation_id="rider_deliver",
        request=DeliverInput,
        responses={200: RiderOrder},
        examples=[
            OpenApiExample("无收货码", value={}, request_only=True),
            OpenApiExample("有收货码", value={"code": "9036"}, request_only=True),
        ],
    )
    def post(self, request: Request, order_no: str) -> Response:
        """With the receiver's code or a photo where the order needs proof."""
        given = self.body(request, DeliverInput)
        return self.answer(
            deliver(
                order_id=order_key(order_no), rider_id=self.rider.pk, at=timezone.now(),
                code=given.get("code") or None, photo=read_photo(given.get("photo")),
            )
        )  # fmt: skip


class HandBackView(_Step):
    """Cannot do it after all."""

    @extend_schema(
        operation_id="rider_hand_back",
        request=RiderReasonInput,
        responses={200: RiderOrder},
        examples=[OpenApiExample("交回", value={"reason": "电动车没电了"}, request_only=True)],
    )
    def post(self, request: Request, order_no: str) -> Response:
        """Before pick-up only; others may take it then."""
        reason = self.body(request, RiderReasonInput)["reason"]
        return self.answer(
            hand_back(
                order_id=order_key(order_no), rider_id=self.rider.pk, at=timezone.now(),
                reason=reason, actor=Actor.RIDER,
            )
        )  # fmt: skip


class ReturnView(_Step):
    """Cannot be handed over."""

    @extend_schema(
        operation_id="rider_return",
        request=RiderReasonInput,
        responses={200: RiderOrder},
        examples=[OpenApiExample("退回", value={"reason": "联系不上收货人"}, request_only=True)],
    )
    def post(self, request: Request, order_no: str) -> Response:
        """Begin the way back to the shop."""
        reason = self.body(request, RiderReasonInput)["reason"]
        return self.answer(
            start_return(
                order_id=order_key(order_no), rider_id=self.rider.pk, at=timezone.now(),
                reason=reason, actor=Actor.RIDER,
            )
        )  # fmt: skip


class ReturnedView(_Step):
    """Back at the shop."""

    @extend_schema(operation_id="rider_returned", request=NothingInput, responses={200: RiderOrder})
    def post(self, request: Request, order_no: str) -> Response:
        """The shop has its goods again."""
        self.body(request, NothingInput)
        return self.answer(
            finish_return(
                order_id=order_key(order_no), rider_id=self.rider.pk, at=timezone.now(),
                actor=Actor.RIDER,
            )
        )  # fmt: skip

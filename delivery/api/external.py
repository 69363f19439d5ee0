"""`/api/external/order` (S000 3.1): what mini-program backends already know, unchanged."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication.external import ExternalDoor
from config.kernel.api.filtering import text
from config.kernel.api.serializers import StrictSerializer, optional_text, validate
from config.kernel.errors import Malformed, Missing
from delivery.api.examples import ORDER, PROOF
from delivery.api.outputs import present_outside, present_received
from delivery.errors import DeliveryUnknown
from delivery.models import DeliveryOrder
from delivery.queries.orders import tenant_delivery
from delivery.services.booking import book_delivery
from delivery.services.cancelling import cancel_delivery
from delivery.services.drafts import DeliveryInput, read_external_draft
from delivery.states import Actor

LONGEST_NUMBER = 64
_NUMBERS = [
    OpenApiParameter("order_no", str, description="配送单号；与 external_order_no 二选一"),
    OpenApiParameter("external_order_no", str),
    OpenApiParameter("platform_code", str, description="未签名时必填"),
]


class ExternalProof(serializers.Serializer[Any]):
    """As documented: left out where the request is signed."""

    platform_code = serializers.CharField(required=False)
    api_secret = serializers.CharField(required=False)


class ExternalReceive(ExternalProof, DeliveryInput):
    """As documented: the order and the proof."""


class CancelWords(StrictSerializer):
    """Which order, and why."""

    order_no = optional_text(LONGEST_NUMBER)
    external_order_no = optional_text(LONGEST_NUMBER)
    cancel_reason = optional_text(500)


class ExternalCancel(ExternalProof, CancelWords):
    """As documented: which order, why, and the proof."""


class ExternalReceived(serializers.Serializer[Any]):
    """What an order is known by from now on."""

    order_no = serializers.CharField()
    external_order_no = serializers.CharField()
    status = serializers.IntegerField(min_value=0, max_value=4)
    status_text = serializers.CharField()


class ExternalOrder(ExternalReceived):
    """An order as its callbacks tell of it."""

    rider_name = serializers.CharField(allow_null=True)
    rider_phone = serializers.CharField(allow_null=True)
    accepted_at = serializers.DateTimeField(allow_null=True)
    picked_up_at = serializers.DateTimeField(allow_null=True)
    delivered_at = serializers.DateTimeField(allow_null=True)
    cancelled_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField(allow_null=True)
    is_test = serializers.BooleanField()


class _OrderDoor(ExternalDoor):
    def find(self, order_no: str | None, external_order_no: str | None) -> DeliveryOrder:
        """The caller's order.

        :raises Malformed: neither number is given. :raises DeliveryUnknown: the seed's −1.
        """
        if not (order_no or external_order_no):
            said = "请填写 order_no 或 external_order_no。"
            raise Malformed(fields={"order_no": [said]})
        caller = self.caller
        try:
            return tenant_delivery(
                tenant_id=caller.tenant_id, is_test=caller.is_test,
                order_no=order_no or "", external_order_no=external_order_no or "",
            )  # fmt: skip
        except Missing:
            raise DeliveryUnknown from None


class ReceiveView(_OrderDoor):
    """An order comes in."""

    @extend_schema(
        operation_id="external_receive_order",
        request=ExternalReceive,
        responses={200: ExternalReceived},
        examples=[OpenApiExample("S000 3.1", value={**PROOF, **ORDER}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Book it, or say how the one stands that was booked before with this content."""
        booked = book_delivery(
            draft=read_external_draft(request.data, self.caller.zone),
            tenant_id=self.caller.tenant_id,
            is_test=self.caller.is_test,
            at=timezone.now(),
        )
        return Response(present_received(booked.order))


class StatusView(_OrderDoor):
    """How an order stands."""

    @extend_schema(
        operation_id="external_order_status",
        parameters=_NUMBERS,
        responses={200: ExternalOrder},
    )
    def get(self, request: Request) -> Response:
        """By our number, or else by the tenant's own."""
        query = request.query_params
        order = self.find(text(query, "order_no"), text(query, "external_order_no"))
        return Response(present_outside(order, self.caller.zone))


class ExternalCancelView(_OrderDoor):
    """An order is not wanted any more."""

    @extend_schema(
        operation_id="external_cancel_order",
        request=ExternalCancel,
        responses={200: ExternalOrder},
        examples=[
            OpenApiExample(
                "S000 3.1",
                value={**PROOF, "order_no": "DL260216081500ABCDEFGHJK", "cancel_reason": "不要了"},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Before pick-up it is free, afterwards refused."""
        known = CancelWords().fields
        given = request.data if isinstance(request.data, dict) else {}
        words = validate(CancelWords, {name: given[name] for name in given if name in known})
        order = self.find(words.get("order_no"), words.get("external_order_no"))
        order = cancel_delivery(
            order_id=order.pk, reason=words.get("cancel_reason") or "", at=timezone.now(),
            actor=Actor.TENANT,
        )  # fmt: skip
        return Response(present_outside(order, self.caller.zone))

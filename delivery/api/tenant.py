"""`/api/v1/delivery-orders` and `-quotes`: tenants' systems book, list, read and cancel."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import TenantDoor
from config.kernel.api.batches import BatchInput, batch_document, batch_output, run_batch
from config.kernel.api.filtering import DATE_PARAMETERS, PAGE_PARAMETERS, text, word
from config.kernel.api.outputs import listing, pdf_answer
from config.kernel.api.pagination import DATES, PAGING, date_window, known_parameters, page_of
from config.kernel.api.serializers import StrictCharField, StrictSerializer
from config.kernel.api.views import KB
from delivery.api.examples import ORDER, PLACES
from delivery.api.outputs import DeliveryDetail, DeliveryLine, line_presenter, present_delivery
from delivery.models import DeliveryOrder
from delivery.queries.orders import tenant_deliveries, tenant_delivery
from delivery.services.booking import Booked, book_delivery
from delivery.services.cancelling import cancel_delivery
from delivery.services.drafts import DeliveryInput, QuoteInput, read_draft
from delivery.services.pricing import quote
from delivery.services.slips import draw_slip
from delivery.states import Actor, DeliveryStatus

DeliveryBatchDocument = batch_document("Delivery", DeliveryInput)
DeliveryBatchOutput = batch_output("Delivery", "DeliveryDetail")


class DeliveryCancelInput(StrictSerializer):
    """Why."""

    reason = StrictCharField(max_length=500)


class QuoteComponent(serializers.Serializer[Any]):
    """One part of a price, in yuan."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field's name
    amount = serializers.DecimalField(max_digits=10, decimal_places=2)


class QuoteOutput(serializers.Serializer[Any]):
    """A price in yuan and how it came about."""

    delivery_fee = serializers.DecimalField(max_digits=10, decimal_places=2)
    distance_m = serializers.IntegerField()
    components = QuoteComponent(many=True)
    rule_name = serializers.CharField()


class _DeliveryDoor(TenantDoor):
    def find(self, order_no: str) -> DeliveryOrder:
        """The caller's order, or 404."""
        caller = self.caller
        return tenant_delivery(
            tenant_id=caller.tenant_id, is_test=caller.is_test, order_no=order_no
        )

    def book(self, data: Any, part: str = "") -> Booked:
        """Book one delivery of this caller's."""
        return book_delivery(
            draft=read_draft(data, self.caller.zone),
            tenant_id=self.caller.tenant_id,
            is_test=self.caller.is_test,
            at=timezone.now(),
            request_key=self.request_key(part),
        )


class DeliveriesView(_DeliveryDoor):
    """Create and list."""

    @extend_schema(
        operation_id="create_delivery_order",
        request=DeliveryInput,
        responses={201: DeliveryDetail, 200: DeliveryDetail},
        examples=[OpenApiExample("同城配送单", value=ORDER, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Book a delivery: 201, or 200 when this very one was booked before."""
        booked = self.book(request.data)
        return Response(
            present_delivery(booked.order, self.caller.zone), status=201 if booked.created else 200
        )

    @extend_schema(
        operation_id="list_delivery_orders",
        parameters=[
            OpenApiParameter("status", str, enum=DeliveryStatus.values),
            OpenApiParameter("external_order_no", str),
            *DATE_PARAMETERS,
            *PAGE_PARAMETERS,
        ],
        responses={200: listing("DeliveryOrders", DeliveryLine)},
    )
    def get(self, request: Request) -> Response:
        """Newest first."""
        query, caller = request.query_params, self.caller
        known_parameters(query, *PAGING, *DATES, "status", "external_order_no")
        rows = tenant_deliveries(tenant_id=caller.tenant_id, is_test=caller.is_test)
        rows = rows.filter(date_window(query, caller.zone))
        if status := word(query, "status", DeliveryStatus.values):
            rows = rows.filter(status=status)
        if number := text(query, "external_order_no"):
            rows = rows.filter(external_order_no=number)
        return Response(page_of(rows.defer("goods_info"), query, line_presenter(caller.zone)))


class DeliveryBatchView(_DeliveryDoor):
    """Create many."""

    max_body = 1024 * KB

    @extend_schema(
        operation_id="create_delivery_orders_batch",
        request=DeliveryBatchDocument,
        responses={200: DeliveryBatchOutput},
        examples=[OpenApiExample("批量", value={"items": [ORDER]}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Book up to 100; each item has its own result, a bad one stops no good one."""
        return Response(run_batch(self.body(request, BatchInput)["items"], self._make))

    def _make(self, item: Any, part: str) -> tuple[bool, Any]:
        booked = self.book(item, part)
        return booked.created, present_delivery(booked.order, self.caller.zone)


class DeliveryView(_DeliveryDoor):
    """One delivery."""

    @extend_schema(operation_id="get_delivery_order", responses={200: DeliveryDetail})
    def get(self, request: Request, order_no: str) -> Response:
        """With its timeline, and where its rider is."""
        return Response(present_delivery(self.find(order_no), self.caller.zone))


class DeliveryLabelView(_DeliveryDoor):
    """One order's slip."""

    @extend_schema(
        operation_id="get_delivery_order_label",
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, order_no: str) -> HttpResponse:
        """The slip of 76 × 130 mm as a PDF; what cannot be drawn is refused in JSON."""
        order = self.find(order_no)
        return pdf_answer(draw_slip(order=order), order.order_no)


class DeliveryCancelView(_DeliveryDoor):
    """Cancel one delivery."""

    @extend_schema(
        operation_id="cancel_delivery_order",
        request=DeliveryCancelInput,
        responses={200: DeliveryDetail},
        examples=[OpenApiExample("取消", value={"reason": "顾客不要了"}, request_only=True)],
    )
    def post(self, request: Request, order_no: str) -> Response:
        """Free until it is picked up; after that 409."""
        reason = self.body(request, DeliveryCancelInput)["reason"]
        order = cancel_delivery(
            order_id=self.find(order_no).pk, reason=reason, at=timezone.now(), actor=Actor.TENANT
        )
        return Response(present_delivery(order, self.caller.zone))


class QuotesView(TenantDoor):
    """What a delivery would cost."""

    @extend_schema(
        operation_id="quote_delivery",
        request=QuoteInput,
        responses={200: QuoteOutput},
        examples=[OpenApiExample("询价", value={**PLACES, "weight": "2.500"}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """By the tenant's price rule, else by the platform's; nothing is written."""
        given = self.body(request, QuoteInput)
        names = ("merchant_lat", "merchant_lng", "receiver_lat", "receiver_lng", "weight")
        price = quote(
            tenant_id=self.caller.tenant_id,
            at=timezone.now(),
            **{name: given.get(name) for name in names},
        )
        parts = [
            {"name": part.name, "label": part.label, "amount": f"{part.amount:.2f}"}
            for part in price.components
        ]
        return Response({
            "delivery_fee": f"{price.delivery_fee:.2f}",
            "distance_m": price.distance_m,
            "components": parts,
            "rule_name": price.rule_name,
        })  # fmt: skip

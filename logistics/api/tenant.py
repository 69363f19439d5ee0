"""`/api/v1/express-orders`: tenants' systems create, list, read and cancel parcels."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import TenantDoor
from config.kernel.api.batches import BatchInput, batch_document, batch_output, run_batch
from config.kernel.api.outputs import listing, pdf_answer
from config.kernel.api.pagination import (
    DATES,
    PAGING,
    date_window,
    known_parameters,
    page_of,
)
from config.kernel.api.serializers import StrictCharField, StrictSerializer
from config.kernel.api.views import KB
from config.kernel.errors import Malformed
from logistics.api.examples import PARCEL
from logistics.api.outputs import OrderDetail, OrderLine, line_presenter, present_order
from logistics.queries import HEAVY, tenant_order, tenant_orders
from logistics.services.booking import Booked, book_order
from logistics.services.cancelling import cancel_order
from logistics.services.drafts import OrderInput, read_draft
from logistics.services.labels import draw_labels
from logistics.states import OrderStatus


class CancelInput(StrictSerializer):
    """Why."""

    reason = StrictCharField(max_length=500)


BatchDocument = batch_document("", OrderInput)
BatchOutput = batch_output("", "OrderDetail")


class OrdersView(TenantDoor):
    """Create and list."""

    @extend_schema(
        operation_id="create_express_order",
        request=OrderInput,
        responses={201: OrderDetail, 200: OrderDetail},
        examples=[OpenApiExample("快递单", value=PARCEL, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Book a parcel: 201, or 200 when this very one was booked before; nobody is waited for."""
        booked = self.book(request.data)
        return Response(
            present_order(booked.order, self.caller.zone), status=201 if booked.created else 200
        )

    def book(self, data: Any, part: str = "") -> Booked:
        """Book one parcel of this caller's."""
        return book_order(
            draft=read_draft(data),
            tenant_id=self.caller.tenant_id,
            is_test=self.caller.is_test,
            at=timezone.now(),
            request_key=self.request_key(part),
        )

    @extend_schema(
        operation_id="list_express_orders",
        parameters=[
            OpenApiParameter("status", str, enum=OrderStatus.values),
            OpenApiParameter("tenant_order_no", str),
            OpenApiParameter("date_range", str),
            OpenApiParameter("date_from", str),
            OpenApiParameter("date_to", str),
            OpenApiParameter("page", int),
            OpenApiParameter("page_size", int),
            OpenApiParameter("cursor", str),
        ],
        responses={200: listing("ExpressOrders", OrderLine)},
    )
    def get(self, request: Request) -> Response:
        """Newest first."""
        query = request.query_params
        known_parameters(query, *PAGING, *DATES, "status", "tenant_order_no")
        caller = self.caller
        rows = tenant_orders(tenant_id=caller.tenant_id, is_test=caller.is_test).filter(
            date_window(query, caller.zone)
        )
        if query.get("status"):
            if query["status"] not in OrderStatus.values:
                raise Malformed(fields={"status": ["未知的状态。"]})
            rows = rows.filter(status=query["status"])
        if query.get("tenant_order_no"):
            rows = rows.filter(tenant_order_no=query["tenant_order_no"])
        return Response(page_of(rows.defer(*HEAVY), query, line_presenter(caller.zone)))


class BatchView(OrdersView):
    """Create many."""

    max_body = 1024 * KB
    http_method_names = ["post", "options"]

    @extend_schema(
        operation_id="create_express_orders_batch",
        request=BatchDocument,
        responses={200: BatchOutput},
        examples=[OpenApiExample("批量", value={"items": [PARCEL]}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Book up to 100 parcels; each item has its own result, a bad one stops no good one."""
        return Response(run_batch(self.body(request, BatchInput)["items"], self._make))

    def _make(self, item: Any, part: str) -> tuple[bool, Any]:
        booked = self.book(item, part)
        return booked.created, present_order(booked.order, self.caller.zone)


class OrderView(TenantDoor):
    """One order."""

    @extend_schema(operation_id="get_express_order", responses={200: OrderDetail})
    def get(self, request: Request, order_no: str) -> Response:
        """With its timeline."""
        caller = self.caller
        order = tenant_order(tenant_id=caller.tenant_id, is_test=caller.is_test, order_no=order_no)
        return Response(present_order(order, caller.zone))


class CancelView(TenantDoor):
    """Cancel one order."""

    @extend_schema(
        operation_id="cancel_express_order",
        request=CancelInput,
        responses={200: OrderDetail, 202: OrderDetail},
        examples=[OpenApiExample("取消", value={"reason": "顾客不要了"}, request_only=True)],
    )
    def post(self, request: Request, order_no: str) -> Response:
        """200 when it is cancelled, 202 when the carrier must be asked first."""
        reason = self.body(request, CancelInput)["reason"]
        caller = self.caller
        order = tenant_order(tenant_id=caller.tenant_id, is_test=caller.is_test, order_no=order_no)
        order = cancel_order(order_id=order.pk, reason=reason, at=timezone.now())
        done = order.status == OrderStatus.CANCELLED
        return Response(present_order(order, caller.zone), status=200 if done else 202)


class LabelView(TenantDoor):
    """One order's label."""

    @extend_schema(
        operation_id="get_express_order_label",
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, order_no: str) -> HttpResponse:
        """The label of 100 × 150 mm as a PDF; what cannot be drawn is refused in JSON."""
        caller = self.caller
        order = tenant_order(tenant_id=caller.tenant_id, is_test=caller.is_test, order_no=order_no)
        return pdf_answer(draw_labels(orders=[order]), order.order_no)

"""`/orders`: every tenant's parcels; booked, given a waybill and cancelled by operators."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import OperatorDoor
from accounts.queries import tenant_by_id
from config.kernel import audit
from config.kernel.api import filtering
from config.kernel.api.outputs import listing
from config.kernel.api.pagination import DATES, PAGING, date_window, known_parameters, page_of
from config.kernel.api.serializers import (
    NothingInput,
    StrictCharField,
    StrictIntegerField,
    StrictSerializer,
)
from config.kernel.errors import Missing
from logistics.api.outputs import OrderDetail, OrderLine
from logistics.api.platform.showing import (
    line_shown_to,
    order_shown_to,
    record_listed,
    record_read,
)
from logistics.carriers.base import Branch
from logistics.models import ExpressOrder
from logistics.queries import HEAVY
from logistics.queries.platform import all_orders, any_order
from logistics.services.cancelling import cancel_order
from logistics.services.carrying import carry_on, get_waybill
from logistics.services.drafts import OrderInput, make_draft
from logistics.services.own_parcels import book_for
from logistics.states import OrderStatus, WaybillStatus

VIEW, ADD = "logistics.view_expressorder", "logistics.add_expressorder"
CHANGE = "logistics.change_expressorder"
NUMBERS = ("order_no", "waybill_no", "mail_no")
EXACT = ("cp_code", *NUMBERS)
OWN = 0  # as tenant_id: the platform's own parcels
_BRANCH = ("code", "name", "phone")
FILTERS = ("status", "tenant_id", "waybill_status", "is_test", *EXACT)


class CreateInput(OrderInput):
    """A parcel, the tenant whose it is, and the branch that was chosen for it.

    Without a tenant it is the platform's own and draws no quota; without a branch the nearest one
    is looked up.
    """

    tenant_id = StrictIntegerField(
        required=False, allow_null=True, min_value=1, max_value=filtering.LARGEST
    )
    branch_code = StrictCharField(max_length=50, required=False, allow_blank=True, allow_null=True)
    branch_name = StrictCharField(max_length=100, required=False, allow_blank=True, allow_null=True)
    branch_phone = StrictCharField(max_length=50, required=False, allow_blank=True, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A branch is known by its code."""
        named = attrs.get("branch_name") or attrs.get("branch_phone")
        if named and not attrs.get("branch_code"):
            raise serializers.ValidationError({"branch_code": ["请同时给出网点编码。"]})
        return attrs


class ReasonInput(StrictSerializer):
    """Why."""

    reason = StrictCharField(max_length=500)


class PlatformOrdersView(OperatorDoor):
    """List."""

    needs = {"GET": VIEW}

    @extend_schema(
        operation_id="list_platform_orders",
        parameters=[
            OpenApiParameter("status", str, enum=OrderStatus.values),
            OpenApiParameter("tenant_id", int, description="0 为平台自营"),
            OpenApiParameter("waybill_status", str, enum=WaybillStatus.values),
            OpenApiParameter(
                "is_test", bool, description="缺省两者皆列；按 tenant_id 筛选时缺省为 false"
            ),
            *(OpenApiParameter(name, str) for name in EXACT),
            *filtering.DATE_PARAMETERS,
            *filtering.PAGE_PARAMETERS,
        ],
        responses={200: listing("PlatformOrders", OrderLine)},
    )
    def get(self, request: Request) -> Response:
        """Newest first; numbers are exact."""
        query = request.query_params
        known_parameters(query, *PAGING, *DATES, *FILTERS)
        rows = self.narrowed(query).filter(date_window(query, timezone.get_default_timezone()))
        page = page_of(rows.defer(*HEAVY), query, line_shown_to(self.operator))
        record_listed(self.operator, query, len(page["items"]))
        return Response(page)

    def narrowed(self, query: Any) -> QuerySet[ExpressOrder]:
        """The orders that the query asks for."""
        exact = {name: filtering.text(query, name) for name in EXACT}
        wanted = {
            "status": filtering.word(query, "status", OrderStatus.values),
            "tenant_id": filtering.number(query, "tenant_id"),
            "waybill_status": filtering.word(query, "waybill_status", WaybillStatus.values),
            **exact,
        }
        given: dict[str, Any] = {k: value for k, value in wanted.items() if value is not None}
        if given.get("tenant_id") == OWN:
            given["tenant_id"] = None
        mode = filtering.flag(query, "is_test")
        if mode is None and query.get("tenant_id") and not any(exact[name] for name in NUMBERS):
            # A tenant's orders are indexed by mode: both in one order would have to be sorted.
            mode = False
        if mode is not None:
            # Not `is_test=False`: that is `NOT is_test` on SQLite, for which it uses no index.
            given["is_test__in"] = [mode]
        return all_orders().filter(**given)


class PlatformOrderView(OperatorDoor):
    """One order."""

    needs = {"GET": VIEW}

    @extend_schema(operation_id="get_platform_order", responses={200: OrderDetail})
    def get(self, request: Request, order_id: int) -> Response:
        """With its print data and timeline."""
        known_parameters(request.query_params)
        order = any_order(order_id)
        record_read(self.operator, order)
        return Response(order_shown_to(self.operator)(order))


class CreateView(OperatorDoor):
    """Book."""

    needs = {"POST": ADD}

    @extend_schema(
        operation_id="create_platform_order",
        request=CreateInput,
        responses={200: OrderDetail},
    )
    def post(self, request: Request) -> Response:
        """Book a parcel and carry it on for up to 10 s; the order as far as it got."""
        given = self.body(request, CreateInput)
        tenant_id = given.pop("tenant_id", None)
        code, name, phone = (given.pop(f"branch_{part}", None) or "" for part in _BRANCH)
        if tenant_id is not None:
            _require_tenant(tenant_id)
        booked = book_for(
            draft=make_draft(given),
            tenant_id=tenant_id,
            at=timezone.now(),
            created_by=self.operator.pk,
            branch=Branch(code, name, phone) if code else None,
        )
        if booked.created:
            audit.record(
                user=self.operator, row=booked.order, what="创建快递订单", flag=audit.ADDITION
            )
        order = carry_on(order_id=booked.order.pk)
        return Response(order_shown_to(self.operator)(order))


def _require_tenant(tenant_id: int) -> None:
    try:
        tenant_by_id(tenant_id)
    except Missing:
        raise Missing(fields={"tenant_id": [f"没有编号为 {tenant_id} 的租户。"]}) from None


class WaybillView(OperatorDoor):
    """Get the waybill."""

    needs = {"POST": CHANGE}

    @extend_schema(operation_id="get_order_waybill", request=None, responses={200: OrderDetail})
    def post(self, request: Request, order_id: int) -> Response:
        """The order with its waybill number and print data; however often, one number."""
        self.body(request, NothingInput)
        had = any_order(order_id).waybill_no
        order = get_waybill(order_id=order_id, at=timezone.now())
        if order.waybill_no != had:
            audit.record(
                user=self.operator,
                row=order,
                what="获取面单",
                changes={"waybill_no": (had, order.waybill_no)},
            )
        else:
            record_read(self.operator, order)
        return Response(order_shown_to(self.operator)(order))


class PlatformCancelView(OperatorDoor):
    """Cancel."""

    needs = {"POST": CHANGE}

    @extend_schema(
        operation_id="cancel_platform_order",
        request=ReasonInput,
        responses={200: OrderDetail},
    )
    def post(self, request: Request, order_id: int) -> Response:
        """Cancelled, or `cancel_requested_at` says that the carrier is being asked."""
        reason = self.body(request, ReasonInput)["reason"]
        before = any_order(order_id)
        old = audit.snapshot(before)
        order = cancel_order(order_id=order_id, reason=reason, at=timezone.now())
        changes = audit.differences(old, order)
        if changes.keys() & {"status", "cancel_requested_at"}:
            asked = order.status != OrderStatus.CANCELLED
            audit.record(
                user=self.operator,
                row=order,
                what="申请取消，等待承运方答复" if asked else "取消快递订单",
                changes={"status": changes["status"]} if "status" in changes else {},
                why=reason,
            )
        else:
            record_read(self.operator, order)
        return Response(order_shown_to(self.operator)(order))

"""`/logs`: every call to the carrier, masked when it was written, its order's people hidden."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import OperatorDoor
from config.kernel.api import filtering
from config.kernel.api.outputs import listing
from config.kernel.api.pagination import DATES, PAGING, date_window, known_parameters, page_of
from config.kernel.masking import KnownValues
from logistics.models import CallLog
from logistics.queries.known_values import known_values
from logistics.queries.platform import call_log
from logistics.states import ErrorType

SAID = ("request_params", "response_msg", "response_data", "error_detail")
FILTERS = ("api_method", "success", "error_type", "tenant_id", "order_id")


class CallOutput(serializers.Serializer[Any]):
    """One call; the columns (seed 3.2.5)."""

    id = serializers.IntegerField()
    api_method = serializers.CharField()
    api_version = serializers.CharField(allow_null=True)
    request_id = serializers.CharField(allow_null=True)
    request_params = serializers.JSONField(allow_null=True)
    request_time = serializers.DateTimeField()
    response_code = serializers.CharField(allow_null=True)
    response_sub_code = serializers.CharField(allow_null=True)
    response_msg = serializers.CharField(allow_null=True)
    response_data = serializers.JSONField(allow_null=True)
    response_time = serializers.DateTimeField(allow_null=True)
    duration_ms = serializers.IntegerField(allow_null=True)
    tenant_id = serializers.IntegerField(allow_null=True)
    order_id = serializers.IntegerField(allow_null=True)
    success = serializers.BooleanField()
    error_type = serializers.CharField(allow_null=True)
    error_detail = serializers.CharField(allow_null=True)
    client_ip = serializers.CharField(allow_null=True)
    outcome = serializers.CharField()
    created_at = serializers.DateTimeField()


def present_call(row: CallLog, known: KnownValues) -> dict[str, Any]:
    """A call as operators read it."""
    shown = dict(CallOutput(row).data)
    return shown | {name: known.hide_kept(shown[name]) for name in SAID}


class LogsView(OperatorDoor):
    """List."""

    needs = {"GET": "logistics.view_calllog"}

    @extend_schema(
        operation_id="list_call_logs",
        parameters=[
            OpenApiParameter("api_method", str),
            OpenApiParameter("success", bool),
            OpenApiParameter("error_type", str, enum=ErrorType.values),
            OpenApiParameter("tenant_id", int),
            OpenApiParameter("order_id", int),
            *filtering.DATE_PARAMETERS,
            *filtering.PAGE_PARAMETERS,
        ],
        responses={200: listing("CallLogs", CallOutput)},
    )
    def get(self, request: Request) -> Response:
        """Newest first."""
        query = request.query_params
        known_parameters(query, *PAGING, *DATES, *FILTERS)
        wanted: dict[str, Any] = {
            "api_method": filtering.text(query, "api_method"),
            "error_type": filtering.word(query, "error_type", ErrorType.values),
            "tenant_id": filtering.number(query, "tenant_id"),
            "order_id": filtering.number(query, "order_id"),
        }
        given = {name: value for name, value in wanted.items() if value is not None}
        success = filtering.flag(query, "success")
        if success is None and "error_type" in given:
            success = False  # as only failures have one, and they have an index
        if success is not None:
            # Not `success=False`: that is `NOT success` on SQLite, for which it uses no index.
            given["success__in"] = [success]
        rows = call_log().filter(date_window(query, timezone.get_default_timezone()), **given)
        page = page_of(rows, query, lambda row: row)
        known = known_values(row.order_id for row in page["items"])
        items = [present_call(row, known[row.order_id]) for row in page["items"]]
        return Response({**page, "items": items})

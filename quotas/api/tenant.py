"""`/api/v1/quota`: what a tenant may still send, and its closed periods."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import TenantDoor
from config.kernel.api.outputs import listing
from config.kernel.api.pagination import PAGING, known_parameters, page_of
from quotas.models import QuotaStatement
from quotas.money import to_yuan
from quotas.queries import quota_as_of, statements_of


class QuotaOutput(serializers.Serializer[Any]):
    """The seed's columns (3.2.4) as of now, the open period and what is left of it."""

    id = serializers.IntegerField()
    tenant_id = serializers.IntegerField()
    tenant_name = serializers.CharField(allow_null=True)
    monthly_free_quota = serializers.IntegerField()
    monthly_used = serializers.IntegerField()
    total_used = serializers.IntegerField()
    overage_enabled = serializers.BooleanField()
    overage_price = serializers.DecimalField(max_digits=10, decimal_places=2)
    overage_used = serializers.IntegerField()
    overage_amount = serializers.DecimalField(max_digits=10, decimal_places=2)
    quota_reset_day = serializers.IntegerField()
    last_reset_at = serializers.DateField(allow_null=True)
    status = serializers.CharField()
    period_no = serializers.IntegerField()
    period_start = serializers.DateField()
    period_end = serializers.DateField(help_text="第一个不属于本期的日子")
    free_left = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class StatementOutput(serializers.Serializer[Any]):
    """A closed period; amounts in yuan."""

    period_no = serializers.IntegerField()
    period_start = serializers.DateField()
    period_end = serializers.DateField()
    free_quota = serializers.IntegerField()
    units = serializers.IntegerField()
    overage_units = serializers.IntegerField()
    overage_amount = serializers.DecimalField(max_digits=12, decimal_places=2)
    credit_units = serializers.IntegerField()
    credit_amount = serializers.DecimalField(max_digits=12, decimal_places=2)
    amount = serializers.DecimalField(max_digits=12, decimal_places=2)


def present_statement(row: QuotaStatement) -> dict[str, Any]:
    """A statement as tenants read it."""
    values: dict[str, Any] = {
        "period_no": row.period_no,
        "period_start": row.period_start,
        "period_end": row.period_end,
        "free_quota": row.free_quota,
        "units": row.units,
        "overage_units": row.overage_units,
        "credit_units": row.credit_units,
        "overage_amount": to_yuan(row.overage_amount_minor),
        "credit_amount": to_yuan(row.credit_amount_minor),
        "amount": to_yuan(row.amount_minor),
    }
    return dict(StatementOutput(values).data)


class QuotaView(TenantDoor):
    """The tenant's quota."""

    @extend_schema(operation_id="get_quota", responses={200: QuotaOutput})
    def get(self, request: Request) -> Response:
        """Return it as of now, even before any reset ran."""
        known_parameters(request.query_params)
        quota = quota_as_of(tenant_id=self.caller.tenant_id, at=timezone.now())
        return Response(QuotaOutput(quota).data)


class StatementsView(TenantDoor):
    """The tenant's closed periods."""

    @extend_schema(
        operation_id="list_quota_statements",
        parameters=[
            OpenApiParameter("page", int),
            OpenApiParameter("page_size", int),
            OpenApiParameter("cursor", str),
        ],
        responses={200: listing("QuotaStatements", StatementOutput)},
    )
    def get(self, request: Request) -> Response:
        """Newest first."""
        known_parameters(request.query_params, *PAGING)
        rows = statements_of(tenant_id=self.caller.tenant_id)
        return Response(page_of(rows, request.query_params, present_statement))

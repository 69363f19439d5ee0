"""`/api/platform/cainiao/quotas`: what each tenant may send, set by operators; its ledger, read."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import OperatorDoor
from config.kernel import audit
from config.kernel.api import filtering
from config.kernel.api.outputs import listing
from config.kernel.api.pagination import DATES, PAGING, date_window, known_parameters, page_of
from config.kernel.api.serializers import (
    StrictBooleanField,
    StrictDecimalField,
    StrictIntegerField,
    StrictSerializer,
)
from config.kernel.work.claims import again_if_deadlocked
from quotas.api.tenant import QuotaOutput
from quotas.models import QuotaDetail, TenantQuota
from quotas.queries import as_of, quota_details, quota_of_tenant, quota_shown, quotas_shown
from quotas.services.settings import MOST_UNITS, remove_quota, save_quota
from quotas.states import QuotaStatus

VIEW, CHANGE = "quotas.view_tenantquota", "quotas.change_tenantquota"


class QuotaInput(StrictSerializer):
    """Whose quota, and what is set of it; what is not sent stays."""

    tenant_id = StrictIntegerField(min_value=1, max_value=filtering.LARGEST)
    monthly_free_quota = StrictIntegerField(required=False, min_value=0, max_value=MOST_UNITS)
    overage_enabled = StrictBooleanField(required=False)
    overage_price = StrictDecimalField(max_digits=10, decimal_places=2, required=False, min_value=0)
    quota_reset_day = StrictIntegerField(required=False, min_value=1, max_value=31)
    status = serializers.ChoiceField(choices=QuotaStatus.choices, required=False)


class QuotaRemoved(serializers.Serializer[Any]):
    """`removed`: the row is gone; else it has details, and is closed and kept out of sight."""

    id = serializers.IntegerField()
    removed = serializers.BooleanField()


class DetailOutput(serializers.Serializer[Any]):
    """One unit drawn (1) or returned (−1); the columns (seed 3.2.6)."""

    id = serializers.IntegerField()
    tenant_id = serializers.IntegerField()
    order_id = serializers.IntegerField()
    quota_type = serializers.CharField()
    used_num = serializers.IntegerField()
    amount = serializers.DecimalField(max_digits=10, decimal_places=2)
    waybill_no = serializers.CharField(allow_null=True)
    cp_code = serializers.CharField(allow_null=True)
    line_no = serializers.IntegerField()
    period_no = serializers.IntegerField()
    period_start = serializers.DateField()
    credit_period_no = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()


def present_quota(row: TenantQuota) -> dict[str, Any]:
    """A quota as of now, even before any reset ran."""
    return dict(QuotaOutput(as_of(row, timezone.now())).data)


def present_detail(row: QuotaDetail) -> dict[str, Any]:
    """A ledger entry."""
    return dict(DetailOutput(row).data)


class QuotasView(OperatorDoor):
    """List and set."""

    needs = {"GET": VIEW, "POST": CHANGE}

    @extend_schema(
        operation_id="list_tenant_quotas",
        parameters=[
            OpenApiParameter("tenant_id", int),
            OpenApiParameter("status", str, enum=QuotaStatus.values),
            *filtering.PAGE_PARAMETERS,
        ],
        responses={200: listing("TenantQuotas", QuotaOutput)},
    )
    def get(self, request: Request) -> Response:
        """Newest first, each as of now."""
        query = request.query_params
        known_parameters(query, *PAGING, "tenant_id", "status")
        wanted: dict[str, Any] = {
            "tenant_id": filtering.number(query, "tenant_id"),
            "status": filtering.word(query, "status", QuotaStatus.values),
        }
        given = {name: value for name, value in wanted.items() if value is not None}
        rows = quotas_shown().filter(**given).prefetch_related("tenant")
        return Response(page_of(rows, query, present_quota))

    @extend_schema(
        operation_id="save_tenant_quota", request=QuotaInput, responses={200: QuotaOutput}
    )
    def post(self, request: Request) -> Response:
        """Set a tenant's quota up or change it; a closed one comes back with its details."""
        values = self.body(request, QuotaInput)
        return Response(present_quota(again_if_deadlocked(lambda: self.save(values))))

    def save(self, values: dict[str, Any]) -> TenantQuota:
        """Set it, and keep who did, in one transaction."""
        with transaction.atomic():
            before = quota_of_tenant(values["tenant_id"])
            old = audit.snapshot(before) if before else {}
            quota = save_quota(at=timezone.now(), **values)
            changes = audit.differences(old, quota)
            audit.record(
                user=self.operator,
                row=quota,
                what=_what(before),
                changes={name: pair for name, pair in changes.items() if name in values},
                flag=audit.CHANGE if before else audit.ADDITION,
            )
        return quota


def _what(before: TenantQuota | None) -> str:
    if before is None:
        return "新增租户配额"
    return "修改租户配额" if before.hidden_at is None else "恢复租户配额"


class QuotaRemovalView(OperatorDoor):
    """Remove."""

    needs = {"DELETE": "quotas.delete_tenantquota"}

    @extend_schema(operation_id="delete_tenant_quota", responses={200: QuotaRemoved})
    def delete(self, request: Request, quota_id: int) -> Response:
        """Remove a row without details, else close and hide it; `POST` brings it back."""
        removed = again_if_deadlocked(lambda: self.remove(quota_id))
        return Response({"id": quota_id, "removed": removed})

    def remove(self, quota_id: int) -> bool:
        """Remove it, and keep who did, in one transaction."""
        with transaction.atomic():
            quota = quota_shown(quota_id)
            removed = remove_quota(quota_id=quota_id, at=timezone.now())
            what = "删除租户配额" if removed else "关闭租户配额"
            audit.record(user=self.operator, row=quota, what=what, flag=audit.DELETION)
        return removed


class DetailsView(OperatorDoor):
    """The ledger."""

    needs = {"GET": "quotas.view_quotadetail"}

    @extend_schema(
        operation_id="list_quota_details",
        parameters=[
            OpenApiParameter("tenant_id", int),
            *filtering.DATE_PARAMETERS,
            *filtering.PAGE_PARAMETERS,
        ],
        responses={200: listing("QuotaDetails", DetailOutput)},
    )
    def get(self, request: Request) -> Response:
        """Newest first; a removed quota's entries stay."""
        query = request.query_params
        known_parameters(query, *PAGING, *DATES, "tenant_id")
        rows = quota_details().filter(date_window(query, timezone.get_default_timezone()))
        tenant_id = filtering.number(query, "tenant_id")
        if tenant_id is not None:
            rows = rows.filter(tenant_id=tenant_id)
        return Response(page_of(rows, query, present_detail))

"""A tenant's quota as of now, its details and its statements."""

from __future__ import annotations

from copy import copy
from datetime import datetime
from decimal import Decimal

from django.db.models import QuerySet

from config.kernel.days import local_date
from config.kernel.errors import Missing
from quotas.errors import QuotaMissing
from quotas.models import QuotaDetail, QuotaStatement, TenantQuota
from quotas.periods import next_reset


def quota_as_of(*, tenant_id: int, at: datetime) -> TenantQuota:
    """The tenant's quota as it stands at `at`, even where no reset has run yet (not saved).

    :raises QuotaMissing: the tenant has none, or it was removed.
    """
    quota = quotas_shown().select_related("tenant").filter(tenant_id=tenant_id).first()
    if quota is None:
        raise QuotaMissing
    return as_of(quota, at)


def as_of(quota: TenantQuota, at: datetime) -> TenantQuota:
    """A copy of a row read with its tenant, as it stands at `at`; not to be saved."""
    quota = copy(quota)
    today = local_date(at, quota.tenant.zone)
    while today >= quota.period_end:
        quota.period_no += 1
        quota.period_start = quota.last_reset_at = quota.period_end
        quota.period_end = next_reset(quota.period_start, quota.quota_reset_day)
        quota.monthly_used = quota.overage_used = 0
        quota.overage_amount = Decimal("0.00")
    return quota


def has_quota(*, tenant_id: int) -> bool:
    """Whether the tenant has a quota row that was not removed."""
    return quotas_shown().filter(tenant_id=tenant_id).exists()


def has_history(*, tenant_id: int) -> bool:
    """Whether a unit was ever drawn, or a period closed."""
    return (
        QuotaDetail.objects.filter(tenant_id=tenant_id).exists()
        or QuotaStatement.objects.filter(tenant_id=tenant_id).exists()
    )


def quotas_shown() -> QuerySet[TenantQuota]:
    """Every quota that was not removed."""
    return TenantQuota.objects.filter(hidden_at=None)


def quota_shown(quota_id: int) -> TenantQuota:
    """One of them.

    :raises Missing: there is none, or it was removed.
    """
    quota = quotas_shown().filter(pk=quota_id).first()
    if quota is None:
        raise Missing
    return quota


def quota_of_tenant(tenant_id: int) -> TenantQuota | None:
    """The tenant's row as it is stored, removed or not."""
    return TenantQuota.objects.filter(tenant_id=tenant_id).first()


def quota_details() -> QuerySet[QuotaDetail]:
    """The ledger of all tenants; what was removed keeps its entries."""
    return QuotaDetail.objects.all()


def statements_of(*, tenant_id: int) -> QuerySet[QuotaStatement]:
    """The tenant's closed periods."""
    return QuotaStatement.objects.filter(tenant_id=tenant_id)


def details_of_order(*, order_id: int) -> QuerySet[QuotaDetail]:
    """The units one order drew and returned, in their order."""
    return QuotaDetail.objects.filter(order_id=order_id).order_by("line_no")

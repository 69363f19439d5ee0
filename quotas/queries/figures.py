"""What the reports say of quotas: how much is used, and what overage comes to by month."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from quotas.models import QuotaStatement, TenantQuota
from quotas.money import to_minor
from quotas.queries.standing import as_of, quotas_shown

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class QuotaFigures:
    """What a tenant has used of its open period, and what is left; money in fen."""

    free: int
    used: int
    left: int
    overage_units: int
    overage_minor: int
    total_used: int


@dataclass(frozen=True, slots=True)
class PeriodFees:
    """Overage of a period, and what it credits for earlier ones; money in fen.

    `statement_id` None: the period is still open.
    """

    tenant_id: int
    period_no: int
    last_day: date
    statement_id: int | None
    overage_units: int
    overage_minor: int
    credit_minor: int


def quota_figures(
    *, at: datetime, tenant_ids: Iterable[int] | None = None
) -> dict[int, QuotaFigures]:
    """Quotas as they stand at `at`, by tenant, in one statement; removed ones left out."""
    rows = quotas_shown().select_related("tenant").defer("tenant__callback_secret")
    if tenant_ids is not None:
        rows = rows.filter(tenant_id__in=tenant_ids)
    now = (as_of(row, at) for row in rows)
    return {
        row.tenant_id: QuotaFigures(
            row.monthly_free_quota, row.monthly_used, row.free_left, row.overage_used,
            to_minor(row.overage_amount), row.total_used,
        )
        for row in now
    }  # fmt: skip


def closed_fees(*, first: date, last: date, tenant_id: int | None = None) -> list[PeriodFees]:
    """Closed periods whose last day lies in `first`..`last`, in one statement."""
    rows = QuotaStatement.objects.filter(period_end__gt=first, period_end__lte=last + _DAY)
    if tenant_id is not None:
        rows = rows.filter(tenant_id=tenant_id)
    return [
        PeriodFees(
            row.tenant_id, row.period_no, row.period_end - _DAY, row.pk, row.overage_units,
            row.overage_amount_minor, row.credit_amount_minor,
        )
        for row in rows.order_by("tenant_id", "period_no")
    ]  # fmt: skip


def open_fees(*, first: date, last: date, tenant_id: int | None = None) -> list[PeriodFees]:
    """Periods not closed yet whose last day lies in `first`..`last`, if they have overage."""
    rows = TenantQuota.objects.filter(period_end__gt=first, period_end__lte=last + _DAY)
    if tenant_id is not None:
        rows = rows.filter(tenant_id=tenant_id)
    return [
        PeriodFees(
            row.tenant_id, row.period_no, row.period_end - _DAY, None, row.overage_used,
            to_minor(row.overage_amount), 0,
        )
        for row in rows.filter(overage_used__gt=0).order_by("tenant_id")
    ]  # fmt: skip

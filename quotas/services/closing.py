"""A period that is over is closed once, with an immutable statement, whoever comes first."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Sum

from config.kernel.days import local_date
from quotas.models import QuotaDetail, QuotaStatement, TenantQuota
from quotas.money import to_minor
from quotas.periods import next_reset

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

log = logging.getLogger(__name__)
FURTHEST_ZONE = timedelta(hours=14)


def close_elapsed(*, tenant_id: int, at: datetime) -> list[QuotaStatement]:
    """Close every period of this tenant that ended by `at`, in a transaction of its own.

    Returns the statements written, oldest first; an empty list where nothing was due.
    """
    quota = _quota(tenant_id)
    if quota is None or not is_elapsed(quota, at):
        return []
    statements = []
    with transaction.atomic():
        quota = TenantQuota.objects.select_for_update().select_related("tenant").get(pk=quota.pk)
        while is_elapsed(quota, at):
            statements.append(_close_period(quota, quota.period_end, at))
    return statements


def close_all_elapsed(*, at: datetime, tenant_id: int | None = None) -> Iterator[QuotaStatement]:
    """Close what is due for every tenant (or one), each in its own transaction."""
    # No zone's day is further ahead than 14 hours: the rest of the table is not read.
    rows = TenantQuota.objects.filter(period_end__lte=(at.astimezone(UTC) + FURTHEST_ZONE).date())
    if tenant_id is not None:
        rows = rows.filter(tenant_id=tenant_id)
    for wanted in list(rows.order_by("tenant_id").values_list("tenant_id", flat=True)):
        try:
            yield from close_elapsed(tenant_id=wanted, at=at)
        except Exception:
            log.exception("quota periods of tenant %s could not be closed", wanted)


def reset_now(*, tenant_id: int, at: datetime) -> QuotaStatement | None:
    """Close the open period today with a statement and open the rest of it (console only).

    A period that began today cannot be closed again: None is returned, nothing is written.
    """
    close_elapsed(tenant_id=tenant_id, at=at)
    with transaction.atomic():
        quota = (
            TenantQuota.objects.select_for_update().select_related("tenant")
            .get(tenant_id=tenant_id)
        )  # fmt: skip
        today = local_date(at, quota.tenant.zone)
        if today <= quota.period_start:
            return None
        return _close_period(quota, today, at)


def is_elapsed(quota: TenantQuota, at: datetime) -> bool:
    """Whether the open period is over at `at`, on the tenant's wall."""
    return is_over(quota.period_end, quota.tenant.zone, at)


def is_over(period_end: date, zone: ZoneInfo, at: datetime) -> bool:
    """Whether a period that ends before the day `period_end` is over, on that zone's wall."""
    return local_date(at, zone) >= period_end


def _quota(tenant_id: int) -> TenantQuota | None:
    return TenantQuota.objects.select_related("tenant").filter(tenant_id=tenant_id).first()


def _close_period(quota: TenantQuota, end: date, at: datetime) -> QuotaStatement:
    """Write the statement of the locked row's period and open the next one on it."""
    credits_ = QuotaDetail.objects.filter(
        tenant_id=quota.tenant_id, credit_period_no=quota.period_no
    ).aggregate(units=Sum("used_num"), amount=Sum("amount"))
    overage = to_minor(quota.overage_amount)
    credit = -to_minor(credits_["amount"] or Decimal(0))
    statement = QuotaStatement.objects.create(
        tenant_id=quota.tenant_id,
        period_no=quota.period_no,
        period_start=quota.period_start,
        period_end=end,
        free_quota=quota.monthly_free_quota,
        units=quota.monthly_used,
        overage_units=quota.overage_used,
        overage_amount_minor=overage,
        credit_units=-(credits_["units"] or 0),
        credit_amount_minor=credit,
        amount_minor=overage - credit,
        created_at=at,
    )
    quota.period_no += 1
    quota.period_start = quota.last_reset_at = end
    quota.period_end = next_reset(end, quota.quota_reset_day)
    quota.monthly_used = quota.overage_used = 0
    quota.overage_amount = Decimal("0.00")
    quota.save(
        update_fields=[
            "period_no", "period_start", "last_reset_at", "period_end",
            "monthly_used", "overage_used", "overage_amount", "updated_at",
        ]
    )  # fmt: skip
    return statement

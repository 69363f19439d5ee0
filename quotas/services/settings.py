"""What an operator may set on a quota; counters are not among it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from accounts.queries import tenant_by_id
from config.kernel.days import local_date
from config.kernel.errors import Malformed
from quotas.models import TenantQuota
from quotas.periods import period_containing
from quotas.states import QuotaStatus

MOST_UNITS = 2_000_000_000
MOST_PRICE = Decimal("99999999.99")


def save_quota(
    *,
    tenant_id: int,
    at: datetime,
    monthly_free_quota: int | None = None,
    overage_enabled: bool | None = None,
    overage_price: Decimal | None = None,
    quota_reset_day: int | None = None,
    status: str | None = None,
) -> TenantQuota:
    """Create the tenant's quota row, or change what is given on it.

    A new reset day takes effect when the open period ends.

    :raises Malformed: a value out of range. :raises Missing: no such tenant.
    """
    tenant = tenant_by_id(tenant_id)
    changes: dict[str, Any] = {
        name: value
        for name, value in {
            "monthly_free_quota": monthly_free_quota,
            "overage_enabled": overage_enabled,
            "overage_price": overage_price,
            "quota_reset_day": quota_reset_day,
            "status": status,
        }.items()
        if value is not None
    }
    check_settings(changes)
    today = local_date(at, tenant.zone)
    start, end = period_containing(today, quota_reset_day or 1)
    try:
        with transaction.atomic():
            quota, _ = TenantQuota.objects.select_for_update().get_or_create(
                tenant_id=tenant_id,
                defaults={
                    "tenant_name": tenant.name,
                    "period_start": start,
                    "period_end": end,
                    "last_reset_at": start,
                },
            )
            for name, value in {**changes, "tenant_name": tenant.name}.items():
                setattr(quota, name, value)
            # Never the counters: they belong to the reservations running beside us.
            quota.save(update_fields=[*changes, "tenant_name", "updated_at"])
    except IntegrityError:
        return save_quota(tenant_id=tenant_id, at=at, **changes)
    return quota


def check_settings(changes: dict[str, Any]) -> None:
    """Refuse values no quota could have.

    :raises Malformed: naming them.
    """
    wrong: dict[str, list[str]] = {}
    free = changes.get("monthly_free_quota", 0)
    if not 0 <= free <= MOST_UNITS:
        wrong["monthly_free_quota"] = ["必须是 0 到 20 亿之间的整数。"]
    price = changes.get("overage_price", Decimal(0))
    if not price.is_finite() or not 0 <= price <= MOST_PRICE:
        wrong["overage_price"] = ["必须是 0 到 99999999.99 之间的金额。"]
    elif price != price.quantize(Decimal("0.01")):
        wrong["overage_price"] = ["最多两位小数。"]
    if not 1 <= changes.get("quota_reset_day", 1) <= 31:
        wrong["quota_reset_day"] = ["必须是 1 到 31 之间的整数。"]
    if changes.get("status", QuotaStatus.ENABLED) not in QuotaStatus.values:
        wrong["status"] = [f"只能是 {'、'.join(QuotaStatus.values)}。"]
    if wrong:
        raise Malformed(fields=wrong)

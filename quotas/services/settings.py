"""What an operator may set on a quota; counters are not among it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from accounts.queries import tenant_by_id
from config.kernel.days import local_date
from config.kernel.errors import Malformed, Missing
from config.kernel.work.claims import again_if_deadlocked
from quotas.models import TenantQuota
from quotas.periods import period_containing
from quotas.queries import has_history
from quotas.services.hot_row import forget_glances
from quotas.states import QuotaStatus

MOST_UNITS = 2_000_000_000
MOST_PRICE = Decimal("99999999.99")
TRIES = 3


def save_quota(
    *,
    tenant_id: int,
    at: datetime,
    monthly_free_quota: int | None = None,
    overage_enabled: bool | None = None,
    overage_price: Decimal | None = None,
    quota_reset_day: int | None = None,
    status: str | None = None,
    only_new: bool = False,
) -> TenantQuota:
    """Create the tenant's quota row, or change what is given on it.

    A new reset day takes effect when the open period ends. A row that was removed comes back with
    its counters and details, enabled unless `status` says otherwise. With `only_new` a row that is
    there is refused.

    :raises Malformed: a value out of range, or it is there. :raises Missing: no such tenant.
    """
    try:
        tenant = tenant_by_id(tenant_id)
    except Missing:
        raise Missing(fields={"tenant_id": [f"没有编号为 {tenant_id} 的租户。"]}) from None
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
    start, end = period_containing(local_date(at, tenant.zone), quota_reset_day or 1)
    opened = {"period_start": start, "period_end": end, "last_reset_at": start}
    written = {**changes, "tenant_name": tenant.name}
    for attempt in range(1, TRIES + 1):
        try:
            quota = again_if_deadlocked(lambda: _save(tenant_id, opened, written, only_new))
            break
        except IntegrityError:  # somebody created it at this moment
            if attempt == TRIES:
                raise
    _forget()
    return quota


def _save(
    tenant_id: int,
    opened: dict[str, Any],
    written: dict[str, Any],
    only_new: bool,  # noqa: FBT001 - a private helper's
) -> TenantQuota:
    with transaction.atomic():
        quota, created = TenantQuota.objects.select_for_update().get_or_create(
            tenant_id=tenant_id, defaults={"tenant_name": written["tenant_name"], **opened}
        )
        if only_new and not created and quota.hidden_at is None:
            raise Malformed(fields={"tenant_id": ["该租户已有配额。"]})
        if quota.hidden_at is not None:
            written = {"status": QuotaStatus.ENABLED.value, **written, "hidden_at": None}
        for name, value in written.items():
            setattr(quota, name, value)
        # Never the counters: they belong to the reservations running beside us.
        quota.save(update_fields=[*written, "updated_at"])
    return quota


def remove_quota(*, quota_id: int, at: datetime) -> bool:
    """Remove a quota row nothing was ever drawn on (True), or close and hide it (False).

    Closed, it is disabled; its details, statements and open period stay, and `save_quota` brings
    it back. Reservations write this row last, so one running beside us finds it gone or disabled
    and is refused.

    :raises Missing: there is none, or it was removed before.
    """
    removed = again_if_deadlocked(lambda: _remove(quota_id, at))
    _forget()
    return removed


def _remove(quota_id: int, at: datetime) -> bool:
    with transaction.atomic():
        quota = TenantQuota.objects.select_for_update().filter(pk=quota_id, hidden_at=None).first()
        if quota is None:
            raise Missing
        removed = not has_history(tenant_id=quota.tenant_id)
        if removed:
            quota.delete()
        else:
            quota.status, quota.hidden_at = QuotaStatus.DISABLED, at
            quota.save(update_fields=["status", "hidden_at", "updated_at"])
    return removed


def _forget() -> None:
    """This process sees the change at once; the others within a second."""
    forget_glances()
    transaction.on_commit(forget_glances)


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

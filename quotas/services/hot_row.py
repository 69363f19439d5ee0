"""The statements on a tenant's one hot row: each is a single read or a single conditional UPDATE.

The two that every booking makes are constants; compiled by the ORM each time they cost more than
the rest of the booking together.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db import connection, models
from django.db.models import F

from config.kernel.keeping import Kept
from quotas.errors import QuotaMissing
from quotas.models import QuotaDetail, TenantQuota
from quotas.states import QuotaStatus, QuotaType

# What a period's overage column holds: SQLite would go beyond it, MariaDB fail.
MOST_OVERAGE = Decimal("99999999.99")
# With so many free units left, a row is as good as new for a second: the draw itself decides.
PLENTY = 1_000
PLENTY_SECONDS = 1
_READ = (
    "SELECT q.status, q.monthly_free_quota - (q.monthly_used - q.overage_used), q.period_no,"
    " q.period_start, q.period_end, t.time_zone, t.status"
    " FROM platform_tenant_quota q JOIN accounts_tenant t ON t.id = q.tenant_id"
    " WHERE q.tenant_id = %s"
)
_DRAW_FREE = (
    "UPDATE platform_tenant_quota"
    " SET monthly_used = monthly_used + 1, total_used = total_used + 1"
    " WHERE tenant_id = %s AND period_no = %s AND status = %s"
    " AND monthly_free_quota > monthly_used - overage_used"
)


class Open(NamedTuple):
    """The open period as read without a lock; `free_left` may be negative after a cut."""

    status: str
    free_left: int
    period_no: int
    period_start: date
    period_end: date
    time_zone: str
    tenant_status: str

    @property
    def plentiful(self) -> bool:
        """Whether it can be foreseen for some time that the next unit is a free one."""
        return self.status == QuotaStatus.ENABLED and self.free_left > PLENTY


_plentiful: Kept[Open] = Kept(PLENTY_SECONDS, worth=lambda row: row.plentiful)


def read_open(tenant_id: int) -> Open:
    """Read the row.

    :raises QuotaMissing: there is none.
    """
    with connection.cursor() as cursor:
        cursor.execute(_READ, [tenant_id])
        row = cursor.fetchone()
    if row is None:
        raise QuotaMissing
    return Open(*row)


def glance_open(tenant_id: int) -> Open:
    """The row at most a second old while it has plenty of free units, else read now.

    Inside a transaction it is always read: what nobody else sees yet is not to be kept.

    :raises QuotaMissing: there is none.
    """
    if connection.in_atomic_block:
        return read_open(tenant_id)
    return _plentiful.get(tenant_id, lambda: read_open(tenant_id))


def forget_glances() -> None:
    """Read every row again: one of them was not as foreseen."""
    _plentiful.forget()


def draw_free(tenant_id: int, period_no: int) -> bool:
    """Draw a free unit; False where the row is not as foreseen any more."""
    with connection.cursor() as cursor:
        cursor.execute(_DRAW_FREE, [tenant_id, period_no, QuotaStatus.ENABLED.value])
        return bool(cursor.rowcount == 1)


def overage_price(tenant_id: int) -> Decimal | None:
    """What the next overage unit costs (yuan), None where there is none to be had."""
    row = TenantQuota.objects.get(tenant_id=tenant_id)
    room = row.overage_amount + row.overage_price <= MOST_OVERAGE
    return row.overage_price if row.overage_enabled and room else None


def draw_overage(tenant_id: int, period_no: int, price: Decimal) -> bool:
    """Draw an overage unit at `price`; False where the row is not as foreseen any more."""
    rows = TenantQuota.objects.filter(
        tenant_id=tenant_id,
        period_no=period_no,
        status=QuotaStatus.ENABLED,
        monthly_free_quota__lte=F("monthly_used") - F("overage_used"),
        overage_enabled=True,
        overage_price=price,
        overage_amount__lte=MOST_OVERAGE - price,
    )
    updated = rows.update(
        monthly_used=F("monthly_used") + 1,
        total_used=F("total_used") + 1,
        overage_used=F("overage_used") + 1,
        overage_amount=F("overage_amount") + price,
    )
    return updated == 1


def give_back(tenant_id: int, period_no: int, drawn: QuotaDetail) -> bool:
    """Return the unit of `drawn`; False where `period_no` is not the open period any more."""
    changes: dict[str, models.expressions.Combinable] = {"total_used": F("total_used") - 1}
    if drawn.period_no == period_no:
        changes["monthly_used"] = F("monthly_used") - 1
        if drawn.quota_type == QuotaType.OVERAGE:
            changes["overage_used"] = F("overage_used") - 1
            changes["overage_amount"] = F("overage_amount") - drawn.amount
    rows = TenantQuota.objects.filter(tenant_id=tenant_id, period_no=period_no)
    return rows.update(**changes) == 1

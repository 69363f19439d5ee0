"""A unit is drawn before a parcel is sent and returned when it is not: never oversold, never lost.

Free units first, then overage where it is enabled, never beyond. One conditional UPDATE of the
tenant's row decides, as the last statement of the caller's transaction, so the hot row is locked
for one statement (PERFORMANCE section 2).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import models
from django.db.models import F

from quotas.errors import (
    QuotaDisabled,
    QuotaExhausted,
    QuotaMissing,
    QuotaMoved,
    QuotaSuspended,
)
from quotas.models import QuotaDetail, TenantQuota
from quotas.services.closing import close_elapsed, is_elapsed
from quotas.states import QuotaStatus, QuotaType

ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Allowance:
    """What `look` foresees: the kind and price (yuan) of the next unit, and its period."""

    tenant_id: int
    quota_type: str
    price: Decimal
    period_no: int
    period_start: date


def look(*, tenant_id: int, at: datetime) -> Allowance:
    """Foresee the next unit, before the caller's transaction; closes an elapsed period first.

    :raises QuotaMissing, QuotaDisabled, QuotaSuspended, QuotaExhausted: nothing is written.
    """
    quota = _read(tenant_id)
    if is_elapsed(quota, at):
        close_elapsed(tenant_id=tenant_id, at=at)
        quota = _read(tenant_id)
    return _foresee(quota)


def reserve(
    *, allowance: Allowance, order_id: int, at: datetime, cp_code: str = "", again: bool = False
) -> None:
    """Draw the unit for `order_id`: the last call inside the caller's transaction.

    `again` is for an order whose earlier unit was returned (resume). The detail is written as
    foreseen; where the last free unit went meanwhile it is corrected.

    :raises QuotaExhausted, QuotaMoved, …: the caller's transaction must roll back.
    :raises django.db.IntegrityError: the order holds a unit already.
    """
    detail = QuotaDetail.objects.create(
        tenant_id=allowance.tenant_id,
        order_id=order_id,
        quota_type=allowance.quota_type,
        amount=allowance.price,
        cp_code=cp_code or None,
        line_no=_next_line(order_id) if again else 1,
        period_no=allowance.period_no,
        period_start=allowance.period_start,
        created_at=at,
    )
    for _ in range(ATTEMPTS):
        if _draw(allowance):
            return
        quota = _read(allowance.tenant_id)
        if is_elapsed(quota, at):
            raise QuotaMoved
        allowance = _foresee(quota)
        QuotaDetail.objects.filter(pk=detail.pk).update(
            quota_type=allowance.quota_type,
            amount=allowance.price,
            period_no=allowance.period_no,
            period_start=allowance.period_start,
        )
    raise QuotaMoved


def release(*, tenant_id: int, order_id: int, at: datetime) -> bool:
    """Return the unit `order_id` holds: the last call inside the caller's transaction.

    Returned after its period closed, it leaves the statement as it is and is credited in the
    open one. False where the order holds none.

    :raises django.db.IntegrityError: someone else returned it at this moment.
    """
    drawn = QuotaDetail.objects.filter(order_id=order_id).order_by("-line_no").first()
    if drawn is None or drawn.used_num < 0:
        return False
    quota = _read(tenant_id)
    detail = QuotaDetail.objects.create(
        tenant_id=tenant_id,
        order_id=order_id,
        quota_type=drawn.quota_type,
        used_num=-1,
        amount=-drawn.amount,
        waybill_no=drawn.waybill_no,
        cp_code=drawn.cp_code,
        line_no=drawn.line_no + 1,
        period_no=drawn.period_no,
        period_start=drawn.period_start,
        credit_period_no=_credited_in(drawn, quota),
        created_at=at,
    )
    for _ in range(ATTEMPTS):
        if _give_back(quota, drawn):
            return True
        quota = _read(tenant_id)
        QuotaDetail.objects.filter(pk=detail.pk).update(credit_period_no=_credited_in(drawn, quota))
    raise QuotaMoved


def note_waybill(*, order_id: int, waybill_no: str) -> None:
    """Say on the order's lines which waybill they became; no figure changes."""
    QuotaDetail.objects.filter(order_id=order_id, waybill_no=None).update(waybill_no=waybill_no)


def holds_unit(*, order_id: int) -> bool:
    """Whether the order's last line is a draw."""
    last = QuotaDetail.objects.filter(order_id=order_id).order_by("-line_no").first()
    return last is not None and last.used_num > 0


def _read(tenant_id: int) -> TenantQuota:
    quota = TenantQuota.objects.select_related("tenant").filter(tenant_id=tenant_id).first()
    if quota is None:
        raise QuotaMissing
    return quota


def _foresee(quota: TenantQuota) -> Allowance:
    if quota.status == QuotaStatus.DISABLED:
        raise QuotaDisabled
    if quota.status == QuotaStatus.SUSPENDED:
        raise QuotaSuspended
    if quota.free_left > 0:
        kind, price = QuotaType.NORMAL, Decimal("0.00")
    elif quota.overage_enabled:
        kind, price = QuotaType.OVERAGE, quota.overage_price
    else:
        raise QuotaExhausted
    return Allowance(quota.tenant_id, kind, price, quota.period_no, quota.period_start)


def _next_line(order_id: int) -> int:
    last = QuotaDetail.objects.filter(order_id=order_id).aggregate(n=models.Max("line_no"))["n"]
    # An order that still holds a unit gets its own number again: the unique key refuses it.
    return last + 1 if last and last % 2 == 0 else last or 1


def _draw(allowance: Allowance) -> bool:
    rows = TenantQuota.objects.filter(
        tenant_id=allowance.tenant_id,
        status=QuotaStatus.ENABLED,
        period_no=allowance.period_no,
    )
    free_used = F("monthly_used") - F("overage_used")
    changes: dict[str, models.expressions.Combinable] = {
        "monthly_used": F("monthly_used") + 1,
        "total_used": F("total_used") + 1,
    }
    if allowance.quota_type == QuotaType.NORMAL:
        rows = rows.filter(monthly_free_quota__gt=free_used)
    else:
        rows = rows.filter(
            monthly_free_quota__lte=free_used,
            overage_enabled=True,
            overage_price=allowance.price,
        )
        changes["overage_used"] = F("overage_used") + 1
        changes["overage_amount"] = F("overage_amount") + allowance.price
    return rows.update(**changes) == 1


def _credited_in(drawn: QuotaDetail, quota: TenantQuota) -> int | None:
    return None if drawn.period_no == quota.period_no else quota.period_no


def _give_back(quota: TenantQuota, drawn: QuotaDetail) -> bool:
    changes: dict[str, models.expressions.Combinable] = {"total_used": F("total_used") - 1}
    if drawn.period_no == quota.period_no:
        changes["monthly_used"] = F("monthly_used") - 1
        if drawn.quota_type == QuotaType.OVERAGE:
            changes["overage_used"] = F("overage_used") - 1
            changes["overage_amount"] = F("overage_amount") - drawn.amount
    return TenantQuota.objects.filter(pk=quota.pk, period_no=quota.period_no).update(**changes) == 1

"""A unit is drawn before a parcel is sent and returned when it is not: never oversold, never lost.

Free units first, then overage where it is enabled, never beyond. One conditional UPDATE of the
tenant's row decides, as the last statement of the caller's transaction, so the hot row is locked
for one statement (PERFORMANCE section 2).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import models

from accounts.states import TenantStatus
from config.kernel.rows import insert
from quotas.errors import (
    QuotaDisabled,
    QuotaExhausted,
    QuotaMoved,
    QuotaSuspended,
)
from quotas.models import QuotaDetail
from quotas.services.closing import close_elapsed, is_over
from quotas.services.hot_row import (
    Open,
    draw_free,
    draw_overage,
    forget_glances,
    give_back,
    glance_open,
    overage_price,
    read_open,
)
from quotas.states import QuotaStatus, QuotaType

ATTEMPTS = 5
_FREE = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Allowance:
    """What `look` foresees: the kind and price (yuan) of the next unit, and its period.

    `suspended`: the tenant is; whether that forbids the unit is the caller's to say.
    """

    tenant_id: int
    quota_type: str
    price: Decimal
    period_no: int
    period_start: date
    suspended: bool


def look(*, tenant_id: int, at: datetime) -> Allowance:
    """Foresee the next unit, before the caller's transaction; closes an elapsed period first.

    :raises QuotaMissing, QuotaDisabled, QuotaSuspended, QuotaExhausted: nothing is written.
    """
    quota = glance_open(tenant_id)
    if is_over(quota.period_end, ZoneInfo(quota.time_zone), at):
        close_elapsed(tenant_id=tenant_id, at=at)
        quota = read_open(tenant_id)
    return _foresee(tenant_id, quota)


def reserve(
    *, allowance: Allowance, order_id: int, at: datetime, cp_code: str = "", again: bool = False
) -> None:
    """Draw the unit for `order_id`: the last call inside the caller's transaction.

    `again` is for an order whose earlier unit was returned (resume). The detail is written as
    foreseen; where the last free unit went meanwhile it is corrected.

    :raises QuotaExhausted, QuotaMoved, …: the caller's transaction must roll back.
    :raises django.db.IntegrityError: the order holds a unit already.
    """
    detail = insert(
        QuotaDetail,
        {
            "tenant_id": allowance.tenant_id,
            "order_id": order_id,
            "quota_type": allowance.quota_type,
            "amount": allowance.price,
            "cp_code": cp_code or None,
            "line_no": _next_line(order_id) if again else 1,
            "period_no": allowance.period_no,
            "period_start": allowance.period_start,
            "created_at": at,
        },
    )
    for _ in range(ATTEMPTS):
        if _draw(allowance):
            return
        forget_glances()
        quota = read_open(allowance.tenant_id)
        if is_over(quota.period_end, ZoneInfo(quota.time_zone), at):
            raise QuotaMoved
        allowance = _foresee(allowance.tenant_id, quota)
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
    period_no = read_open(tenant_id).period_no
    detail = insert(
        QuotaDetail,
        {
            "tenant_id": tenant_id,
            "order_id": order_id,
            "quota_type": drawn.quota_type,
            "used_num": -1,
            "amount": -drawn.amount,
            "waybill_no": drawn.waybill_no,
            "cp_code": drawn.cp_code,
            "line_no": drawn.line_no + 1,
            "period_no": drawn.period_no,
            "period_start": drawn.period_start,
            "credit_period_no": _credited_in(drawn, period_no),
            "created_at": at,
        },
    )
    for _ in range(ATTEMPTS):
        if give_back(tenant_id, period_no, drawn):
            return True
        period_no = read_open(tenant_id).period_no
        credit = _credited_in(drawn, period_no)
        QuotaDetail.objects.filter(pk=detail.pk).update(credit_period_no=credit)
    raise QuotaMoved


def note_waybill(*, order_id: int, waybill_no: str) -> None:
    """Say on the order's lines which waybill they became; no figure changes."""
    QuotaDetail.objects.filter(order_id=order_id, waybill_no=None).update(waybill_no=waybill_no)


def holds_unit(*, order_id: int) -> bool:
    """Whether the order's last line is a draw."""
    last = QuotaDetail.objects.filter(order_id=order_id).order_by("-line_no").first()
    return last is not None and last.used_num > 0


def _foresee(tenant_id: int, quota: Open) -> Allowance:
    if quota.status == QuotaStatus.DISABLED:
        raise QuotaDisabled
    if quota.status == QuotaStatus.SUSPENDED:
        raise QuotaSuspended
    kind, price = QuotaType.NORMAL, _FREE
    if quota.free_left <= 0:
        wanted = overage_price(tenant_id)
        if wanted is None:
            raise QuotaExhausted
        kind, price = QuotaType.OVERAGE, wanted
    return Allowance(
        tenant_id=tenant_id,
        quota_type=kind,
        price=price,
        period_no=quota.period_no,
        period_start=quota.period_start,
        suspended=quota.tenant_status != TenantStatus.ENABLED,
    )


def _next_line(order_id: int) -> int:
    last = QuotaDetail.objects.filter(order_id=order_id).aggregate(n=models.Max("line_no"))["n"]
    # An order that still holds a unit gets its own number again: the unique key refuses it.
    return last + 1 if last and last % 2 == 0 else last or 1


def _draw(allowance: Allowance) -> bool:
    tenant_id, period_no = allowance.tenant_id, allowance.period_no
    if allowance.quota_type == QuotaType.NORMAL:
        return draw_free(tenant_id, period_no)
    return draw_overage(tenant_id, period_no, allowance.price)


def _credited_in(drawn: QuotaDetail, period_no: int) -> int | None:
    return None if drawn.period_no == period_no else period_no

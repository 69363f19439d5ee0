"""How many units of its period were in use after each line of a page: the ledger's running balance.

It is counted down from the period's total, which its statement or the open counters say: only the
lines newer than the page are summed up, and a list shows 10,000 of them at most.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q, QuerySet, Sum

from quotas.models import QuotaDetail, QuotaStatement, TenantQuota

ATTEMPTS = 3


def running_units(rows: Sequence[QuotaDetail], *, by_id: bool) -> dict[int, int]:
    """Line id -> units of its period up to and with that line.

    `rows` are consecutive lines of one tenant, newest first, by id or by (created_at, id). A late
    return belongs to no period's units and is left out.
    """
    counted = [row for row in rows if row.credit_period_no is None]
    if not counted:
        return {}
    running = {}
    periods = {row.period_no for row in counted}
    left = _totals(rows[0].tenant_id, periods, _after(rows[0], periods, by_id=by_id))
    for row in counted:
        if row.period_no in left:
            running[row.pk] = left[row.period_no]
            left[row.period_no] -= row.used_num
    return running


def _after(top: QuotaDetail, periods: set[int], *, by_id: bool) -> QuerySet[QuotaDetail]:
    """The lines before the page's first one, in the order of the list, by that order's index."""
    rows = QuotaDetail.objects.filter(tenant_id=top.tenant_id).order_by()
    if by_id:
        return rows.filter(period_no__in=periods, id__gt=top.pk)
    rows = rows.filter(created_at__gte=top.created_at)
    return rows.filter(Q(created_at__gt=top.created_at) | Q(id__gt=top.pk))


def _totals(tenant_id: int, periods: set[int], after: QuerySet[QuotaDetail]) -> dict[int, int]:
    """Period -> its units without the lines `after` the page."""
    closed = QuotaStatement.objects.filter(tenant_id=tenant_id, period_no__in=periods)
    totals = dict(closed.values_list("period_no", "units"))
    before = _open(tenant_id)
    for _ in range(ATTEMPTS):
        later = _sums(after, periods)
        now = _open(tenant_id)
        if now == before:
            break
        before = now  # booked between the two readings: they are of different moments
    if now is not None:
        totals[now[0]] = now[1]
    return {no: units - later.get(no, 0) for no, units in totals.items()}


def _open(tenant_id: int) -> tuple[int, int] | None:
    rows = TenantQuota.objects.filter(tenant_id=tenant_id)
    return rows.values_list("period_no", "monthly_used").first()


def _sums(rows: QuerySet[QuotaDetail], periods: set[int]) -> dict[int, int]:
    """Period -> units; grouping in the database would choose another index than the order's."""
    sums = {
        f"period_{no}": Sum("used_num", filter=Q(period_no=no, credit_period_no=None))
        for no in periods
    }
    found = rows.aggregate(**sums)
    return {no: found[f"period_{no}"] or 0 for no in periods}

"""Row by row the product's books are the model's: counters, ledger, statements, what is shown."""

from __future__ import annotations

from datetime import datetime

from accounts.models import Tenant
from quotas.models import QuotaDetail, QuotaStatement, TenantQuota
from quotas.money import to_minor
from quotas.queries import find_discrepancies, quota_as_of
from tests.quotas.calendar_model import Closed, Line, Model, reset_after


def books_agree(model: Model, tenant: Tenant) -> None:
    quota = TenantQuota.objects.get(tenant=tenant)
    period = (quota.period_no, quota.period_start, quota.period_end)
    assert period == (model.number, model.start, model.end)
    counted = (quota.monthly_used, quota.overage_used, to_minor(quota.overage_amount))
    assert counted == model.sums(model.number)
    assert quota.total_used == sum(line.units for line in model.lines)
    assert _lines(tenant) == sorted(model.lines, key=lambda line: (line.order_id, line.line_no))
    assert _statements(tenant) == model.closed
    _periods_tile_time(model, tenant)
    assert list(find_discrepancies(tenant_id=tenant.pk)) == []


def shows_as_of(model: Model, tenant: Tenant, at: datetime) -> None:
    """What a tenant reads is right before any reset ran, and nothing is written by reading."""
    start, end, number = model.start, model.end, model.number
    while model.today(at) >= end:
        start, end, number = end, reset_after(end, model.reset_day), number + 1
    shown = quota_as_of(tenant_id=tenant.pk, at=at)
    assert (shown.period_start, shown.period_end, shown.period_no) == (start, end, number)
    used, over, _ = model.sums(number)
    assert (shown.monthly_used, shown.overage_used) == (used, over)
    assert shown.free_left == max(0, model.free - (used - over))


def _lines(tenant: Tenant) -> list[Line]:
    rows = QuotaDetail.objects.filter(tenant=tenant).order_by("order_id", "line_no")
    return [
        Line(
            row.order_id, row.line_no, row.quota_type, row.used_num, to_minor(row.amount),
            row.period_no, row.period_start, row.credit_period_no,
        )
        for row in rows
    ]  # fmt: skip


def _statements(tenant: Tenant) -> list[Closed]:
    rows = QuotaStatement.objects.filter(tenant=tenant).order_by("period_no")
    found = [
        Closed(
            row.period_no, row.period_start, row.period_end, row.free_quota, row.units,
            row.overage_units, row.overage_amount_minor, row.credit_units,
            row.credit_amount_minor,
        )
        for row in rows
    ]  # fmt: skip
    assert [row.amount_minor for row in rows] == [each.due_fen for each in found]
    return found


def _periods_tile_time(model: Model, tenant: Tenant) -> None:
    """No gap, no overlap, and each line names one of the periods by number and first day."""
    rows = list(QuotaStatement.objects.filter(tenant=tenant).order_by("period_no"))
    ends = [row.period_end for row in rows]
    starts = [row.period_start for row in rows] + [
        TenantQuota.objects.get(tenant=tenant).period_start
    ]
    assert starts[1:] == ends
    assert starts == sorted(set(starts))
    first_days = dict(enumerate(starts, start=1))
    for line in _lines(tenant):
        assert first_days[line.period_no] == line.period_start
        assert line.credited_in is None or line.period_no < line.credited_in <= len(starts)

"""The proof of the books: counters, details and statements against each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Count, Max, Min, QuerySet, Sum

from quotas.models import QuotaDetail, QuotaStatement, TenantQuota
from quotas.money import to_minor


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """One figure that is not what its entries add up to."""

    tenant_id: int
    what: str
    found: Any
    expected: Any


class _Entries(NamedTuple):
    """What the details add up to, in units and fen.

    `periods` by tenant, period and type, late returns left out, which are in `credits` by tenant
    and the period that credits them; `totals` are the units of both by tenant.
    """

    periods: dict[tuple[int, int, str], tuple[int, int]]
    credits: dict[tuple[int, int], tuple[int, int]]
    totals: Counter[int]

    def sums(self, tenant_id: int, period_no: int) -> tuple[int, int, int]:
        """All units, overage units and overage fen of a period."""
        free = self.periods.get((tenant_id, period_no, "normal"), (0, 0))
        over = self.periods.get((tenant_id, period_no, "overage"), (0, 0))
        return free[0] + over[0], over[0], free[1] + over[1]


def find_discrepancies(*, tenant_id: int | None = None) -> Iterator[Discrepancy]:
    """Prove counters, details and statements against each other; yields what differs.

    Reservations run beside us, so a tenant that differs is looked at again with its row locked:
    whatever draws or returns a unit writes that row last, and waits.
    """
    suspects = {row.tenant_id for row in _differences(tenant_id=tenant_id)}
    for suspect in sorted(suspects):
        with transaction.atomic():
            TenantQuota.objects.select_for_update().filter(tenant_id=suspect).first()
            found = list(_differences(tenant_id=suspect))
        yield from found


def _differences(*, tenant_id: int | None) -> Iterator[Discrepancy]:
    quotas = TenantQuota.objects.order_by("tenant_id")
    details, statements = QuotaDetail.objects.all(), QuotaStatement.objects.all()
    if tenant_id is not None:
        quotas = quotas.filter(tenant_id=tenant_id)
        details = details.filter(tenant_id=tenant_id)
        statements = statements.filter(tenant_id=tenant_id)
    entries = _add_up(details)
    seen = set()
    for quota in quotas.iterator():
        seen.add(quota.tenant_id)
        yield from _check_counters(quota, entries)
        yield from _check_statements(quota, statements.filter(tenant_id=quota.tenant_id), entries)
    for stray in sorted({key[0] for key in entries.periods} - seen):
        yield Discrepancy(stray, "quota row", None, "details exist")
    yield from _check_lines(details)


def _add_up(details: QuerySet[QuotaDetail]) -> _Entries:
    """All sums, of one reading."""
    entries = _Entries({}, {}, Counter())
    rows = (
        details.values("tenant_id", "period_no", "quota_type", "credit_period_no")
        .annotate(units=Sum("used_num"), money=Sum("amount"))
        .order_by()
    )
    for row in rows.iterator():
        tenant_id, credited_in = row["tenant_id"], row["credit_period_no"]
        units, money = row["units"], to_minor(row["money"])
        entries.totals[tenant_id] += units
        if credited_in is None:
            entries.periods[tenant_id, row["period_no"], row["quota_type"]] = (units, money)
        else:
            known = entries.credits.get((tenant_id, credited_in), (0, 0))
            entries.credits[tenant_id, credited_in] = (known[0] + units, known[1] + money)
    return entries


def _check_counters(quota: TenantQuota, entries: _Entries) -> Iterator[Discrepancy]:
    units, over, money = entries.sums(quota.tenant_id, quota.period_no)
    for what, found, expected in (
        ("monthly_used", quota.monthly_used, units),
        ("overage_used", quota.overage_used, over),
        ("overage_amount", to_minor(quota.overage_amount), money),
        ("total_used", quota.total_used, entries.totals[quota.tenant_id]),
    ):
        if found != expected:
            yield Discrepancy(quota.tenant_id, what, found, expected)


def _check_statements(
    quota: TenantQuota, statements: QuerySet[QuotaStatement], entries: _Entries
) -> Iterator[Discrepancy]:
    number = 0
    end: date | None = None
    for statement in statements.order_by("period_no").iterator():
        number += 1
        name = f"statement {statement.period_no}"
        units, over, money = entries.sums(quota.tenant_id, statement.period_no)
        credit = entries.credits.get((quota.tenant_id, statement.period_no), (0, 0))
        found = (
            statement.units, statement.overage_units, statement.overage_amount_minor,
            statement.credit_units, statement.credit_amount_minor, statement.amount_minor,
        )  # fmt: skip
        expected = (units, over, money, -credit[0], -credit[1], money + credit[1])
        if found != expected:
            yield Discrepancy(quota.tenant_id, name, found, expected)
        if statement.period_no != number or (end and statement.period_start != end):
            yield Discrepancy(quota.tenant_id, f"{name} follows", statement.period_start, end)
        end = statement.period_end
    if number + 1 != quota.period_no or (end and quota.period_start != end):
        yield Discrepancy(quota.tenant_id, "open period", quota.period_no, number + 1)


def _check_lines(details: QuerySet[QuotaDetail]) -> Iterator[Discrepancy]:
    """An order's lines are 1, 2, 3 … and alternate between drawing and returning.

    A line number is an order's only once, so an order of nothing but a first line that draws
    is right: only the others are added up.
    """
    others = details.exclude(line_no=1, used_num=1).order_by().values("order_id")
    rows = (
        details.filter(order_id__in=others)
        .values("tenant_id", "order_id")
        .annotate(
            lines=Count("id"), last=Max("line_no"), first=Min("line_no"), units=Sum("used_num")
        )
        .order_by()
    )
    for row in rows.iterator():
        if (row["first"], row["last"], row["units"]) != (1, row["lines"], row["lines"] % 2):
            what = f"lines of order {row['order_id']}"
            yield Discrepancy(row["tenant_id"], what, row["last"], row["lines"])

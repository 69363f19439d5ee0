"""The books proved the long way: every line is read and added up in Python."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from quotas.models import QuotaDetail, QuotaStatement, TenantQuota
from quotas.money import to_minor

Verdict = tuple[int, str, Any, Any]


def verdicts() -> list[Verdict]:
    """(tenant, what, found, expected) of everything that differs, in order."""
    lines = list(QuotaDetail.objects.all())
    quotas = list(TenantQuota.objects.all())
    found = [row for quota in quotas for row in _of_quota(quota, lines)]
    strays = {line.tenant_id for line in lines if line.credit_period_no is None}
    strays -= {quota.tenant_id for quota in quotas}
    found += [(stray, "quota row", None, "details exist") for stray in strays]
    return sorted(found + _of_lines(lines), key=repr)


def _of_quota(quota: TenantQuota, every: list[QuotaDetail]) -> list[Verdict]:
    lines = [line for line in every if line.tenant_id == quota.tenant_id]
    units, over, money = _sums(lines, quota.period_no)
    figures: list[tuple[str, Any, Any]] = [
        ("monthly_used", quota.monthly_used, units),
        ("overage_used", quota.overage_used, over),
        ("overage_amount", to_minor(quota.overage_amount), money),
        ("total_used", quota.total_used, sum(line.used_num for line in lines)),
    ]
    number, end = 0, None
    for statement in QuotaStatement.objects.filter(tenant=quota.tenant_id).order_by("period_no"):
        number += 1
        name = f"statement {statement.period_no}"
        units, over, money = _sums(lines, statement.period_no)
        late = [line for line in lines if line.credit_period_no == statement.period_no]
        credited = sum(line.used_num for line in late)
        credit = sum(to_minor(line.amount) for line in late)
        said = (
            statement.units, statement.overage_units, statement.overage_amount_minor,
            statement.credit_units, statement.credit_amount_minor, statement.amount_minor,
        )  # fmt: skip
        figures.append((name, said, (units, over, money, -credited, -credit, money + credit)))
        if statement.period_no != number or (end and statement.period_start != end):
            figures.append((f"{name} follows", statement.period_start, end))
        end = statement.period_end
    if number + 1 != quota.period_no or (end and quota.period_start != end):
        figures.append(("open period", quota.period_no, number + 1))
    return [
        (quota.tenant_id, what, found, expected)
        for what, found, expected in figures
        if found != expected or what.endswith(("follows", "open period"))
    ]


def _sums(lines: list[QuotaDetail], period_no: int) -> tuple[int, int, int]:
    own = [line for line in lines if line.period_no == period_no and not line.credit_period_no]
    over = [line for line in own if line.quota_type == "overage"]
    return (
        sum(line.used_num for line in own),
        sum(line.used_num for line in over),
        sum(to_minor(line.amount) for line in own),
    )


def _of_lines(every: list[QuotaDetail]) -> list[Verdict]:
    orders: dict[tuple[int, int], list[QuotaDetail]] = defaultdict(list)
    for line in every:
        orders[line.tenant_id, line.order_id].append(line)
    found: list[Verdict] = []
    for (tenant_id, order_id), lines in orders.items():
        numbers = [line.line_no for line in lines]
        units = sum(line.used_num for line in lines)
        if (min(numbers), max(numbers), units) != (1, len(lines), len(lines) % 2):
            found.append((tenant_id, f"lines of order {order_id}", max(numbers), len(lines)))
    return found

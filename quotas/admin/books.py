"""核对账目: the proof of one tenant's books, in words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from quotas.models import QuotaDetail, QuotaStatement, TenantQuota
from quotas.queries import Discrepancy, find_discrepancies

_NAMED = re.compile(r"(statement|lines of order) (\d+)( follows)?")

# As `find_discrepancies` gives a statement's figures.
STATED = (
    "units", "overage_units", "overage_amount_minor", "credit_units", "credit_amount_minor",
    "amount_minor",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Books:
    """What was looked at and what differs; `differences` are rows of (what, found, expected)."""

    details: int
    units: int
    overage: Decimal
    statements: int
    differences: list[tuple[str, str, str]]


def prove(tenant_id: int) -> Books:
    """Add everything up; reads all of the tenant's lines."""
    differences = [_told(row) for row in find_discrepancies(tenant_id=tenant_id)]
    lines = QuotaDetail.objects.filter(tenant_id=tenant_id)
    sums = lines.aggregate(lines=Count("id"), units=Sum("used_num"), money=Sum("amount"))
    return Books(
        details=sums["lines"],
        units=sums["units"] or 0,
        overage=(sums["money"] or Decimal(0)).quantize(Decimal("0.01")),
        statements=QuotaStatement.objects.filter(tenant_id=tenant_id).count(),
        differences=differences,
    )


def _told(row: Discrepancy) -> tuple[str, str, str]:
    name, found, expected = _name(row.what), row.found, row.expected
    if isinstance(found, tuple):
        return name, _differing(found, expected), _differing(expected, found)
    return name, _figure(found), _figure(expected)


def _name(what: str) -> str:
    match = _NAMED.fullmatch(what)
    if match is None:
        columns = {field.name: field.verbose_name for field in TenantQuota._meta.fields}
        words = {"open period": _("open period"), "quota row": _("quota row")}
        return str(words.get(what) or columns.get(what, what))
    if match[1] == "lines of order":
        return _("lines of order %(no)s") % {"no": match[2]}
    text = _("start of statement %(no)s") if match[3] else _("statement %(no)s")
    return text % {"no": match[2]}


def _figure(value: Any) -> str:
    return "—" if value is None else str(value)


def _differing(figures: tuple[Any, ...], others: tuple[Any, ...]) -> str:
    """Of a statement's six figures those that differ, by their names."""
    fields: list[Any] = [QuotaStatement._meta.get_field(name) for name in STATED]
    return " · ".join(
        f"{field.verbose_name} {one}"
        for field, one, other in zip(fields, figures, others, strict=True)
        if one != other
    )

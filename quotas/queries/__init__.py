"""Reads of quotas: each file one kind of question, none of them writes."""

from __future__ import annotations

from quotas.queries.figures import (
    PeriodFees,
    QuotaFigures,
    closed_fees,
    open_fees,
    quota_figures,
)
from quotas.queries.proof import Discrepancy, find_discrepancies
from quotas.queries.standing import (
    as_of,
    details_of_order,
    has_history,
    has_quota,
    quota_as_of,
    quota_details,
    quota_of_tenant,
    quota_shown,
    quotas_shown,
    statements_of,
)

__all__ = [
    "Discrepancy",
    "PeriodFees",
    "QuotaFigures",
    "as_of",
    "closed_fees",
    "details_of_order",
    "find_discrepancies",
    "has_history",
    "has_quota",
    "open_fees",
    "quota_as_of",
    "quota_details",
    "quota_figures",
    "quota_of_tenant",
    "quota_shown",
    "quotas_shown",
    "statements_of",
]

"""Where a figure leads: the lists of the rows it adds up from, filtered alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from accounts.queries import TenantInfo
from logistics.queries.reports.window import Window

OWN = "0"  # the platform itself, where else a tenant's code stands


def code_of(tenant_id: int | None, tenant: TenantInfo | None) -> str:
    """What forms and filters call the tenant."""
    if tenant is not None:
        return tenant.platform_code
    return "" if tenant_id is None else str(tenant_id)


def orders_url(window: Window, code: str) -> str:
    """The live orders of the window, in their list; `code` as its tenant is called."""
    query = {
        "created_at_from": window.first.isoformat(),
        "created_at_to": window.last.isoformat(),
        "mode": "live",
        "tenant": code,
        "cp_code": window.cp_code,
        "status__exact": window.status,
    }
    return _url("logistics_expressorder_changelist", query)


def statement_url(statement_id: int) -> str:
    """A closed period."""
    return reverse("admin:quotas_quotastatement_change", args=[statement_id])


def overage_url(code: str, period_no: int) -> str:
    """The overage lines that a period's figures add up from."""
    query = {"tenant": code, "period_no": period_no, "quota_type__exact": "overage"}
    return _url("quotas_quotadetail_changelist", query)


def credits_url(code: str, period_no: int) -> str:
    """The late returns that a period credits."""
    return _url("quotas_quotadetail_changelist", {"tenant": code, "credit_period_no": period_no})


def settlement_url(month: date, tenant: str = "") -> str:
    """The fees of a month."""
    return report_url("report_settlement", {"month": f"{month:%Y-%m}", "tenant": tenant})


def parcels_url(month: date, tenant: str, *, revised: bool = False) -> str:
    """The parcels and periods of one tenant's month."""
    query = {"month": f"{month:%Y-%m}", "tenant": tenant, "revised": "on" if revised else ""}
    return report_url("report_parcels", query)


def report_url(name: str, query: Mapping[str, Any]) -> str:
    """A report, as it would be asked for."""
    return _url(name, query)


def _url(name: str, query: Mapping[str, Any]) -> str:
    given = {key: value for key, value in query.items() if value not in {"", None}}
    address = reverse(f"admin:{name}")
    return f"{address}?{urlencode(given)}" if given else address

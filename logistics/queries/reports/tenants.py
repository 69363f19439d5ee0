"""Tenants ranked by what they use: orders of a window, and their quota as it stands now."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from accounts.queries import TenantInfo, tenants_by_id
from logistics.queries.reports.counting import PLATFORM
from logistics.queries.reports.orders import OrderSums, order_lines
from logistics.queries.reports.window import Window
from quotas.queries import QuotaFigures, quota_figures

_NOBODY = QuotaFigures(0, 0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class TenantUse:
    """A tenant's orders of the window and its quota now; None where it has no quota."""

    rank: int
    tenant_id: int
    tenant: TenantInfo | None
    sums: OrderSums
    quota: QuotaFigures | None

    @property
    def signed_rate(self) -> Decimal:
        """Signed orders of all, between 0 and 1."""
        return share(self.sums.signed, self.sums.orders)

    @property
    def exception_rate(self) -> Decimal:
        """Orders in exception now of all, between 0 and 1."""
        return share(self.sums.exceptions, self.sums.orders)


SORTS: dict[str, Callable[[TenantUse], Any]] = {
    "orders": lambda use: use.sums.orders,
    "exception_rate": lambda use: use.exception_rate,
    "quota_used": lambda use: (use.quota or _NOBODY).used,
    "overage_units": lambda use: (use.quota or _NOBODY).overage_units,
}


def tenant_ranking(*, window: Window, at: datetime, sort: str = "orders") -> list[TenantUse]:
    """Whoever has orders in the window, the largest by `sort` (one of SORTS) first.

    Three statements: roll-ups, tenants, quotas.
    """
    sums = {
        line.tenant_id: line.sums
        for line in order_lines(window=window, group=("tenant",))
        if line.tenant_id is not None
    }
    tenants = named(sums)
    quotas = quota_figures(at=at, tenant_ids=_only(window))
    uses = [
        TenantUse(0, key, tenants.get(key), value, quotas.get(key)) for key, value in sums.items()
    ]
    uses.sort(key=lambda use: (SORTS[sort](use), use.sums.orders, -use.tenant_id), reverse=True)
    return [
        TenantUse(rank, use.tenant_id, use.tenant, use.sums, use.quota)
        for rank, use in enumerate(uses, 1)
    ]


def named(tenant_ids: Iterable[int | None]) -> dict[int, TenantInfo]:
    """These tenants by id; the platform is nobody's tenant."""
    return tenants_by_id(pk for pk in tenant_ids if pk is not None and pk != PLATFORM)


def share(part: int, whole: int) -> Decimal:
    """`part` of `whole` with four places; nothing of nothing is 0."""
    return (Decimal(part) / (whole or 1)).quantize(Decimal("0.0001"))


def _only(window: Window) -> list[int] | None:
    return None if window.tenant_id is None else [window.tenant_id]

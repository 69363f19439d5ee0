"""租户用量排行: who sends most, whose parcels go wrong, whose quota runs out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.kernel.console.charts import horizontal_bars, whole
from logistics.admin.reports.forms import SORT_LABELS, TenantsForm
from logistics.admin.reports.links import code_of, orders_url
from logistics.admin.reports.page import Report
from logistics.admin.reports.tables import (
    TENANT_COLUMNS,
    Cell,
    count,
    money,
    percent,
    tenant_cells,
    tenant_name,
    total_row,
)
from logistics.queries.reports.orders import OrderSums, order_totals
from logistics.queries.reports.tenants import SORTS, TenantUse, share, tenant_ranking
from logistics.queries.reports.window import Window
from logistics.states import OrderStatus

MOST_BARS = 15


class TenantsReport(Report):
    """租户用量排行."""

    name = "report_tenants"
    title = gettext_lazy("Tenants' usage ranking")
    note = gettext_lazy(
        "Orders of these days in their state now; the quota is that of the open period, as of now, "
        "whatever days are picked."
    )
    form_class = TenantsForm

    @property
    def window(self) -> Window:
        """What is asked about."""
        found: Window = self.form.window
        return found

    @property
    def days(self) -> tuple[date, date]:
        """As asked."""
        return self.window.first, self.window.last

    @cached_property
    def ranking(self) -> list[TenantUse]:
        """Everybody, read once."""
        sort = self.form.cleaned_data["sort"]
        return tenant_ranking(window=self.window, at=self.at, sort=sort)

    def header(self) -> Sequence[Any]:
        """Whose, how many, how many went wrong, and the quota."""
        return [
            _("rank"), *TENANT_COLUMNS, _("number of orders"), str(OrderStatus.SIGNED.label),
            _("share signed for"), str(OrderStatus.EXCEPTION.label), _("share in exception"),
            _("free units a month"), _("used this period"), _("free units left"),
            _("overage units"), _("overage amount (yuan)"),
        ]  # fmt: skip

    def rows(self, *, skip: int = 0, most: int | None = None) -> Iterator[list[Cell]]:
        """The first first."""
        end = None if most is None else skip + most
        return (self._row(use) for use in self.ranking[skip:end])

    def totals(self) -> list[Cell]:
        """All of them together."""
        sums = order_totals(self.window)
        known = [use.quota for use in self.ranking if use.quota is not None]
        quotas = [
            count(sum(quota.free for quota in known)),
            count(sum(quota.used for quota in known)),
            count(sum(quota.left for quota in known)),
            count(sum(quota.overage_units for quota in known)),
            money(sum(quota.overage_minor for quota in known)),
        ]
        return total_row(3, [*_orders(sums, self.window, self.form.code), *quotas])

    def plots(self) -> list[SafeString]:
        """The first of the ranking."""
        sort = self.form.cleaned_data["sort"]
        first = self.ranking[:MOST_BARS]
        words: Callable[[float], str] = (
            (lambda value: f"{value * 100:.1f}%") if sort == "exception_rate" else whole
        )
        return [
            horizontal_bars(
                [f"{use.rank}. {tenant_name(use.tenant_id, use.tenant)}" for use in first],
                [float(SORTS[sort](use)) for use in first],
                title=_("The first %(count)d by %(figure)s")
                % {"count": len(first), "figure": SORT_LABELS[sort]},
                tone="bad" if sort == "exception_rate" else "1",
                words=words,
                links=[
                    orders_url(self.window, code_of(use.tenant_id, use.tenant)) for use in first
                ],
            )
        ]

    def _row(self, use: TenantUse) -> list[Cell]:
        quota = use.quota
        return [
            count(use.rank),
            *tenant_cells(use.tenant_id, use.tenant),
            *_orders(use.sums, self.window, code_of(use.tenant_id, use.tenant)),
            count(quota.free if quota else None),
            count(quota.used if quota else None),
            count(quota.left if quota else None),
            count(quota.overage_units if quota else None),
            money(quota.overage_minor if quota else None),
        ]


def _orders(sums: OrderSums, window: Window, code: str) -> list[Cell]:
    signed = orders_url(replace(window, status=OrderStatus.SIGNED), code)
    wrong = orders_url(replace(window, status=OrderStatus.EXCEPTION), code)
    return [
        count(sums.orders, orders_url(window, code)),
        count(sums.signed, signed),
        percent(share(sums.signed, sums.orders)),
        count(sums.exceptions, wrong),
        percent(share(sums.exceptions, sums.orders)),
    ]

"""费用结算: what a month costs, tenant by tenant; each amount leads to what it adds up from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import cached_property
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.kernel.console.charts import horizontal_bars, stacked_bars
from logistics.admin.reports.forms import SettlementForm
from logistics.admin.reports.links import (
    code_of,
    orders_url,
    parcels_url,
    settlement_url,
)
from logistics.admin.reports.page import Report
from logistics.admin.reports.tables import (
    TENANT_COLUMNS,
    Cell,
    count,
    in_yuan,
    money,
    tenant_cells,
    tenant_name,
    total_row,
)
from logistics.queries.reports.settlement import (
    Fees,
    Settlement,
    month_window,
    monthly_fees,
    settlements,
    total_fees,
)

MONTHS = 12
MOST_BARS = 10


class SettlementReport(Report):
    """费用结算."""

    name = "report_settlement"
    title = gettext_lazy("Fee settlement")
    note = gettext_lazy(
        "A parcel counts in the month it was made, whenever its freight was told or revised; a "
        "quota period in the month of its last day. The total is freight now and overage due; "
        "what is not closed yet stands apart and is in no total."
    )
    needs = ("logistics.view_expressorder", "quotas.view_quotastatement")
    form_class = SettlementForm

    @property
    def month(self) -> date:
        """Its first day."""
        found: date = self.form.cleaned_data["month"]
        return found

    @property
    def days(self) -> tuple[date, date]:
        """Of the month."""
        window = month_window(self.month)
        return window.first, window.last

    @cached_property
    def settlements(self) -> list[Settlement]:
        """Everybody's, read once."""
        return settlements(month=self.month, tenant_id=self.form.cleaned_data["tenant"])

    def header(self) -> Sequence[Any]:
        """Freight as it came about, overage, the total; what is open apart."""
        return [
            *TENANT_COLUMNS, _("number of parcels"), _("freight as first said (yuan)"),
            _("number of revisions"), _("revised by (yuan)"), _("freight now (yuan)"),
            _("overage units"), _("overage (yuan)"), _("credited (yuan)"),
            _("overage due (yuan)"), _("total (yuan)"), _("not closed: units"),
            _("not closed (yuan)"),
        ]  # fmt: skip

    def rows(self, *, skip: int = 0, most: int | None = None) -> Iterator[list[Cell]]:
        """The largest total first."""
        end = None if most is None else skip + most
        return (self._row(one) for one in self.settlements[skip:end])

    def totals(self) -> list[Cell]:
        """All of them together."""
        fees = total_fees(self.settlements)
        return total_row(2, _amounts(fees, self._parcels(self.form.code), "", ""))

    def plots(self) -> list[SafeString]:
        """A year of months, and who this one's amounts are of."""
        return [self._by_month(), self._by_tenant()]

    def _by_month(self) -> SafeString:
        tenant_id = self.form.cleaned_data["tenant"]
        months = monthly_fees(last=self.month, months=MONTHS, tenant_id=tenant_id)
        fees = list(months.values())
        series = [
            in_yuan([one.freight_minor for one in fees], _("freight now (yuan)"), "1"),
            in_yuan([one.due_minor for one in fees], _("overage due (yuan)"), "2"),
        ]
        return stacked_bars(
            [f"{month:%Y-%m}" for month in months],
            series,
            title=_("Fees by month"),
            links=[settlement_url(month, self.form.code) for month in months],
        )

    def _by_tenant(self) -> SafeString:
        first = [one for one in self.settlements[:MOST_BARS] if one.fees.total_minor > 0]
        return horizontal_bars(
            [tenant_name(one.tenant_id, one.tenant) for one in first],
            [one.fees.total_minor / 100 for one in first],
            title=_("The largest totals of the month (yuan)"),
            words=lambda value: f"{value:,.2f}",
            links=[parcels_url(self.month, code_of(one.tenant_id, one.tenant)) for one in first],
        )

    def _parcels(self, code: str) -> str:
        return orders_url(month_window(self.month), code)

    def _row(self, one: Settlement) -> list[Cell]:
        code = code_of(one.tenant_id, one.tenant)
        whole, revised = parcels_url(self.month, code), parcels_url(self.month, code, revised=True)
        amounts = _amounts(one.fees, self._parcels(code), whole, revised)
        return [*tenant_cells(one.tenant_id, one.tenant), *amounts]


def _amounts(fees: Fees, parcels: str, whole: str, revised: str) -> list[Cell]:
    return [
        count(fees.parcels, parcels),
        money(fees.first_freight_minor, whole),
        count(fees.revisions, revised),
        money(fees.revised_minor, revised),
        money(fees.freight_minor, whole),
        count(fees.overage_units, whole),
        money(fees.overage_minor, whole),
        money(fees.credit_minor, whole),
        money(fees.due_minor, whole),
        money(fees.total_minor, whole),
        count(fees.open_units, whole),
        money(fees.open_minor, whole),
    ]

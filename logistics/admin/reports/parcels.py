"""费用明细: the parcels and the quota periods that one tenant's month adds up from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.queries import TenantInfo
from logistics.admin.reports.forms import ParcelsForm
from logistics.admin.reports.links import credits_url, overage_url, settlement_url, statement_url
from logistics.admin.reports.page import PAGE_ROWS, Part, Report, whole_number
from logistics.admin.reports.tables import (
    Cell,
    Table,
    count,
    money,
    status_label,
    tenant_name,
    total_row,
    word,
)
from logistics.queries.reports.drilling import ParcelFee, parcel_fees, parcel_sums
from logistics.queries.reports.settlement import Fees, month_window, settlements, total_fees
from logistics.queries.reports.tenants import named
from quotas.queries import PeriodFees, closed_fees, open_fees


class ParcelsReport(Report):
    """费用明细."""

    name = "report_parcels"
    title = gettext_lazy("What a month's fees add up from")
    note = gettext_lazy(
        "Read from the orders and periods themselves, so a parcel that changed a moment ago may "
        "be ahead of the settlement by some minutes."
    )
    needs = ("logistics.view_expressorder", "quotas.view_quotastatement")
    form_class = ParcelsForm

    @property
    def days(self) -> tuple[date, date]:
        """Of the month."""
        window = month_window(self._asked["month"])
        return window.first, window.last

    def back(self) -> tuple[Any, str]:
        """The month's settlement."""
        month = self._asked["month"]
        return f"{_('Fee settlement')} {month:%Y-%m}", settlement_url(month)

    def header(self) -> Sequence[Any]:
        """A parcel and how its freight came about."""
        return [
            _("order number"), _("created at"), _("carrier"), _("status"),
            _("freight as first said (yuan)"), _("number of revisions"), _("revised by (yuan)"),
            _("freight now (yuan)"),
        ]  # fmt: skip

    def rows(self, *, skip: int = 0, most: int | None = None) -> Iterator[list[Cell]]:
        """All of them, oldest first."""
        return (_row(one) for one in parcel_fees(**self._asked, most=most))

    def totals(self) -> list[Cell]:
        """Added up from the orders, not from the roll-ups."""
        sums = parcel_sums(**self._asked)
        numbers = [
            money(sums.first_minor), count(sums.revisions), money(sums.revised_minor),
            money(sums.freight_minor),
        ]  # fmt: skip
        label = _("total of %(count)s parcels") % {"count": f"{sums.parcels:,}"}
        return [word(label), *total_row(3, numbers)[1:2], word(""), word(""), *numbers]

    def tables(self) -> list[Table]:
        """The sum itself, and the quota periods in it."""
        month, tenant_id = self._asked["month"], self._asked["tenant_id"]
        fees = total_fees(settlements(month=month, tenant_id=tenant_id))
        tenant = named([tenant_id]).get(tenant_id)
        title = f"{tenant_name(tenant_id, tenant)} {month:%Y-%m}"
        return [_build_up(title, fees), *self._periods(tenant)]

    def part(self, query: Mapping[str, str]) -> Part:
        """Each part follows the last parcel of the one before."""
        after = whole_number(query.get("after", ""))
        found = list(parcel_fees(**self._asked, after=after, most=PAGE_ROWS + 1))
        shown = found[:PAGE_ROWS]
        more = {"after": shown[-1].id} if len(found) > PAGE_ROWS else None
        return Part([_row(one) for one in shown], more)

    @property
    def _asked(self) -> dict[str, Any]:
        given = self.form.cleaned_data
        return {
            "month": given["month"], "tenant_id": given["tenant"], "revised": given["revised"],
        }  # fmt: skip

    def _periods(self, tenant: TenantInfo | None) -> list[Table]:
        if tenant is None:
            return []
        first, last = self.days
        closed = closed_fees(first=first, last=last, tenant_id=tenant.id)
        unclosed = open_fees(first=first, last=last, tenant_id=tenant.id)
        header = [
            _("quota period"), _("last day"), _("overage units"), _("overage (yuan)"),
            _("credited (yuan)"), _("overage due (yuan)"),
        ]  # fmt: skip
        rows = [_period(one, tenant.platform_code) for one in [*closed, *unclosed]]
        title = _("Quota periods that end in the month")
        return [Table(title, header, rows)] if rows else []


def _row(one: ParcelFee) -> list[Cell]:
    url = reverse("admin:logistics_expressorder_change", args=[one.id])
    return [
        word(one.order_no, url), word(one.created_at), word(one.cp_code),
        word(status_label(one.status)), money(one.first_minor), count(one.revisions),
        money(one.revised_minor), money(one.freight_minor),
    ]  # fmt: skip


def _build_up(title: str, fees: Fees) -> Table:
    header = [
        _("freight as first said (yuan)"), _("revised by (yuan)"), _("freight now (yuan)"),
        _("overage (yuan)"), _("credited (yuan)"), _("total (yuan)"), _("not closed (yuan)"),
    ]  # fmt: skip
    row = [
        money(fees.first_freight_minor), money(fees.revised_minor), money(fees.freight_minor),
        money(fees.overage_minor), money(fees.credit_minor), money(fees.total_minor),
        money(fees.open_minor),
    ]  # fmt: skip
    return Table(title, header, [row])


def _period(one: PeriodFees, code: str) -> list[Cell]:
    lines = overage_url(code, one.period_no)
    if one.statement_id is None:
        name = word(_("%(period)d, not closed") % {"period": one.period_no})
    else:
        name = word(one.period_no, statement_url(one.statement_id))
    return [
        name, word(one.last_day), count(one.overage_units, lines),
        money(one.overage_minor, lines), money(one.credit_minor, credits_url(code, one.period_no)),
        money(one.overage_minor - one.credit_minor),
    ]  # fmt: skip

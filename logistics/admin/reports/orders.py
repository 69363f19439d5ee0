"""订单统计: orders by day, carrier, state, tenant; each number leads to its orders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import Any, ClassVar

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.queries import TenantInfo
from config.kernel.console.charts import Series, horizontal_bars, stacked_bars
from logistics.admin.reports.forms import OrdersForm
from logistics.admin.reports.links import code_of, orders_url
from logistics.admin.reports.page import Report
from logistics.admin.reports.tables import (
    TENANT_COLUMNS,
    Cell,
    count,
    money,
    status_label,
    tenant_cells,
    tenant_name,
    total_row,
    word,
)
from logistics.queries.reports.orders import (
    COLUMNS,
    OrderLine,
    OrderSums,
    order_lines,
    order_totals,
    tenants_in,
)
from logistics.queries.reports.tenants import named
from logistics.queries.reports.window import Window
from logistics.states import OrderStatus

S = OrderStatus
# More columns than this are drawn by weeks.
MOST_COLUMNS = 62
MOST_BARS = 15
BANDS = (
    ("signed", S.SIGNED, "good"), ("under_way", "", "step-4"), ("exceptions", S.EXCEPTION, "bad"),
    ("rejected", S.REJECTED, "warn"), ("cancelled", S.CANCELLED, "quiet"),
)  # fmt: skip


def band_label(name: str, status: str) -> str:
    """What a band of the plot and a column of the table are called."""
    return status_label(status) if status else _("under way")


class OrdersReport(Report):
    """订单统计."""

    name = "report_orders"
    title = gettext_lazy("Order statistics")
    note = gettext_lazy(
        "By the day an order was made, and its state now; test orders are left out. Freight is "
        "what the carriers last said."
    )
    form_class = OrdersForm
    LABELS: ClassVar[dict[str, tuple[Any, ...]]] = {
        "day": (gettext_lazy("day"),),
        "cp_code": (gettext_lazy("carrier"),),
        "status": (gettext_lazy("status"),),
        "tenant": TENANT_COLUMNS,
    }

    @property
    def window(self) -> Window:
        """What is asked about."""
        found: Window = self.form.window
        return found

    @property
    def group(self) -> list[str]:
        """The groups in the order of the table's columns."""
        return [name for name in COLUMNS if name in self.form.groups]

    @property
    def days(self) -> tuple[date, date]:
        """As asked."""
        return self.window.first, self.window.last

    def header(self) -> Sequence[Any]:
        """Groups, then sums."""
        names = [label for name in self.group for label in self.LABELS[name]]
        bands = [band_label(name, status) for name, status, _tone in BANDS]
        return [*names, _("number of orders"), *bands, _("freight (yuan)")]

    def rows(self, *, skip: int = 0, most: int | None = None) -> Iterator[list[Cell]]:
        """Newest day first, then the largest."""
        lines = order_lines(window=self.window, group=self.group, skip=skip, most=most)
        if "tenant" in self.group and most is None:
            self._learn(tenants_in(self.window))
        elif "tenant" in self.group:
            lines = iter(shown := list(lines))
            self._learn(line.tenant_id for line in shown)
        return (self._row(line) for line in lines)

    def totals(self) -> list[Cell]:
        """The window's."""
        width = sum(len(self.LABELS[name]) for name in self.group)
        return total_row(width, _sums(order_totals(self.window), self.window, self.form.code))

    def plots(self) -> list[SafeString]:
        """By time always; by what it is grouped by, where that is not time."""
        found = [self._by_time()]
        if "day" not in self.group:
            found.append(self._by_group())
        return found

    def _row(self, line: OrderLine) -> list[Cell]:
        own: dict[str, list[Cell]] = {
            "day": [word(line.day)],
            "cp_code": [word(line.cp_code)],
            "status": [word(status_label(line.status or S.CREATED))],
            "tenant": tenant_cells(line.tenant_id or 0, self._names.get(line.tenant_id or 0)),
        }
        names = [cell for name in self.group for cell in own[name]]
        window, code = _narrowed(self.window, line), self._code(line)
        return [*names, *_sums(line.sums, window, code, linked=self.linked)]

    def _code(self, line: OrderLine) -> str:
        if line.tenant_id is None:
            return str(self.form.code)
        return code_of(line.tenant_id, self._names.get(line.tenant_id))

    @cached_property
    def _names(self) -> dict[int, TenantInfo]:
        """Tenants whose names were asked for."""
        return {}

    def _learn(self, tenant_ids: Iterable[int | None]) -> None:
        """Read the names that are not known yet, in one statement."""
        unknown = {pk for pk in tenant_ids if pk is not None} - self._names.keys()
        if unknown:
            self._names.update(named(unknown))

    def _by_time(self) -> SafeString:
        lines = {line.day: line.sums for line in order_lines(window=self.window, group=("day",))}
        columns = _columns(self.window.days)
        series = [
            Series(
                band_label(name, status),
                [
                    sum(getattr(lines.get(day, OrderSums()), name) for day in days)
                    for days in columns
                ],
                tone,
            )
            for name, status, tone in BANDS
        ]
        labels = [f"{days[0]:%m-%d}" for days in columns]
        links = [
            orders_url(replace(self.window, first=days[0], last=days[-1]), self.form.code)
            for days in columns
        ]
        title = _("Orders by day") if len(columns[0]) == 1 else _("Orders by week")
        return stacked_bars(labels, [s for s in series if any(s.values)], title=title, links=links)

    def _by_group(self) -> SafeString:
        lines = list(order_lines(window=self.window, group=self.group, most=MOST_BARS))
        self._learn(line.tenant_id for line in lines)
        return horizontal_bars(
            [self._name(line) for line in lines],
            [line.sums.orders for line in lines],
            title=_("The largest groups"),
            links=[orders_url(_narrowed(self.window, line), self._code(line)) for line in lines],
        )

    def _name(self, line: OrderLine) -> str:
        parts = []
        if line.cp_code is not None:
            parts.append(line.cp_code)
        if line.status is not None:
            parts.append(status_label(line.status))
        if line.tenant_id is not None:
            parts.append(tenant_name(line.tenant_id, self._names.get(line.tenant_id)))
        return " · ".join(parts)


def _columns(days: list[date]) -> list[list[date]]:
    """The days, or weeks of them that end with the last day."""
    if len(days) <= MOST_COLUMNS:
        return [[day] for day in days]
    start = len(days) % 7
    weeks = [days[n : n + 7] for n in range(start, len(days), 7)]
    return [days[:start], *weeks] if start else weeks


def _narrowed(window: Window, line: OrderLine) -> Window:
    """The orders that a line counts."""
    return Window(
        line.day or window.first,
        line.day or window.last,
        window.tenant_id if line.tenant_id is None else line.tenant_id,
        line.cp_code or window.cp_code,
        line.status or window.status,
    )


def _sums(sums: OrderSums, window: Window, code: str, *, linked: bool = True) -> list[Cell]:
    def link(status: str = window.status) -> str:
        return orders_url(replace(window, status=status), code) if linked else ""

    bands = [
        count(getattr(sums, name), link(status) if status else "") for name, status, _tone in BANDS
    ]
    return [count(sums.orders, link()), *bands, money(sums.freight_minor)]

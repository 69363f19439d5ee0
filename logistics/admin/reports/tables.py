"""Cells that a page shows and a file holds alike: one value, its text, where it leads to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.queries import TenantInfo
from config.kernel.console.charts import Series
from logistics.queries.reports.counting import PLATFORM
from logistics.states import OrderStatus
from quotas.money import to_yuan

TENANT_COLUMNS = (gettext_lazy("platform code"), gettext_lazy("tenant"))


@dataclass(frozen=True, slots=True)
class Cell:
    """`value` is what a file gets, `text` what the page shows; `url` leads to what it counts."""

    value: Any
    text: str
    url: str = ""
    is_number: bool = False

    @property
    def kind(self) -> str:
        """How the page sets it: numbers to the right, days and times in one line."""
        if self.is_number:
            return "number"
        return "when" if isinstance(self.value, date) else ""


@dataclass(frozen=True, slots=True)
class Table:
    """Names, rows, and perhaps their sum."""

    title: Any
    header: Sequence[Any]
    rows: Sequence[Sequence[Cell]]
    totals: Sequence[Cell] = ()

    @property
    def columns(self) -> list[tuple[Any, bool]]:
        """Names, and whether numbers stand below them."""
        first = self.rows[0] if self.rows else ()
        numbers = [cell.is_number for cell in first] or [False] * len(self.header)
        return list(zip(self.header, numbers, strict=True))


def word(value: Any, url: str = "") -> Cell:
    """A text, a day."""
    if isinstance(value, datetime):
        local = timezone.localtime(value)
        return Cell(value, f"{local:%Y-%m-%d %H:%M}", url)
    if isinstance(value, date):
        return Cell(value, value.isoformat(), url)
    return Cell("" if value is None else str(value), "" if value is None else str(value), url)


def count(value: int | None, url: str = "") -> Cell:
    """A number of things; a dash where there is none to tell."""
    return Cell(value, "–" if value is None else f"{value:,}", url if value else "", True)


def money(minor: int | None, url: str = "") -> Cell:
    """Fen, shown in yuan with two places."""
    if minor is None:
        return Cell(None, "–", "", True)
    yuan = to_yuan(minor)
    return Cell(yuan, f"{yuan:,.2f}", url if minor else "", True)


def percent(share: Decimal | None) -> Cell:
    """A share between 0 and 1; a file gets the share itself."""
    return Cell(share, "–" if share is None else f"{share * 100:.1f}%", "", True)


def tenant_cells(tenant_id: int, tenant: TenantInfo | None) -> list[Cell]:
    """Code and name; a tenant that is gone keeps its number."""
    if tenant is not None:
        return [word(tenant.platform_code), word(tenant.name)]
    return [word(""), word(_("the platform itself") if tenant_id == PLATFORM else f"#{tenant_id}")]


def tenant_name(tenant_id: int, tenant: TenantInfo | None) -> str:
    """For a plot."""
    return tenant_cells(tenant_id, tenant)[1].text


def total_row(width: int, sums: Iterable[Cell]) -> list[Cell]:
    """The word “total” over `width` columns of names, then the sums."""
    return [word(_("total")), *(word("") for _n in range(width - 1)), *sums]


def status_label(status: str) -> str:
    """A state as people call it."""
    return str(OrderStatus(status).label)


def in_yuan(minor: Sequence[int], label: Any, tone: str) -> Series:
    """Fen to be drawn."""
    return Series(label, [value / 100 for value in minor], tone)

"""Orders by day, carrier, state and tenant, in any combination; each figure a sum of roll-ups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, Sum

from logistics.queries.reports.window import Window, cells
from logistics.states import OrderStatus

S = OrderStatus
# What a row may be of, by the name that the doors give it.
COLUMNS = {
    "day": "business_date", "cp_code": "cp_code", "status": "status", "tenant": "tenant_id",
}  # fmt: skip
PIECE_DAYS = 31
_IN_STATE = {
    "signed": S.SIGNED, "rejected": S.REJECTED, "exceptions": S.EXCEPTION,
    "cancelled": S.CANCELLED,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class OrderSums:
    """A sum over orders: how many, how many of them stand in these states now, freight in fen."""

    orders: int = 0
    signed: int = 0
    rejected: int = 0
    exceptions: int = 0
    cancelled: int = 0
    freight_minor: int = 0

    @property
    def under_way(self) -> int:
        """In any state before the end."""
        ended = self.signed + self.rejected + self.exceptions + self.cancelled
        return self.orders - ended


@dataclass(frozen=True, slots=True)
class OrderLine:
    """The sums of what the report is grouped by; what it is not grouped by is None."""

    day: date | None
    cp_code: str | None
    status: str | None
    tenant_id: int | None
    sums: OrderSums


def order_lines(
    *, window: Window, group: Sequence[str], skip: int = 0, most: int | None = None
) -> Iterator[OrderLine]:
    """Newest day first, then the largest, each group once; `skip` and `most` cut out a part.

    `group` holds names of COLUMNS.
    """
    columns = [COLUMNS[name] for name in COLUMNS if name in group]
    ordered = [f"-{c}" if c == "business_date" else c for c in columns]
    ordered.insert(1 if "day" in group else 0, "-orders__sum")
    left = most
    for piece in _pieces(window, columns):
        rows = cells(piece, columns).values(*columns).annotate(**_sums()).order_by(*ordered)
        if skip and (passed := rows.count()) <= skip:
            skip -= passed
            continue
        whole = rows[skip:].iterator(chunk_size=2_000)
        part = whole if left is None else rows[skip : skip + left]
        skip = 0
        for row in part:
            yield _line(row)
            left = None if left is None else left - 1
        if left == 0:
            return


def _pieces(window: Window, columns: Sequence[str]) -> Iterator[Window]:
    """Where days are told apart and tenants are, months are read one by one, newest first."""
    last = window.last
    if {"business_date", "tenant_id"} <= set(columns):
        while (last - window.first).days >= PIECE_DAYS:
            first = last - timedelta(days=PIECE_DAYS - 1)
            yield replace(window, first=first, last=last)
            last = first - timedelta(days=1)
    yield replace(window, last=last)


def tenants_in(window: Window) -> set[int]:
    """Whose orders the window has."""
    return set(cells(window, ("tenant_id",)).values_list("tenant_id", flat=True).distinct())


def order_totals(window: Window) -> OrderSums:
    """The sums of the whole window."""
    return _read(cells(window).aggregate(**_sums()))


def _sums() -> dict[str, Any]:
    found: dict[str, Any] = {"orders__sum": Sum("orders"), "freight__sum": Sum("freight_minor")}
    for name, status in _IN_STATE.items():
        found[f"{name}__sum"] = Sum("orders", filter=Q(status=status))
    return found


def _read(row: dict[str, Any]) -> OrderSums:
    counts = {name: int(row[f"{name}__sum"] or 0) for name in ("orders", *_IN_STATE)}
    return OrderSums(**counts, freight_minor=int(row["freight__sum"] or 0))


def _line(row: dict[str, Any]) -> OrderLine:
    return OrderLine(
        day=row.get("business_date"),
        cp_code=row.get("cp_code"),
        status=row.get("status"),
        tenant_id=row.get("tenant_id"),
        sums=_read(row),
    )

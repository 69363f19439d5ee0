"""`/api/platform/reports`: the console's reports, figure for figure; money in yuan."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from itertools import islice
from typing import Any, TypeVar

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import OperatorDoor
from config.kernel.api import filtering
from config.kernel.api.pagination import DATES, date_ends, known_parameters
from config.kernel.errors import Denied, Malformed
from logistics.api.platform import report_shapes as shapes
from logistics.queries.reports.orders import COLUMNS, order_lines, order_totals
from logistics.queries.reports.settlement import (
    month_of,
    month_window,
    settlements,
    total_fees,
)
from logistics.queries.reports.tenants import SORTS, named, tenant_ranking
from logistics.queries.reports.window import MOST_DAYS, Window, counted_until, today
from logistics.states import OrderStatus

VIEW, FEES = "logistics.view_expressorder", "quotas.view_quotastatement"
USUAL_DAYS = 30
USUAL_ROWS, MOST_ROWS, MOST_PAGES = 100, 1_000, 100
NARROWED = (*DATES, "tenant_id", "cp_code")
PARTS = ("page", "page_size")
_MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")
Row = TypeVar("Row")
_WINDOW = [
    *filtering.DATE_PARAMETERS,
    OpenApiParameter("tenant_id", int, description="0 为平台自营"),
    OpenApiParameter("cp_code", str),
]
_PARTS = [
    OpenApiParameter("page", int),
    OpenApiParameter("page_size", int, description=f"默认 {USUAL_ROWS}，至多 {MOST_ROWS}"),
]


class OrdersReportView(OperatorDoor):
    """Orders by day, carrier, state, tenant."""

    needs = {"GET": VIEW}

    @extend_schema(
        operation_id="report_orders",
        parameters=[
            *_WINDOW,
            OpenApiParameter("status", str, enum=OrderStatus.values),
            OpenApiParameter(
                "group", str, description="day、cp_code、status、tenant 的任意组合，默认 day"
            ),
            *_PARTS,
        ],
        responses={200: shapes.OrdersReport},
    )
    def get(self, request: Request) -> Response:
        """Live orders by the day they were made and their state now; thirty days unless asked."""
        query = request.query_params
        known_parameters(query, *NARROWED, "status", "group", *PARTS)
        window, group = _window(query), _group(query)
        skip, size = _part(query)
        lines = order_lines(window=window, group=group, skip=skip, most=size + 1)
        answer = _answer(query, lines, window)
        tenants = named(line.tenant_id for line in answer["items"])
        answer["items"] = [
            shapes.show_line(line, tenants.get(line.tenant_id)) for line in answer["items"]
        ]
        return Response({**answer, "totals": shapes.show_orders(order_totals(window))})


class TenantsReportView(OperatorDoor):
    """Tenants ranked by use."""

    needs = {"GET": VIEW}

    @extend_schema(
        operation_id="report_tenants",
        parameters=[*_WINDOW, OpenApiParameter("sort", str, enum=list(SORTS)), *_PARTS],
        responses={200: shapes.TenantsReport},
    )
    def get(self, request: Request) -> Response:
        """Orders of the days asked for, and each tenant's quota as of now."""
        query = request.query_params
        known_parameters(query, *NARROWED, "sort", *PARTS)
        window = _window(query)
        sort = filtering.word(query, "sort", SORTS) or "orders"
        uses = tenant_ranking(window=window, at=timezone.now(), sort=sort)
        answer = _answer(query, uses[_part(query)[0] :], window, shapes.show_use)
        return Response({**answer, "totals": shapes.show_uses(uses, order_totals(window))})


class SettlementReportView(OperatorDoor):
    """Fees of a month."""

    needs = {"GET": VIEW}

    @extend_schema(
        operation_id="report_settlement",
        parameters=[
            OpenApiParameter("month", str, description="YYYY-MM，默认本月"),
            OpenApiParameter("tenant_id", int, description="0 为平台自营"),
            *_PARTS,
        ],
        responses={200: shapes.SettlementReport},
    )
    def get(self, request: Request) -> Response:
        """Freight and its revisions, overage as closed, tenant by tenant."""
        if not self.operator.has_perm(FEES):
            raise Denied
        query = request.query_params
        known_parameters(query, "month", "tenant_id", *PARTS)
        month = _month(query)
        rows = settlements(month=month, tenant_id=filtering.number(query, "tenant_id"))
        window = month_window(month)
        answer = _answer(query, rows[_part(query)[0] :], window, shapes.show_settlement)
        totals = shapes.show_fees(total_fees(rows))
        return Response({**answer, "month": f"{month:%Y-%m}", "totals": totals})


def _answer(
    query: Mapping[str, str],
    rows: Iterable[Row],
    window: Window,
    show: Callable[[Row], Any] = lambda row: row,
) -> dict[str, Any]:
    """The part that begins with `rows`, and what it stands on."""
    skip, size = _part(query)
    some = list(islice(rows, size + 1))
    counted = counted_until(window.first, window.last)
    at = counted.at
    return {
        "items": [show(row) for row in some[:size]],
        "page": skip // size + 1,
        "page_size": size,
        "more": len(some) > size,
        "counted_at": timezone.localtime(at, timezone.get_default_timezone()) if at else None,
        "waiting_days": counted.waiting,
        "date_from": window.first.isoformat(),
        "date_to": window.last.isoformat(),
    }


def _window(query: Mapping[str, str]) -> Window:
    first, last = date_ends(query)
    last = last or (today(timezone.now()) if first is None else first + timedelta(USUAL_DAYS - 1))
    first = first or last - timedelta(days=USUAL_DAYS - 1)
    field = "date_range" if query.get("date_range") else "date_to"
    if (last - first).days >= MOST_DAYS:
        raise Malformed(fields={field: [f"至多 {MOST_DAYS} 天。"]})
    return Window(
        first,
        last,
        filtering.number(query, "tenant_id"),
        filtering.text(query, "cp_code") or "",
        filtering.word(query, "status", OrderStatus.values) or "",
    )


def _group(query: Mapping[str, str]) -> tuple[str, ...]:
    given = tuple((query.get("group") or "day").split(","))
    if len(set(given)) != len(given) or not set(given) <= COLUMNS.keys():
        raise Malformed(fields={"group": [f"只能是 {'、'.join(COLUMNS)} 的组合，以逗号分隔。"]})
    return given


def _month(query: Mapping[str, str]) -> date:
    given = query.get("month", "")
    if not given:
        return month_of(today(timezone.now()))
    if not _MONTH.fullmatch(given):
        raise Malformed(fields={"month": ["格式为 2026-02。"]})
    return date.fromisoformat(f"{given}-01")


def _part(query: Mapping[str, str]) -> tuple[int, int]:
    """How many rows come before the part asked for, and how many it has."""
    page = filtering.number(query, "page")
    size = filtering.number(query, "page_size")
    page, size = 1 if page is None else page, USUAL_ROWS if size is None else size
    for name, value, most in (("page", page, MOST_PAGES), ("page_size", size, MOST_ROWS)):
        if not 1 <= value <= most:
            raise Malformed(fields={name: [f"必须是 1 到 {most} 之间的整数。"]})
    return (page - 1) * size, size

"""Lists cost the same at a million rows as at a thousand: keyset order, capped counts.

Newest first by `(created_at, id)`. `page` serves the first hundred pages, `cursor` all of them.
That a list is longer than the cap is believed for a minute: even so far to count takes longer
than to read a page.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.core.exceptions import EmptyResultSet
from django.db.models import Model, Q, QuerySet

from config.kernel import days
from config.kernel.errors import Malformed
from config.kernel.keeping import Kept

COUNT_CAP = 10_000
LONG_SECONDS = 60
MAX_PAGE_SIZE = 100
MAX_PAGE = 100
LONGEST_NUMBER = 9
PAGING = ("page", "page_size", "cursor")
DATES = ("date_range", "date_from", "date_to")
Row = TypeVar("Row", bound=Model)
_totals: Kept[int] = Kept(LONG_SECONDS, worth=lambda total: total > COUNT_CAP)


def page_of(
    rows: QuerySet[Row], query: Mapping[str, str], present: Callable[[Row], Any]
) -> dict[str, Any]:
    """Return one page of `rows` as the contract shapes it."""
    size = _whole(query, "page_size", 20, MAX_PAGE_SIZE)
    ordered = rows.order_by("-created_at", "-id")
    cursor = query.get("cursor")
    page: int | None = None
    if cursor:
        at, last_id = _read_cursor(cursor)
        window = ordered.filter(Q(created_at__lt=at) | Q(created_at=at, id__lt=last_id))
        found = list(window[: size + 1])
    else:
        page = _whole(query, "page", 1, MAX_PAGE)
        found = list(ordered[(page - 1) * size : page * size + 1])
    items, more = found[:size], len(found) > size
    total = capped_count(rows.order_by())
    return {
        "items": [present(row) for row in items],
        "total": min(total, COUNT_CAP),
        "total_capped": total > COUNT_CAP,
        "page": page,
        "page_size": size,
        "next_cursor": _write_cursor(items[-1]) if more else None,
    }


def capped_count(rows: QuerySet[Row]) -> int:
    """How many unordered `rows` there are, at most one over the cap."""
    try:
        statement = rows.query.sql_with_params()
    except EmptyResultSet:
        return 0
    return _totals.get(statement, rows[: COUNT_CAP + 1].count)


def _whole(query: Mapping[str, str], name: str, default: int, most: int) -> int:
    text = query.get(name, "")
    if not text:
        return default
    digits = text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER
    if not (digits and 1 <= int(text) <= most):
        raise Malformed(fields={name: [f"必须是 1 到 {most} 之间的整数。"]})
    return int(text)


def _write_cursor(row: Any) -> str:
    stamp = row.created_at.astimezone(UTC).isoformat()
    return base64.urlsafe_b64encode(f"{stamp}|{row.pk}".encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> tuple[datetime, int]:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        stamp, _, number = text.partition("|")
        at = datetime.fromisoformat(stamp)
        if at.tzinfo is None or len(number) > 19:
            raise ValueError(cursor)
        return at.astimezone(UTC), int(number)
    except (ValueError, OverflowError, binascii.Error):
        raise Malformed(fields={"cursor": ["无效的 cursor，请使用上一页返回的值。"]}) from None


def date_window(query: Mapping[str, str], zone: ZoneInfo) -> Q:
    """Read `date_range=a,b` or `date_from`/`date_to` as inclusive local days of `created_at`."""
    first, last = date_ends(query)
    where = Q()
    if first:
        where &= Q(created_at__gte=days.start_of(first, zone))
    if last:
        where &= Q(created_at__lt=days.between(last, last, zone)[1])
    return where


def date_ends(query: Mapping[str, str]) -> tuple[date | None, date | None]:
    """Read `date_range=a,b` or `date_from`/`date_to`; None where an end is open."""
    first, last = query.get("date_from", ""), query.get("date_to", "")
    if query.get("date_range"):
        first, comma, last = query["date_range"].partition(",")
        if not comma:
            raise Malformed(fields={"date_range": ["格式为 2026-02-01,2026-02-28。"]})
    field = "date_range" if query.get("date_range") else ""
    begin = _day(first, field or "date_from") if first else None
    end = _day(last, field or "date_to") if last else None
    if begin and end and begin > end:
        raise Malformed(fields={field or "date_to": ["结束日期应不早于开始日期。"]})
    return begin, end


def _day(text: str, field: str) -> date:
    try:
        return days.read_day(text)
    except ValueError:
        raise Malformed(fields={field: ["日期格式应为 YYYY-MM-DD。"]}) from None


def known_parameters(query: Mapping[str, str], *allowed: str) -> None:
    """Refuse query parameters the route does not have."""
    unknown = [name for name in query if name not in allowed]
    if unknown:
        raise Malformed(fields={name: ["未知参数。"] for name in unknown[:20]})

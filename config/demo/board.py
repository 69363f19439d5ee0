"""Where every parcel of the demo is at this moment, and how the terminal shows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container
from dataclasses import dataclass

from django.apps import apps
from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from logistics.queries import tenant_orders
from logistics.states import TERMINAL, OrderStatus

# (state, how people call it, colour), in the order of a parcel's life.
STATES: tuple[tuple[str, str, str], ...] = (
    (OrderStatus.CREATED, "已下单", "white"),
    (OrderStatus.WAYBILL_CREATED, "已取号", "cyan"),
    (OrderStatus.DISPATCHED, "已派单", "cyan"),
    (OrderStatus.PICKED, "已揽收", "blue"),
    (OrderStatus.IN_TRANSIT, "运输中", "blue"),
    (OrderStatus.DELIVERING, "派件中", "magenta"),
    (OrderStatus.SIGNED, "已签收", "green"),
    (OrderStatus.REJECTED, "已拒收", "yellow"),
    (OrderStatus.EXCEPTION, "异常", "red"),
    (OrderStatus.CANCELLED, "已取消", "yellow"),
)
NAMES = {state: name for state, name, _ in STATES}
COLOURS = {state: colour for state, _, colour in STATES}
# Lines of the terminal that are not parcels: counts, head, rules, foot, and the prompt's own.
_AROUND = 9


@dataclass(frozen=True, slots=True)
class Parcel:
    """One order as the table shows it."""

    number: str
    order_no: str
    status: str
    place: str
    carrier: str
    waybill: str
    news: str


def read_board(tenant_id: int) -> list[Parcel]:
    """Read the tenant's orders, in the order they were booked."""
    columns = (
        "tenant_order_no", "order_no", "status", "receiver_city", "receiver_district",
        "cp_code", "waybill_no", "exception_reason", "last_track_desc",
    )  # fmt: skip
    rows = tenant_orders(tenant_id=tenant_id, is_test=False).order_by("id").values_list(*columns)
    found = []
    for number, order_no, status, city, district, carrier, waybill, fault, news in rows:
        place = " ".join(part for part in (city, district) if part)
        told = fault if status == OrderStatus.EXCEPTION else news
        found.append(Parcel(number, order_no, status, place, carrier, waybill or "", told or ""))
    return found


def callbacks_due() -> int:
    """How many stored callbacks are still to be handled."""
    records = apps.get_model("logistics", "CallbackRecord")
    return int(records.objects.filter(due_at__isnull=False).count())


def line(parcels: list[Parcel], seconds: float) -> str:
    """Tell the counts in one line, for logs and pipes."""
    return f"第 {seconds:3.0f} 秒  " + "  ".join(
        f"{name} {count}" for _, name, _, count in _counts(parcels)
    )


def draw(
    parcels: list[Parcel], seconds: float, console: Console, first: Container[str]
) -> RenderableType:
    """Draw counts and as many parcels as the terminal has lines.

    Those on the road come first, and among them the numbers in `first`.
    """
    counts = Text(f"第 {seconds:3.0f} 秒   ", style="bold")
    for _, name, colour, count in _counts(parcels):
        counts.append(f"{name} ", style=colour)
        counts.append(f"{count}   ", style=f"bold {colour}")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, expand=True)
    for title, width in (("商家单号", 8), ("快递", 5), ("面单号", 15), ("状态", 6)):
        table.add_column(title, width=width, no_wrap=True)
    table.add_column("收件地", ratio=2, no_wrap=True, overflow="ellipsis")
    table.add_column("最新消息", ratio=3, no_wrap=True, overflow="ellipsis")
    room = max(5, console.height - _AROUND)
    shown = sorted(
        parcels, key=lambda parcel: (parcel.status in _RESTING, parcel.number not in first)
    )[:room]
    for parcel in shown:
        table.add_row(
            parcel.number, parcel.carrier, parcel.waybill,
            Text(NAMES[parcel.status], style=COLOURS[parcel.status]),
            parcel.place, parcel.news,
        )  # fmt: skip
    rest = len(parcels) - len(shown)
    foot = Text(f"（终端高度有限，另有 {rest} 单未显示）" if rest else "", style="dim")
    return Group(counts, table, foot)


_RESTING = TERMINAL | {OrderStatus.EXCEPTION}


def _counts(parcels: list[Parcel]) -> list[tuple[str, str, str, int]]:
    counted = Counter(parcel.status for parcel in parcels)
    return [(*state, counted[state[0]]) for state in STATES if counted[state[0]]]

"""What the demo came to, in figures that can be checked against each other."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db.models import Count
from django.utils import timezone
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from config.demo.board import COLOURS, NAMES, STATES, Parcel
from config.demo.door import SandboxDoor
from config.demo.scenario import REFUSED, Expectation
from logistics.states import OrderStatus
from quotas.queries import find_discrepancies, quota_as_of

MOVED, NOTED = "状态更新为", "已记入轨迹"


@dataclass(frozen=True, slots=True)
class Figures:
    """The demo's figures; `callbacks` and `calls` are (name, number) as shown."""

    states: list[tuple[str, int]]
    callbacks: list[tuple[str, int]]
    calls: list[tuple[str, int]]
    quota: list[tuple[str, str]]
    problems: list[str]


def add_up(
    *, tenant_id: int, parcels: list[Parcel], expected: list[Expectation], door: SandboxDoor
) -> Figures:
    """Count, and prove the books; `problems` are sentences, none where all is well."""
    there = door.state()
    quota = quota_as_of(tenant_id=tenant_id, at=timezone.now())
    wrong = list(find_discrepancies())
    units = sum(one.holds_unit for one in expected)
    problems = [f"账不平：{row}" for row in wrong]
    problems += [f"沙箱记下的违规：{row}" for row in there["violations"]]
    problems += [f"安排好的故障没有发生：{text}" for text in door.unused_faults()]
    if quota.monthly_used != units:
        problems.append(f"配额应用掉 {units} 单，账上是 {quota.monthly_used} 单")
    counted = Counter(parcel.status for parcel in parcels)
    return Figures(
        states=[(name, counted[state]) for state, name, _ in STATES if counted[state]],
        callbacks=_callbacks(there["counters"]["callbacks"]),
        calls=_calls(),
        quota=[
            ("本期已用", f"{quota.monthly_used} 单"),
            ("免费剩余", f"{quota.free_left} / {quota.monthly_free_quota} 单"),
            ("超额", f"{quota.overage_used} 单，{quota.overage_amount} 元"),
            ("对账 check_quotas", "平" if not wrong else f"{len(wrong)} 处不平"),
            ("沙箱记下的违规", f"{len(there['violations'])} 次"),
        ],
        problems=problems,
    )


def _callbacks(sent: dict[str, int]) -> list[tuple[str, int]]:
    records = apps.get_model("logistics", "CallbackRecord").objects
    stored = records.count()
    moved = records.filter(process_result__startswith=MOVED).count()
    noted = records.filter(process_result__startswith=NOTED).count()
    refused = apps.get_model("accounts", "SecurityEvent").objects.count()
    received = sent.get("acknowledged", 0)
    return [
        ("收到并确认", received),
        ("　推动了状态", moved),
        ("　只记入轨迹（迟到、无变化、不认识的状态）", noted),
        ("　重复，没有第二次效果", received - stored),
        ("　尚未处理", stored - moved - noted),
        ("验签不符，拒收", refused),
    ]


def _calls() -> list[tuple[str, int]]:
    logs: Any = apps.get_model("logistics", "CallLog").objects
    names = {
        "done": "成功",
        "refused": "业务拒绝",
        "retry": "未送达，可重试",
        "unknown": "结果未知",
    }
    rows = logs.values("outcome").annotate(n=Count("id")).order_by()
    counts = {row["outcome"]: row["n"] for row in rows}
    found = [(name, counts[outcome]) for outcome, name in names.items() if outcome in counts]
    return [("调用菜鸟接口", sum(counts.values())), *((f"　{name}", n) for name, n in found)]


def show_figures(console: Console, figures: Figures) -> None:
    """Print the figures as one table of two columns."""
    table = Table(box=box.SIMPLE, show_header=False, pad_edge=False)
    table.add_column()
    table.add_column(justify="right")
    parts: list[list[tuple[str, Any]]] = [
        [("快件", sum(n for _, n in figures.states)), *_indented(figures.states)],
        list(figures.callbacks),
        list(figures.calls),
        list(figures.quota),
    ]
    for part in parts:
        for name, value in part:
            table.add_row(name, str(value), style="" if name.startswith("　") else "bold")
        table.add_section()
    console.rule("小结")
    console.print(table)


def _indented(rows: list[tuple[str, int]]) -> list[tuple[str, int]]:
    return [(f"　{name}", number) for name, number in rows]


def show_remarkable(
    console: Console, *, expected: list[Expectation], parcels: list[Parcel]
) -> None:
    """Print what became of the parcels that met a fault or did not reach the door."""
    there = {parcel.number: parcel for parcel in parcels}
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for title in ("商家单号", "看点", "结局", "最新消息或原因"):
        table.add_column(title, overflow="fold")
    for one in expected:
        parcel = there.get(one.number)
        ordinary = one.end == OrderStatus.SIGNED and one.fault is None
        if parcel is None or ordinary or one.end == REFUSED:
            continue
        state = Text(NAMES[parcel.status], style=COLOURS[parcel.status])
        table.add_row(Text(one.number), Text(one.shows), state, Text(parcel.news))
    console.print(table)


def show_addresses(console: Console, *, operator: str, password: str) -> None:
    """Print where to look, and as whom."""
    for name, text in (
        ("控制台", f"{settings.PUBLIC_BASE_URL}/admin/"),
        ("用户名", operator),
        ("密码", f"{password}（仅此一次）"),
        ("接口文档", f"{settings.PUBLIC_BASE_URL}/api/docs/"),
        ("数据与日志", str(settings.VAR_DIR)),
    ):
        console.print(f"[bold]{name}[/]　{text}", highlight=False, soft_wrap=True)

"""Proves the reports' roll-ups against their orders; prints the cells that differ."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from config.kernel.commands import Report, ReportingCommand, day
from logistics.queries.reports.proof import Difference, all_days, find_differences


class Command(ReportingCommand):
    """`check_reports [--day D]`: exit 1 and the differing cells if one is not what orders say.

    Days whose orders moved since they were counted are said to be waiting, and are no error.
    """

    help = "逐单重算并核对报表汇总；有差异则列出并以 1 退出（汇总后又有变化的日子只作提示）。"
    writes = False

    def add_options(self, parser: ArgumentParser) -> None:
        """Narrow to one day."""
        parser.add_argument("--day", type=day, metavar="YYYY-MM-DD")

    def report(self, **options: Any) -> Report:
        """Check."""
        days = [options["day"]] if options["day"] else sorted(all_days())
        differences = list(find_differences(days))
        wrong = [row for row in differences if not row.waiting]
        waiting = sorted({row.business_date for row in differences if row.waiting})
        lines = [_line(row) for row in wrong]
        if waiting:
            lines.append(f"{len(waiting)} 天汇总后又有变化，等待下次汇总。")
        lines.append(f"发现 {len(wrong)} 处差异。" if wrong else f"{len(days)} 天的汇总一致。")
        data = {
            "ok": not wrong,
            "days": len(days),
            "waiting": waiting,
            "differences": [_plain(row) for row in wrong],
        }
        return Report(data, lines, ok=not wrong)


def _plain(row: Difference) -> dict[str, Any]:
    return {
        "business_date": row.business_date,
        **dict(zip(("tenant_id", "cp_code", "status"), row.cell, strict=True)),
        "found": row.found._asdict() if row.found else None,
        "expected": row.expected._asdict() if row.expected else None,
    }


def _line(row: Difference) -> str:
    tenant_id, cp_code, status = row.cell
    whose = "全部租户" if tenant_id is None else f"租户 {tenant_id}"
    return (
        f"{row.business_date} {whose} {cp_code} {status}："
        f"记为 {_sums(row.found)}，应为 {_sums(row.expected)}"
    )


def _sums(figures: Any) -> str:
    return "无" if figures is None else "/".join(str(number) for number in figures)

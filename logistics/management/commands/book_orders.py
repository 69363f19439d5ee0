"""Books a file of parcels for a tenant."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.utils import timezone
from rich.console import Console
from rich.progress import track

from accounts.queries import tenant_by_code
from config.kernel.commands import Report, ReportingCommand
from config.kernel.errors import Malformed
from logistics.services.importing import RowResult, book_rows, label_of, read_rows

LARGEST_FILE = 50_000_000


class Command(ReportingCommand):
    """`book_orders --tenant C FILE.csv`: exit 1 if any row was refused; safe to run again."""

    help = "按 CSV 文件批量下单（UTF-8 或 GBK）；重复执行不会重复下单。"

    def add_options(self, parser: ArgumentParser) -> None:
        """CONTRACT sections 3 and 5."""
        parser.add_argument("--tenant", required=True, metavar="CODE")
        parser.add_argument("file", type=Path, metavar="FILE.csv")

    def report(self, **options: Any) -> Report:
        """Read, book, tell."""
        tenant = tenant_by_code(options["tenant"])
        path: Path = options["file"]
        try:
            if path.stat().st_size > LARGEST_FILE:
                raise Malformed(fields={"file": ["文件过大，请拆分后分批导入。"]})
            content = path.read_bytes()
        except OSError as exc:
            raise Malformed(fields={"file": [f"无法读取 {path}：{exc.strerror}"]}) from None
        rows = read_rows(content)
        results = list(
            track(
                book_rows(rows, tenant_id=tenant.id, at=timezone.now()),
                total=len(rows),
                description="下单",
                console=Console(file=sys.stderr),
                disable=not sys.stderr.isatty(),
            )
        )
        return _report(results)


def _report(results: list[RowResult]) -> Report:
    created = [r for r in results if r.booked and r.booked.created]
    known = [r for r in results if r.booked and not r.booked.created]
    refused = [r for r in results if r.booked is None]
    lines = [
        f"第 {result.line} 行 {label_of(name) + '：' if name else ''}{'；'.join(texts)}"
        for result in refused
        for name, texts in result.errors.items()
    ]
    lines.append(f"新下单 {len(created)}，此前已下单 {len(known)}，被拒 {len(refused)}。")
    return Report(
        {
            "created": len(created),
            "existing": len(known),
            "refused": [{"line": r.line, "errors": r.errors} for r in refused],
            "orders": [
                {
                    "line": r.line,
                    "order_no": r.booked.order.order_no,
                    "tenant_order_no": r.booked.order.tenant_order_no,
                }
                for r in results
                if r.booked
            ],
        },
        lines,
        ok=not refused,
    )

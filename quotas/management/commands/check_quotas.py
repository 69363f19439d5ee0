"""Proves the quota books; prints the rows that differ."""

from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from accounts.queries import tenant_by_code
from config.kernel.commands import Report, ReportingCommand
from quotas.queries import find_discrepancies


class Command(ReportingCommand):
    """`check_quotas [--tenant C]`: exit 1 and the differing rows if the books do not close."""

    help = "核对配额计数、明细与账单；不平则列出差异并以 1 退出。"
    writes = False

    def add_options(self, parser: ArgumentParser) -> None:
        """Narrow to one tenant."""
        parser.add_argument("--tenant", metavar="CODE")

    def report(self, **options: Any) -> Report:
        """Check."""
        code = options["tenant"]
        tenant_id = tenant_by_code(code).id if code else None
        wrong = list(find_discrepancies(tenant_id=tenant_id))
        lines = [
            f"租户 {row.tenant_id} {row.what}：记为 {row.found}，应为 {row.expected}"
            for row in wrong
        ]
        lines.append(f"发现 {len(wrong)} 处差异。" if wrong else "配额账目一致。")
        data = {"ok": not wrong, "discrepancies": [asdict(row) for row in wrong]}
        return Report(data, lines, ok=not wrong)

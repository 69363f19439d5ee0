"""Brings the five roles' permissions up to the table."""

from __future__ import annotations

from typing import Any

from accounts.services.operators import sync_roles
from config.kernel.commands import Report, ReportingCommand


class Command(ReportingCommand):
    """`sync_roles`: safe to run at every deploy."""

    help = "按权限表同步五个角色，可重复执行。"

    def report(self, **options: Any) -> Report:
        """Sync."""
        counts = sync_roles()
        return Report(counts, [f"{role}：{count} 项权限" for role, count in counts.items()])

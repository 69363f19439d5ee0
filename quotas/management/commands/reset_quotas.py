"""Closes elapsed quota periods, as the beat task does."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.queries import tenant_by_code
from config.kernel.commands import Report, ReportingCommand, day
from config.kernel.days import start_of
from config.kernel.errors import Malformed
from quotas.money import to_yuan
from quotas.services.closing import close_all_elapsed


class Command(ReportingCommand):
    """`reset_quotas [--tenant C] [--as-of DATE] [--dry-run]`: twice does nothing."""

    help = "结算已到期的配额周期并开启新周期；可重复执行。"

    def add_options(self, parser: ArgumentParser) -> None:
        """CONTRACT section 3."""
        parser.add_argument("--tenant", metavar="CODE")
        parser.add_argument("--as-of", type=day, metavar="YYYY-MM-DD")

    def report(self, **options: Any) -> Report:
        """Close what is due."""
        at = timezone.now()
        tenant = tenant_by_code(options["tenant"]) if options["tenant"] else None
        if options["as_of"]:
            zone = tenant.zone if tenant else ZoneInfo("Asia/Shanghai")
            asked = start_of(options["as_of"], zone)
            if asked > at and not options["dry_run"]:
                raise Malformed(fields={"as_of": ["未来日期只能与 --dry-run 一起使用。"]})
            at = asked
        closed = list(close_all_elapsed(at=at, tenant_id=tenant.id if tenant else None))
        lines = [
            f"租户 {row.tenant_id} 第 {row.period_no} 期 {row.period_start}～{row.period_end}："
            f"用 {row.units} 单，超额 {row.overage_units} 单，应付 {to_yuan(row.amount_minor)} 元"
            for row in closed
        ]
        lines.append(f"共结算 {len(closed)} 个周期。")
        data = {
            "closed": [
                {
                    "tenant_id": row.tenant_id,
                    "period_no": row.period_no,
                    "units": row.units,
                    "overage_units": row.overage_units,
                    "amount": to_yuan(row.amount_minor),
                }
                for row in closed
            ]
        }
        return Report(data, lines)

"""Counts the reports' daily roll-ups, as the beat task does; given days it counts anew."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.utils import timezone

from config.kernel.commands import Report, ReportingCommand, day
from config.kernel.errors import Malformed
from logistics.services.rolling import recount_days, roll_up

MOST_DAYS = 3_660


class Command(ReportingCommand):
    """`roll_up [--from D --to D]`: what changed, or each of these days; twice does nothing."""

    help = "更新报表的按日汇总；指定日期则把这些天全部重算。可重复执行。"

    def add_options(self, parser: ArgumentParser) -> None:
        """Choose days."""
        parser.add_argument("--from", dest="first", type=day, metavar="YYYY-MM-DD")
        parser.add_argument("--to", dest="last", type=day, metavar="YYYY-MM-DD")

    def report(self, **options: Any) -> Report:
        """Count."""
        first, last = options["first"], options["last"]
        first, last = first or last, last or first
        if first is None:
            days = roll_up(at=timezone.now())
        else:
            if not 0 <= (last - first).days < MOST_DAYS:
                text = f"应不早于 --from，且至多 {MOST_DAYS} 天。"
                raise Malformed(fields={"to": [text]})
            wanted = [first + timedelta(days=n) for n in range((last - first).days + 1)]
            days = recount_days(days=wanted, at=timezone.now())
        return Report({"days": days}, [f"已重算 {days} 天的汇总。"])

"""Deletes old call logs and handled callbacks."""

from __future__ import annotations

import re
from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.utils import timezone

from config.kernel.commands import Report, ReportingCommand
from logistics.services.pruning import prune_logs


def age(text: str) -> timedelta:
    """`90d` as 90 days; at least one."""
    match = re.fullmatch(r"([1-9][0-9]{0,4})d", text)
    if match is None:
        msg = "写成天数，例如 90d"
        raise ArgumentTypeError(msg)
    return timedelta(days=int(match.group(1)))


class Command(ReportingCommand):
    """`prune_logs --older-than 90d`."""

    help = "删除早于指定天数的调用日志与已处理的回调记录，不动订单。"

    def add_options(self, parser: ArgumentParser) -> None:
        """How old."""
        parser.add_argument("--older-than", type=age, required=True, metavar="90d")

    def report(self, **options: Any) -> Report:
        """Prune."""
        counts = prune_logs(before=timezone.now() - options["older_than"])
        line = f"删除调用日志 {counts['calls']} 条，回调记录 {counts['callbacks']} 条。"
        return Report(dict(counts), [line])

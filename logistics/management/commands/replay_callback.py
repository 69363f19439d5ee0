"""Has one stored callback handled again."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.utils import timezone

from config.kernel.commands import Report, ReportingCommand
from config.kernel.work import run_row
from logistics.services.handling import CALLBACKS
from logistics.services.replaying import replay_callback


class Command(ReportingCommand):
    """`replay_callback ID`: handled at once; a second handling has no second effect."""

    help = "重新处理一条已存的回调；重复处理没有第二次效果。"

    def add_options(self, parser: ArgumentParser) -> None:
        """Which one."""
        parser.add_argument("id", type=int, help="回调记录编号")

    def report(self, **options: Any) -> Report:
        """Replay and handle."""
        record = replay_callback(record_id=options["id"], at=timezone.now())
        if not options["dry_run"]:
            run_row(CALLBACKS, record.pk, seconds=10)
            record.refresh_from_db()
        data = {
            "id": record.pk,
            "processed": record.processed,
            "result": record.process_result,
            "order_id": record.order_id,
        }
        return Report(data, [f"回调 {record.pk}：{record.process_result or '等待处理'}"])

"""Asks the carrier about orders nobody has heard of for too long."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.utils import timezone

from accounts.queries import tenant_by_code
from config.kernel.commands import Report, ReportingCommand
from logistics.models import ExpressOrder
from logistics.services.syncing import sync_orders_now, sync_quiet_orders


class Command(ReportingCommand):
    """`sync_orders [--tenant C]`: makes them due; the workers ask."""

    help = "把久无消息的订单交给工作进程向承运方查询；已终结的订单不动。"

    def add_options(self, parser: ArgumentParser) -> None:
        """Narrow to one tenant."""
        parser.add_argument("--tenant", metavar="CODE")
        parser.add_argument("--order", action="append", default=[], help="只查这些订单号，不论久否")
        parser.add_argument("--most", type=int, default=500, help="本次最多多少单")

    def report(self, **options: Any) -> Report:
        """Make due."""
        if options["order"]:
            rows = ExpressOrder.objects.filter(order_no__in=options["order"])
            asked = sync_orders_now(
                order_ids=list(rows.values_list("pk", flat=True)), at=timezone.now()
            )
            return Report({"due": asked}, [f"{asked} 个订单等待查询。"])
        code = options["tenant"]
        made = sync_quiet_orders(
            at=timezone.now(),
            tenant_id=tenant_by_code(code).id if code else None,
            most=options["most"],
        )
        return Report({"due": made}, [f"{made} 个订单等待查询。"])

"""Takes an order out of exception, or has a waiting one asked about again."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.utils import timezone

from config.kernel.commands import Report, ReportingCommand
from config.kernel.errors import Malformed, Missing
from logistics.models import ExpressOrder
from logistics.services.resuming import resume_order


class Command(ReportingCommand):
    """`resume_order ORDER_NO [--set FIELD=VALUE …]`: with corrections; the workers carry on."""

    help = "让异常或等待人工的订单继续；可同时更正收寄信息。"

    def add_options(self, parser: ArgumentParser) -> None:
        """Which order, and what to correct."""
        parser.add_argument("order_no")
        parser.add_argument(
            "--set", action="append", default=[], metavar="FIELD=VALUE", dest="corrections"
        )

    def report(self, **options: Any) -> Report:
        """Resume."""
        pk = ExpressOrder.objects.filter(order_no=options["order_no"]).values_list("pk").first()
        if pk is None:
            raise Missing
        corrections = dict(text.partition("=")[::2] for text in options["corrections"])
        if not all("=" in text for text in options["corrections"]):
            raise Malformed(fields={"set": ["写成 字段=值。"]})
        order = resume_order(order_id=pk[0], at=timezone.now(), corrections=corrections)
        data = {"order_no": order.order_no, "status": order.status}
        return Report(data, [f"{order.order_no} 已恢复为 {order.status}，等待继续。"])

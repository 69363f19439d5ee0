"""Settles an unknown outcome by a person's word."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.utils import timezone

from config.kernel.commands import Report, ReportingCommand
from config.kernel.errors import Missing
from logistics.models import ExpressOrder
from logistics.services.deciding import decide_outcome


class Command(ReportingCommand):
    """`decide_order ORDER_NO --happened [--carrier-order N] | --did-not-happen`."""

    help = "结果未知且无法查询时，由人工核实后裁定：下单或取消是否真的发生。"

    def add_options(self, parser: ArgumentParser) -> None:
        """What became of it."""
        parser.add_argument("order_no")
        choice = parser.add_mutually_exclusive_group(required=True)
        choice.add_argument("--happened", action="store_true", help="承运方确有此单，或确已取消")
        choice.add_argument("--did-not-happen", action="store_true", help="承运方没有收到")
        parser.add_argument("--carrier-order", default="", help="承运方订单号（下单已发生时必填）")

    def report(self, **options: Any) -> Report:
        """Decide."""
        pk = ExpressOrder.objects.filter(order_no=options["order_no"]).values_list("pk").first()
        if pk is None:
            raise Missing
        order = decide_outcome(
            order_id=pk[0],
            happened=options["happened"],
            carrier_order_id=options["carrier_order"],
            at=timezone.now(),
        )
        data = {"order_no": order.order_no, "status": order.status, "asking": order.asking}
        return Report(data, [f"{order.order_no}：{order.status}"])

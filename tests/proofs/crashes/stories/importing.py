"""A confirmed file is booked line by line, each line once, and counted as what came of it."""

from __future__ import annotations

from django.utils import timezone

from config.kernel.work import drain
from logistics.models import ExpressOrder, OrderImport, OrderImportLine
from logistics.services.import_slices import IMPORTS
from logistics.services.imports import confirm_import, preview_import
from quotas.models import QuotaDetail, TenantQuota
from tests.proofs.crashes.ground import Ground
from tests.proofs.crashes.story import Least, Story

HEADER = "商家订单号,收件人,收件人电话,收件省,收件市,收件区,收件地址\n"


def confirmed(ground: Ground) -> None:
    """Three lines, and units for two of them."""
    ground.quota(monthly_free_quota=2)
    line = "张三,13800138000,浙江省,杭州市,余杭区,文一西路969号"
    content = HEADER + "".join(f"A-{number},{line}\n" for number in range(3))
    made = preview_import(
        content=content.encode(), filename="x.csv", tenant_id=ground.tenant.pk, by=None,
        at=timezone.now(),
    )  # fmt: skip
    confirm_import(import_id=made.pk, by=7, at=timezone.now())


def book(_: Ground) -> None:
    drain(IMPORTS, threads=1)


def is_booked(_: Ground) -> None:
    made = OrderImport.objects.get()
    assert (made.status, made.created_lines, made.refused_lines) == ("done", 2, 1)
    assert made.existing_lines == 0
    lines = OrderImportLine.objects.order_by("line")
    outcomes = [(line.outcome, line.draft) for line in lines]
    assert outcomes == [("created", None), ("created", None), ("refused", None)]
    orders = ExpressOrder.objects.order_by("pk").values_list("order_no", flat=True)
    assert [line.order_no for line in lines] == [*orders, None]
    assert TenantQuota.objects.get().monthly_used == QuotaDetail.objects.count() == 2


STORIES = (
    Story(
        "import-slice",
        confirmed,
        book,
        is_booked,
        # The claim, the lines; of each the order, the detail, the unit; the import locked, the
        # outcomes, the drafts gone, the import.
        Least(statements=3 + 1 + 2 * 3 + 4, commits=4, calls=0),
    ),
)

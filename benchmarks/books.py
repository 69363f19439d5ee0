"""After every case: what was counted, what was booked and what was drawn are the same."""

from __future__ import annotations

import time
from collections.abc import Callable

from benchmarks.load import Void


def close(*, answered: int, in_flight: int) -> None:
    """Compare orders, details, counters and nonces with the answers that were counted.

    `in_flight`: requests that wrk left behind when its time was over, which may have been done.

    Waits until the servers have finished what wrk left behind.

    :raises Void: they differ.
    """
    from django.db.models import Sum  # noqa: PLC0415 - after the settings

    from accounts.models import RequestNonce  # noqa: PLC0415
    from logistics.models import ExpressOrder  # noqa: PLC0415
    from quotas.models import QuotaDetail, TenantQuota  # noqa: PLC0415
    from quotas.queries import find_discrepancies  # noqa: PLC0415

    await_quiet(RequestNonce.objects.count)
    await_quiet(ExpressOrder.objects.count)
    orders = ExpressOrder.objects.exclude(tenant_id=None).count()
    nonces = RequestNonce.objects.count()
    details = QuotaDetail.objects.count()
    units = QuotaDetail.objects.aggregate(n=Sum("used_num"))["n"] or 0
    used = TenantQuota.objects.aggregate(n=Sum("monthly_used"))["n"]
    if not (orders == details == units == used == nonces):
        raise Void(
            f"orders {orders}, details {details}, units {units}, used {used}, nonces {nonces}"
        )
    if not answered <= orders <= answered + in_flight:
        raise Void(f"{answered} were answered, {orders} are booked")
    wrong = list(find_discrepancies())
    if wrong:
        raise Void(f"the books do not close: {wrong[:3]}")


def await_quiet(count: Callable[[], int]) -> None:
    """Wait until a count stands still for half a second."""
    before, now = -1, count()
    while before != now:
        time.sleep(0.5)
        before, now = now, count()


def empty() -> None:
    """Forget all orders and what belongs to them, for the next case."""
    from django.db import connection  # noqa: PLC0415 - after the settings

    tables = (
        "platform_express_orders", "platform_tenant_quota_detail", "accounts_nonce",
        "platform_callback_records", "platform_cainiao_logs", "accounts_event",
        "accounts_callback_attempt", "delivery_order", "delivery_step",
    )  # fmt: skip
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"TRUNCATE TABLE {table}")
        cursor.execute(
            "UPDATE platform_tenant_quota SET monthly_used = 0, total_used = 0,"
            " overage_used = 0, overage_amount = 0"
        )

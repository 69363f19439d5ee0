"""What must be true when a story is over, whatever was disturbed in it."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from accounts.models import IdempotencyKey
from logistics.models import CallbackRecord, ExpressOrder
from quotas.models import QuotaDetail, TenantQuota
from quotas.queries import find_discrepancies
from tests.proofs.disturbances.house import House, until
from tests.proofs.disturbances.tenants import Tenants


def in_flight() -> int:
    """How many orders are booked and not yet ordered at the carrier."""
    connection.close()
    return ExpressOrder.objects.filter(cainiao_order_id=None).count()


def under_lease() -> int:
    """How many rows a worker holds at this moment."""
    return sum(
        model.objects.exclude(lease_token=None).count() for model in (ExpressOrder, CallbackRecord)
    )


def still_due() -> int:
    return sum(
        model.objects.exclude(due_at=None).count() for model in (ExpressOrder, CallbackRecord)
    )


def wait_for_rest(house: House, seconds: float = 90) -> None:
    """Return once nothing is due with us and nothing pending with the carrier."""

    def resting() -> bool:
        if still_due():
            return False
        told = house.sandbox("GET", "state")
        # A callback that is being sent this moment is pending no more and stored not yet.
        arrived = all(
            one["acknowledged"] for parcel in told["parcels"] for one in parcel["callbacks"]
        )
        return not told["pending"] and arrived and not still_due()

    def waiting() -> str:
        connection.close()
        rows = ExpressOrder.objects.exclude(due_at=None).values_list(
            "tenant_order_no", "status", "asking", "due_at", "attempts"
        )
        lost = [
            one
            for parcel in house.sandbox("GET", "state")["parcels"]
            for one in parcel["callbacks"]
            if not one["acknowledged"]
        ]
        return f"still due: {list(rows)}; callbacks that never arrived: {lost}"

    try:
        until(resting, "", seconds)
    except AssertionError:
        raise AssertionError(waiting()) from None


def let_claims_run_out() -> None:
    """What a trouble left of idempotency keys holds for a minute; it passes for them alone."""
    running = IdempotencyKey.objects.filter(status_code=None)
    running.update(locked_until=timezone.now() - timedelta(seconds=1))


def check_ending(house: House, *senders: Tenants) -> None:
    """Compare what tenants were told, what the carrier knows, and our books."""
    house.crew.check()  # every program lives that was started and not killed on purpose
    assert [answer for tenants in senders for answer in tenants.strange] == []
    acknowledged = {k: v for tenants in senders for k, v in tenants.acknowledged.items()}
    orders = {order.order_no: order for order in ExpressOrder.objects.all()}
    booked = {order.tenant_order_no: number for number, order in orders.items()}
    assert booked == acknowledged
    told = house.sandbox("GET", "state")
    assert told["violations"] == []
    assert {parcel["tradeOrderNo"] for parcel in told["parcels"]} == set(orders)
    for parcel in told["parcels"]:
        _check_parcel(orders[parcel["tradeOrderNo"]], parcel)
    assert not CallbackRecord.objects.filter(processed=False).exists()
    _check_books(len(orders))
    assert IdempotencyKey.objects.count() == len(orders)
    assert house.status("/readyz") == 200


def _check_parcel(order: ExpressOrder, parcel: dict[str, Any]) -> None:
    """One carrier order, one waybill, one effect per callback."""
    assert parcel["creates_accepted"] == 1, parcel
    assert order.cainiao_order_id == parcel["orderCode"]
    assert [order.waybill_no] == parcel["waybills"]
    sent = {_callback_id(one["content"]) for one in parcel["callbacks"]}
    stored = set(CallbackRecord.objects.filter(order=order).values_list("callback_id", flat=True))
    assert stored == sent
    track = [(event["time"], event["code"], event["desc"]) for event in order.track_info or []]
    assert len(track) == len(set(track)) == len(stored), (track, sorted(stored))
    assert order.status == "signed", parcel


def _callback_id(content: dict[str, Any]) -> str:
    digest = hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()
    return f"{content['orderCode']}:{content['status']}:{digest[:32]}"


def _check_books(orders: int) -> None:
    assert list(find_discrepancies()) == []
    details = QuotaDetail.objects.all()
    assert details.count() == orders  # one draw each, and nothing came back
    assert TenantQuota.objects.aggregate(n=Sum("total_used"))["n"] == orders

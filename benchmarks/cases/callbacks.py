"""A carrier's callback, full path: received over HTTP, stored, handled by the worker.

The reference does it all in one view and one transaction; both owe the tenant an event for it. A
round ends when the last callback that was received is handled, so neither side may leave work
behind.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable

from benchmarks import books
from benchmarks.ground import Ground
from benchmarks.load import CONNECTIONS, Void, callback_requests, send
from benchmarks.rounds import Figure, figure, interleave, rates, ratio
from benchmarks.servers import BARE, PRODUCT, serving, working

# More than either can answer, so that the requests never run out.
FASTEST = 2500


def run(ground: Ground) -> list[Figure]:
    """Measure; every order gets one callback, and is picked up by it."""
    from accounts.services.outbox.owing import endpoint_for  # noqa: PLC0415 - after the settings

    seconds, rounds = (1, 2) if ground.quick else (3, 7)
    books.empty()
    for key in ground.keys:
        endpoint_for(tenant_id=key.tenant_id, is_test=False)
    acknowledged: list[float] = []
    cpu: list[float] = []
    answered = in_flight = 0
    with serving(PRODUCT, BARE) as (product, bare), working() as worker:

        def load(port: int, handled: Callable[[], int]) -> tuple[float, float, int]:
            nonlocal answered, in_flight
            requests = list(callback_requests(ground, _orders(ground, FASTEST * seconds)))
            before, began = handled(), time.monotonic()
            result = send(requests, port, seconds=seconds)
            done = _await(handled, before + result.requests) - before
            answered += result.requests
            in_flight += CONNECTIONS
            return done / (time.monotonic() - began), result.rate, done

        def ours(number: int) -> float:
            before = product.cpu_seconds() + worker.cpu_seconds()
            rate, acks, done = load(product.port, _handled)
            if number:
                acknowledged.append(acks)
                spent = product.cpu_seconds() + worker.cpu_seconds() - before
                cpu.append(spent / done * 1000)
            return rate

        seen = interleave({"ours": ours, "bare": lambda _: load(bare.port, _handled)[0]}, rounds)
        books.await_quiet(_handled)
    _check(answered, in_flight)
    return [
        ratio("callback received and handled / bare view (R2)", seen["ours"], seen["bare"],
              at_least=0.50, beside=rates(product=seen["ours"], R2=seen["bare"])),
        figure("callback, acknowledged while handling goes on", acknowledged, unit="/s"),
        figure("callback, web and worker CPU", cpu, unit="ms"),
    ]  # fmt: skip


def _orders(ground: Ground, count: int) -> list[tuple[str, str]]:
    """Orders that wait for the courier, told by the carrier under its own numbers."""
    from django.utils import timezone  # noqa: PLC0415 - after the settings

    from logistics.models import ExpressOrder  # noqa: PLC0415

    at = timezone.now()
    numbers = [(f"CB{uuid.uuid4().hex[:20].upper()}", uuid.uuid4().hex) for _ in range(count)]
    ExpressOrder.objects.bulk_create(
        [
            ExpressOrder(
                order_no=order_no,
                cainiao_order_id=outside,
                account_id=ground.account_id,
                tenant_id=ground.keys[number % len(ground.keys)].tenant_id,
                content_hash="",
                cp_code="YTO",
                waybill_no=outside[:16],
                sender_name="桐庐仓",
                sender_phone="0571-88886666",
                receiver_name="张三丰",
                receiver_phone="13800138000",
                receiver_phone_hash="",
                status="waybill_created",
                news_at=at,
                created_at=at,
                updated_at=at,
            )
            for number, (order_no, outside) in enumerate(numbers)
        ],
        batch_size=500,
    )
    return numbers


def _handled() -> int:
    from logistics.models import CallbackRecord  # noqa: PLC0415 - after the settings

    return CallbackRecord.objects.filter(processed=True).count()


def _await(handled: Callable[[], int], wanted: int) -> int:
    ends = time.monotonic() + 120
    while (now := handled()) < wanted:
        if time.monotonic() > ends:
            raise Void(f"{wanted - now} callbacks were never handled")
        time.sleep(0.02)
    return now


def _check(answered: int, in_flight: int) -> None:
    """Every callback that was acknowledged moved exactly its own order, once."""
    from accounts.models import TenantEvent  # noqa: PLC0415
    from logistics.models import CallbackRecord, ExpressOrder  # noqa: PLC0415

    records = CallbackRecord.objects.count()
    moved = ExpressOrder.objects.filter(status="picked", version=1).count()
    touched = ExpressOrder.objects.exclude(version=0).count()
    told = TenantEvent.objects.filter(kind="express_order", sequence=1).count()
    if not answered <= records <= answered + in_flight or not records == moved == touched == told:
        raise Void(
            f"{answered} answers, {records} records, {moved} orders moved, {touched} touched,"
            f" {told} tenants to be told"
        )
    for order in ExpressOrder.objects.exclude(version=0).only("track_info").iterator():
        if len(order.track_info or []) != 1:
            raise Void("an order's timeline holds a callback twice")

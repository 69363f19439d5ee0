"""One tenant, one account, one rule and the sandbox: the same for every run of a story."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import time_machine
from django.core.cache import cache
from django.db.models import Max
from django.utils import timezone

from accounts.models import IdempotencyKey, RequestNonce, SecurityEvent, Tenant, TenantEvent
from accounts.services.outbox.owing import endpoint_for
from config.kernel.keeping import Kept
from config.kernel.work import drain
from config.sandbox import Sandbox
from logistics.models import (
    CallbackRecord,
    CallLog,
    DailyOrders,
    DailyTotals,
    ExpressOrder,
    FreightRevision,
    OrderImport,
    OrderImportLine,
    RolledDay,
)
from logistics.services.handling import CALLBACKS
from logistics.services.import_slices import IMPORTS
from logistics.services.work import ORDERS
from quotas.models import QuotaDetail, QuotaStatement, TenantQuota
from tests.factories import AccountFactory, QuotaFactory, RuleFactory, TenantFactory, issue
from tests.logistics.conftest import PARCEL, URL, deliver
from tests.outbox.receiver import Receiver
from tests.proofs.crashes.children import End, run_child
from tests.signing import TenantClient

# What a story may write; everything else is laid out once.
MOVING = (
    CallbackRecord, CallLog, FreightRevision, ExpressOrder, QuotaDetail, QuotaStatement,
    TenantQuota, RequestNonce, IdempotencyKey, SecurityEvent, OrderImportLine, OrderImport,
    DailyOrders, DailyTotals, RolledDay, TenantEvent,
)  # fmt: skip
QUEUES = (ExpressOrder, CallbackRecord, OrderImport)
# A parcel whose addresses need not be asked about.
PLACED: dict[str, Any] = {
    **PARCEL,
    "receiver_province": "浙江省",
    "receiver_city": "杭州市",
    "receiver_district": "余杭区",
}


class Door:
    """The carrier's way to our callback door; a story may have a child answer, and die."""

    def __init__(self) -> None:
        self.kill_at: int | None = None
        self.ends: list[End] | None = None

    def deliver(self, url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        if self.ends is None:
            return deliver(url, body, headers)

        def answer() -> tuple[int, str]:
            status, content = deliver(url, body, headers)
            return status, content.decode()

        end = run_child(answer, self.kill_at)
        self.ends.append(end)
        # What a proxy says when the process behind it is gone.
        return (end.result[0], end.result[1].encode()) if end.result else (502, b"")

    def answered_by_child(self, action: Callable[[], None], kill_at: int | None) -> End:
        """Let `action` cause one callback, taken in by a child that is killed at `kill_at`."""
        self.kill_at, self.ends = kill_at, []
        try:
            action()
            (end,) = self.ends
        finally:
            self.ends = None
        return end


class Ground:
    """What a story acts on; `orders()` come as booked, `receiver` is the tenant's server."""

    clock: Any

    def __init__(self, sandbox: Sandbox, door: Door, receiver: Receiver) -> None:
        self.sandbox, self.door, self.receiver = sandbox, door, receiver
        self.tenant: Tenant = TenantFactory()
        AccountFactory(
            app_key=sandbox.app_key, app_secret=sandbox.secret(), endpoint_url=sandbox.cainiao_url
        )
        RuleFactory()
        self.silent_tenant: Tenant = TenantFactory()
        self.client = TenantClient(*issue(self.tenant))
        for tenant in (self.tenant, self.silent_tenant):
            endpoint_for(tenant_id=tenant.pk, is_test=False)

    @contextmanager
    def fresh(self) -> Iterator[None]:
        """A world in which nothing has happened, at the carrier's own hour."""
        for model in MOVING:
            model.objects.all()._raw_delete(model.objects.db)
        self.sandbox.reset()
        cache.clear()
        Kept.forget_all()
        QuotaFactory(tenant=self.tenant, monthly_free_quota=10)
        with time_machine.travel(self.sandbox.world.now(), tick=True) as self.clock:
            yield

    def quota(self, **columns: Any) -> None:
        TenantQuota.objects.filter(tenant=self.tenant).update(**columns)

    def orders(self) -> list[ExpressOrder]:
        return list(ExpressOrder.objects.order_by("pk"))

    def order(self) -> ExpressOrder:
        return ExpressOrder.objects.get()

    def book(self, **fields: Any) -> None:
        answer = self.client.post(URL, {**PLACED, **fields})
        assert answer.status_code == 201, answer.content

    def keyed(self, target: str, data: Any, key: str = "k-1") -> Any:
        """Send with an `Idempotency-Key`."""
        return self.client.post(target, data, extra={"Idempotency-Key": key})

    def until_answered(self, send: Callable[[], Any]) -> int:
        """As a client whose request got no answer: again, once the first one's lease is over."""
        answer = send()
        if answer.status_code == 409:
            assert answer.json()["error"] == "idempotency_running", answer.content
            self.jump(seconds=61)
            answer = send()
        assert answer.status_code < 300, answer.content
        return int(answer.status_code)

    def push(self, status: str, order: ExpressOrder, **fields: Any) -> None:
        """A scan, with what the carrier would otherwise draw by lot."""
        told = {"courierName": None, "courierPhone": None, "freight": None, "weight": None}
        self.sandbox.push(status, **{**told, "tradeOrderNo": order.order_no, **fields})

    def jump(self, **pause: float) -> None:
        self.clock.move_to(timezone.now() + timedelta(**pause))

    def together(self, seconds: float) -> None:
        """Time passes for the carrier and for us alike."""
        self.jump(seconds=seconds)
        self.sandbox.step(seconds)

    def work(self, pauses: int = 0) -> None:
        """What a worker does: orders that are due, again after each of so many pauses."""
        drain(ORDERS, threads=1)
        for _ in range(pauses):
            self.jump(minutes=2)
            drain(ORDERS, threads=1)

    def settle(self, most: int = 40) -> None:
        """Work until nothing is due, the clock jumping over pauses and over dead men's leases."""
        for _ in range(most):
            drain(IMPORTS, threads=1)
            drain(ORDERS, threads=1)
            drain(CALLBACKS)
            found = [m.objects.aggregate(last=Max("due_at"))["last"] for m in QUEUES]
            due = max((at for at in found if at is not None), default=None)
            if due is None:
                return
            if due > timezone.now():
                self.clock.move_to(due + timedelta(milliseconds=1))
        raise AssertionError(f"still due after {most} rounds")

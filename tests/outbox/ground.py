"""Orders without an app: what they change is owed to their tenant as the apps would have it."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.events import Change
from accounts.models import CallbackAttempt, CallbackEndpoint, Tenant, TenantEvent
from accounts.services.outbox.owing import owe_event
from accounts.services.outbox.restarting import sweep_endpoints
from accounts.services.outbox.sending import send_due
from tests.factories import TenantFactory

# As in Standard Webhooks' published vector.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def tenant_at(url: str, **columns: Any) -> Tenant:
    """A tenant whose events go to `url`."""
    tenant: Tenant = TenantFactory(
        callback_url=url,
        **{"callback_secret": SECRET, "callback_hosts": ["127.0.0.1"], **columns},
    )
    return tenant


class Orders:
    """Orders of one tenant, by number, each with a counter."""

    def __init__(self, tenant: Tenant, *, kind: str = "delivery_order") -> None:
        self.tenant, self.kind = tenant, kind
        self.counters: dict[int, int] = defaultdict(int)

    def change(self, order: int, *, at: datetime | None = None, **more: Any) -> TenantEvent:
        """The order moves on, in a transaction of its own."""
        self.counters[order] += 1
        with transaction.atomic():
            return owe_event(self.change_of(order, self.counters[order], at=at, **more))

    def change_of(
        self, order: int, sequence: int, *, at: datetime | None = None, **more: Any
    ) -> Change:
        columns: dict[str, Any] = {
            "tenant_id": self.tenant.pk, "is_test": False, "kind": self.kind,
            "subject_id": order, "sequence": sequence, "event_type": "delivery.accepted",
            "order_no": f"D{order}", "external_order_no": f"ext-{order}", "status": 1,
            "status_text": "已接单", "rider_name": "李师傅", "rider_phone": "13800138000",
            "occurred_at": at or timezone.now(),
        }  # fmt: skip
        return Change(**(columns | more))


def send() -> int:
    """Send what is due, in this thread and its pool."""
    # Inside a test's own transaction nothing commits, and nobody is woken.
    sweep_endpoints(at=timezone.now())
    return send_due(seconds=20)


def endpoint_of(tenant: Tenant) -> CallbackEndpoint:
    return CallbackEndpoint.objects.get(tenant=tenant)


def event(pk: int) -> TenantEvent:
    return TenantEvent.objects.get(pk=pk)


def attempts() -> list[CallbackAttempt]:
    return list(CallbackAttempt.objects.order_by("pk"))


def events_due_now(tenant: Tenant) -> None:
    """Time passes for what waits, without the clock."""
    now = timezone.now()
    TenantEvent.objects.filter(tenant=tenant, due_at__isnull=False).update(due_at=now)
    CallbackEndpoint.objects.filter(tenant=tenant, paused_at=None).update(due_at=now)

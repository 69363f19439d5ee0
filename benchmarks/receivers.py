"""Tenants whose servers answer after 20 ms or hang, and events for them."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from datetime import datetime

from benchmarks.load import Void

# What a server of theirs gets: about as long as a real event's body.
RIDER = {"rider_name": "王师傅", "rider_phone": "13800138000"}
CONTENT = {"status": 1, "status_text": "已接单", **RIDER}


def give_urls(tenant_ids: Sequence[int], base: str, *, hanging: Sequence[int] = ()) -> None:
    """Have tenants called back at `base` (`http://host:port`); those `hanging` never answer."""
    from accounts.models import Tenant  # noqa: PLC0415 - after the settings
    from accounts.services.outbox.owing import endpoint_for  # noqa: PLC0415

    Tenant.objects.filter(pk__in=tenant_ids).update(
        callback_url=f"{base}/callback", callback_hosts=["127.0.0.1"]
    )
    Tenant.objects.filter(pk__in=hanging).update(callback_url=f"{base}/hangs")
    for tenant_id in tenant_ids:
        endpoint_for(tenant_id=tenant_id, is_test=False)


def owe(tenant_ids: Sequence[int], each: int) -> int:
    """Owe every tenant `each` events of as many orders, due now; returns how many in all."""
    from django.db import connection  # noqa: PLC0415 - after the settings

    chosen = ", ".join(str(pk) for pk in tenant_ids)
    with connection.cursor() as cursor:
        for table in ("accounts_event", "accounts_callback_attempt"):
            cursor.execute(f"TRUNCATE TABLE {table}")
        cursor.execute(
            "INSERT INTO accounts_event (event_id, endpoint_id, tenant_id, is_test, kind,"
            " subject_id, sequence, order_no, external_order_no, event_type, content, status,"
            " due_at, attempts, refusals, occurred_at, created_at)"
            " SELECT CONCAT('evt_', LPAD(e.id, 12, '0'), LPAD(s.seq, 12, '0')), e.id, e.tenant_id,"
            " 0, 'delivery_order', e.id * 1000000 + s.seq, 1, CONCAT('DL', e.id, 'N', s.seq),"
            " CONCAT('NC', e.id, 'N', s.seq), 'delivery.accepted', %s, 'waiting',"
            " UTC_TIMESTAMP(6), 0, 0, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)"
            f" FROM accounts_callback_endpoint e JOIN seq_1_to_{each} s"
            f" WHERE e.tenant_id IN ({chosen}) AND e.is_test = 0",
            [json.dumps(CONTENT)],
        )
        cursor.execute(
            "UPDATE accounts_callback_endpoint SET due_at = UTC_TIMESTAMP(6), lease_token = NULL,"
            " failures = 0, failing_since = NULL, slow = 0, paused_at = NULL"
            f" WHERE tenant_id IN ({chosen})"
        )
    return each * len(tenant_ids)


def owe_one(tenant_id: int, number: int, at: datetime) -> None:
    """Owe one event as the product does, in a transaction that then wakes its endpoint."""
    from django.db import transaction  # noqa: PLC0415 - after the settings

    from accounts.events import Change  # noqa: PLC0415
    from accounts.services.outbox.owing import owe_event  # noqa: PLC0415

    with transaction.atomic():
        owe_event(
            Change(
                tenant_id=tenant_id, is_test=False, kind="delivery_order", subject_id=number,
                sequence=1, event_type="delivery.accepted", order_no=f"DL{number}",
                external_order_no=f"NC{number}", status=1, status_text="已接单", occurred_at=at,
                **RIDER,
            )
        )  # fmt: skip


def check_delivered(count: int) -> None:
    """Every event is delivered, by one attempt, of which there is one line.

    :raises Void: they are not.
    """
    from accounts.models import CallbackAttempt, TenantEvent  # noqa: PLC0415 - after the settings

    done = TenantEvent.objects.filter(status="delivered", attempts=1, due_at=None).count()
    lines = CallbackAttempt.objects.filter(outcome="delivered").count()
    if not count == done == lines == TenantEvent.objects.count():
        raise Void(f"{count} events, {done} delivered once, {lines} attempts that delivered")


def await_delivered(count: int, seconds: float) -> float:
    """Seconds until `count` events are delivered.

    :raises Void: it took longer than `seconds`.
    """
    from accounts.models import TenantEvent  # noqa: PLC0415 - after the settings

    began = time.monotonic()
    while (done := TenantEvent.objects.filter(status="delivered").count()) < count:
        if time.monotonic() - began > seconds:
            raise Void(f"{done} of {count} events were delivered")
        time.sleep(0.02)
    return time.monotonic() - began

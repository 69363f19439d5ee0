"""A server that is down for 71 hours misses nothing; after 72 it is paused, and says so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.models import CallbackEndpoint, Tenant, TenantEvent
from accounts.services.outbox.bearing import SILENT_REASON
from accounts.services.outbox.restarting import restart_events
from tests.accounts.callers import URL, caller, data
from tests.outbox.ground import Orders, endpoint_of, send, tenant_at
from tests.outbox.receiver import REFUSED, TAKEN, Receiver, free_port, receiving

pytestmark = pytest.mark.django_db
BEGAN = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
# Hours at which each order moves on.
MOVES = {1: [0, 1, 30, 70], 2: [0.001, 0.01, 0.02, 71.5], 3: [12, 40], 4: [69, 69.5, 70, 70.9]}


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(BEGAN, tick=False) as traveller:
        yield traveller


def live(orders: Orders, clock: time_machine.Traveller, *, until: float, since: float = 0) -> None:
    """Orders move and what comes due is sent, hour by hour, from `since` to `until`."""
    moves = sorted(
        (hour, order) for order, hours in MOVES.items() for hour in hours if since <= hour < until
    )
    end = BEGAN + timedelta(hours=until)
    while True:
        server = CallbackEndpoint.objects.filter(tenant=orders.tenant).first()
        due = server.due_at if server else None
        move = BEGAN + timedelta(hours=moves[0][0]) if moves else None
        following = min(at for at in (due, move, end) if at is not None)
        if following >= end:
            clock.move_to(end)
            return
        clock.move_to(max(following, timezone.now()))
        if following == move:
            orders.change(moves.pop(0)[1])
        send()


def assert_told_everything_in_order(receiver: Receiver, tenant: Tenant) -> None:
    for order, hours in MOVES.items():
        told = [sequence for order_no, sequence in receiver.told() if order_no == f"D{order}"]
        assert told == list(range(1, len(hours) + 1))
    assert set(TenantEvent.objects.values_list("status", flat=True)) == {"delivered"}
    server = endpoint_of(tenant)
    assert (server.paused_at, server.failures, server.due_at) == (None, 0, None)


def test_a_server_down_for_71_hours_is_told_everything_in_order(
    clock: time_machine.Traveller,
) -> None:
    port = free_port()
    orders = Orders(tenant_at(f"http://127.0.0.1:{port}/"))
    live(orders, clock, until=71)
    server = endpoint_of(orders.tenant)
    assert server.failing_since == BEGAN
    assert server.paused_at is None
    assert not TenantEvent.objects.exclude(status="waiting").exists()
    with receiving(port) as receiver:
        live(orders, clock, since=71, until=73)
        assert_told_everything_in_order(receiver, orders.tenant)


def test_a_server_down_for_73_hours_is_paused_and_told_everything_once_let_go(
    clock: time_machine.Traveller,
) -> None:
    port = free_port()
    orders = Orders(tenant_at(f"http://127.0.0.1:{port}/"))
    live(orders, clock, until=73)
    server = endpoint_of(orders.tenant)
    assert server.paused_at == BEGAN + timedelta(hours=72)
    assert "72 小时" in str(server.paused_reason)
    assert server.due_at is None
    assert not TenantEvent.objects.exclude(status="waiting").exists()
    with receiving(port) as receiver:
        send()
        assert receiver.came == []
        clock.shift(timedelta(days=2))
        CallbackEndpoint.objects.filter(pk=server.pk).update(
            paused_at=None, paused_reason=None, failing_since=None, failures=0,
            due_at=timezone.now(),
        )  # fmt: skip
        assert restart_events(endpoint_id=server.pk, at=timezone.now()) == len(MOVES)
        send()
        assert_told_everything_in_order(receiver, orders.tenant)


def test_a_tenant_that_only_ever_refused_is_paused_and_its_one_event_still_waits(
    clock: time_machine.Traveller,
) -> None:
    """Given up and paused are never both: what would have been its last try is its last before."""
    with receiving() as receiver:
        receiver.always = REFUSED
        tenant = tenant_at(receiver.url)
        made = Orders(tenant).change(1)
        while endpoint_of(tenant).paused_at is None:
            clock.move_to(TenantEvent.objects.get(pk=made.pk).due_at or 0)
            send()
            assert TenantEvent.objects.get(pk=made.pk).status in {"waiting", "passed"}
        assert endpoint_of(tenant).paused_at == BEGAN + timedelta(hours=72)
        (shown,) = data(caller(tenant).get(f"{URL}/endpoints"))["items"]
        assert (shown["state"], shown["waiting"], shown["paused_reason"]) == (
            "paused", 1, SILENT_REASON,
        )  # fmt: skip
        tries = len(receiver.came)
        clock.shift(timedelta(days=2))
        send()
        assert len(receiver.came) == tries
        receiver.always = TAKEN
        data(caller(tenant).post(f"{URL}/resume", {}))
        send()
    assert TenantEvent.objects.get(pk=made.pk).status == "delivered"
    assert len(receiver.came) == tries + 1

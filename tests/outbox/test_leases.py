"""Whoever dies, loses its lease or is not woken: what is owed is sent, and counted once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import tasks
from accounts.models import CallbackAttempt, CallbackEndpoint, TenantEvent
from accounts.services.outbox import targets
from accounts.services.outbox.pruning import prune_outbox
from accounts.services.outbox.restarting import sweep_endpoints
from accounts.services.outbox.sending import ENDPOINTS, SLOW_ENDPOINTS, send_due
from accounts.tasks import send_callbacks
from config.kernel.work import aside, await_asides, claim, drain, end_asides, start_aside
from config.kernel.work.checks import check_leases
from tests.outbox.ground import Orders, attempts, endpoint_of, event, send, tenant_at
from tests.outbox.receiver import Handler, Receiver, plain, silent

pytestmark = pytest.mark.django_db


def wake(**columns: Any) -> None:
    CallbackEndpoint.objects.update(due_at=timezone.now(), **columns)


def test_what_a_killed_worker_had_in_hand_is_sent_when_its_lease_is_over(
    receiver: Receiver,
) -> None:
    made = Orders(tenant_at(receiver.url)).change(1)
    wake()
    now = timezone.now()
    (held,) = claim(CallbackEndpoint, at=now, lease=ENDPOINTS.lease, limit=1)
    assert ENDPOINTS.prepare is not None
    ENDPOINTS.prepare(held)()  # the worker dies before it can write
    assert send() == 0
    with time_machine.travel(now + ENDPOINTS.lease, tick=False):
        assert send() == 1
    assert event(made.pk).status == "delivered"
    assert receiver.told() == [("D1", 1)] * 2


def test_who_lost_its_lease_keeps_its_attempts_and_changes_nothing_else(
    receiver: Receiver,
) -> None:
    tenant = tenant_at(receiver.url)
    made = Orders(tenant).change(1)
    wake()
    prepare = ENDPOINTS.prepare
    assert prepare is not None

    def losing(row: CallbackEndpoint) -> Callable[[], Any]:
        CallbackEndpoint.objects.filter(pk=row.pk).update(lease_token="another's")
        return prepare(row)

    object.__setattr__(ENDPOINTS, "prepare", losing)
    try:
        drain(ENDPOINTS, threads=1, seconds=5)
    finally:
        object.__setattr__(ENDPOINTS, "prepare", prepare)
    assert (event(made.pk).status, event(made.pk).attempts) == ("waiting", 0)
    assert len(attempts()) == 1
    assert endpoint_of(tenant).lease_token == "another's"


def test_an_event_that_somebody_else_finished_meanwhile_is_left_alone(receiver: Receiver) -> None:
    tenant = tenant_at(receiver.url)
    orders = Orders(tenant)
    finished, tried = orders.change(1), orders.change(2)
    wake()
    (row,) = claim(CallbackEndpoint, at=timezone.now(), lease=ENDPOINTS.lease, limit=1)
    assert ENDPOINTS.prepare is not None
    turn = ENDPOINTS.prepare(row)()
    TenantEvent.objects.filter(pk=finished.pk).update(status="exhausted", due_at=None)
    TenantEvent.objects.filter(pk=tried.pk).update(attempts=1)
    with transaction.atomic():
        ENDPOINTS.apply(row, turn, timezone.now())
    assert event(finished.pk).status == "exhausted"
    assert (event(tried.pk).status, event(tried.pk).attempts) == ("waiting", 1)


def test_an_endpoint_that_nobody_woke_is_found_and_a_resting_one_is_left() -> None:
    now = timezone.now()
    tenants = [tenant_at("http://127.0.0.1:1/") for _ in range(5)]
    for number, tenant in enumerate(tenants):
        Orders(tenant).change(number, at=now)
    asleep, resting, paused, late, in_hand = (endpoint_of(one).pk for one in tenants)
    rows = CallbackEndpoint.objects
    rows.filter(pk=resting).update(due_at=now + timedelta(seconds=30))
    rows.filter(pk=paused).update(paused_at=now)
    rows.filter(pk=late).update(due_at=now + timedelta(hours=12))
    rows.filter(pk=in_hand).update(lease_token="x")
    rows.exclude(pk__in=[resting, late]).update(due_at=None)
    assert sweep_endpoints(at=now) == 2
    assert set(rows.filter(due_at=now).values_list("pk", flat=True)) == {asleep, late}
    TenantEvent.objects.update(due_at=now + timedelta(minutes=5))
    rows.update(due_at=None)
    assert sweep_endpoints(at=now) == 0


def test_slow_endpoints_are_drained_by_a_pool_of_their_own(receiver: Receiver) -> None:
    slow, quick = tenant_at(f"{receiver.url}/slow"), tenant_at(f"{receiver.url}/quick")
    Orders(slow).change(1)
    Orders(quick).change(2)
    wake()
    CallbackEndpoint.objects.filter(tenant=slow).update(slow=True)
    assert drain(ENDPOINTS, threads=1, seconds=5) == 1
    assert [came.path for came in receiver.came] == ["/quick"]
    assert drain(SLOW_ENDPOINTS, threads=1, seconds=5) == 1
    assert [came.path for came in receiver.came] == ["/quick", "/slow"]
    assert endpoint_of(slow).slow is False


def test_what_was_paused_in_a_dead_workers_hands_is_not_sent_from(receiver: Receiver) -> None:
    tenant = tenant_at(receiver.url)
    Orders(tenant).change(1)
    wake(paused_at=timezone.now(), lease_token="dead")
    send_due(seconds=5)
    assert receiver.came == []
    server = endpoint_of(tenant)
    assert (server.due_at, server.lease_token) == (None, None)
    assert server.paused_at is not None


def test_a_lease_is_twice_the_longest_turn() -> None:
    assert check_leases() == []
    assert ENDPOINTS.lease == timedelta(seconds=30)


def test_an_idle_clock_costs_two_looks(receiver: Receiver) -> None:
    tasks._swept["at"] = float("inf")
    try:
        with CaptureQueriesContext(connection) as asked:
            send_callbacks()
    finally:
        tasks._swept.clear()
    assert len(asked) == 2


@pytest.mark.django_db(transaction=True)
def test_the_clock_sends_aside_and_is_not_held_by_a_silent_server(receiver: Receiver) -> None:
    receiver.answers["/"] = [silent]
    Orders(tenant_at(receiver.url)).change(1)
    tasks._swept.clear()
    wake()
    send_callbacks()  # returns though the server says nothing
    for _ in range(200):
        if receiver.came:
            break
        threading.Event().wait(0.02)
    assert receiver.came
    receiver.ending.set()
    join_asides()
    assert [one.outcome for one in attempts()] == ["no_answer"]


def join_asides() -> None:
    for thread in threading.enumerate():
        if thread.name.startswith("aside-"):
            thread.join(20)
            assert not thread.is_alive()


def test_what_is_asked_for_aside_while_it_runs_is_run_once_more() -> None:
    runs: list[int] = []
    going, go = threading.Event(), threading.Event()

    def work() -> None:
        runs.append(1)
        going.set()
        assert go.wait(10)

    assert start_aside("test", work)
    assert going.wait(10)
    assert not start_aside("test", work)
    assert not start_aside("test", work)
    go.set()
    join_asides()
    assert len(runs) == 2


def test_work_aside_that_fails_ends_and_may_be_started_again() -> None:
    def work() -> None:
        raise RuntimeError("of the test")

    for _ in range(2):
        assert start_aside("failing", work)
        join_asides()


def test_what_is_done_with_goes_after_30_days_and_what_is_owed_stays() -> None:
    now = timezone.now()
    orders = Orders(tenant_at("http://127.0.0.1:1/"))
    made = {status: orders.change(n) for n, status in enumerate(
        ["waiting", "passed", "delivered", "exhausted", "kept", "resent"]
    )}  # fmt: skip
    young = orders.change(99)
    for status, one in made.items():
        known = "delivered" if status == "resent" else status
        TenantEvent.objects.filter(pk=one.pk).update(
            status=known, created_at=now - timedelta(days=31)
        )
    TenantEvent.objects.filter(pk=young.pk).update(status="delivered")
    common = {"endpoint_id": 1, "tenant_id": 1, "number": 1, "url": "", "duration_ms": 1,
              "outcome": "delivered"}  # fmt: skip
    for event_id, days in ((made["delivered"].pk, 31), (made["resent"].pk, 1)):
        CallbackAttempt.objects.create(
            event_id=event_id, created_at=now - timedelta(days=days), **common
        )
    assert prune_outbox(at=now) == 4
    left = set(TenantEvent.objects.values_list("pk", flat=True))
    assert left == {made[name].pk for name in ("waiting", "passed", "resent")} | {young.pk}
    assert [one.event_id for one in attempts()] == [made["resent"].pk]


@pytest.mark.django_db(transaction=True)
def test_who_is_told_to_stop_writes_down_what_it_sent_and_sends_no_more(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aside, "_ending", threading.Event())
    answering, told_to_stop = threading.Event(), threading.Event()

    def answer(handler: Handler) -> None:
        answering.set()
        assert told_to_stop.wait(10)
        plain(200, b"success")(handler)

    receiver.always = answer
    tenant = tenant_at(receiver.url)
    orders = Orders(tenant)
    for number in range(5):
        orders.change(number)
    tasks._swept.clear()
    send_callbacks()
    assert answering.wait(10)
    end_asides()
    told_to_stop.set()
    assert await_asides(10)
    assert len(receiver.came) == TenantEvent.objects.filter(status="delivered").count() == 1
    server = endpoint_of(tenant)
    assert server.lease_token is None
    assert server.due_at is not None
    assert server.due_at <= timezone.now()
    send_callbacks()
    assert len(receiver.came) == 1


def test_threads_that_few_calls_leave_free_are_used_while_the_others_take_their_time(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(targets.TENANTS, "deadline", 2.0)
    quick_was_told = threading.Event()

    def answer(handler: Handler) -> None:
        if handler.path == "/quick":
            quick_was_told.set()
        else:
            quick_was_told.wait(10)
        plain(200, b"success")(handler)

    receiver.always = answer
    for number in range(7):
        Orders(tenant_at(f"{receiver.url}/slow")).change(number)
    wake()
    quick = tenant_at(f"{receiver.url}/quick")
    Orders(quick).change(9)
    soon = timezone.now() + timedelta(seconds=0.2)
    CallbackEndpoint.objects.filter(tenant=quick).update(due_at=soon)
    assert drain(ENDPOINTS, threads=8, seconds=20) == 8
    assert {one.outcome for one in attempts()} == {"delivered"}

"""An order's events arrive in their order; one that is refused for long holds up nobody."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from accounts.models import CallbackEndpoint, TenantEvent
from accounts.services.outbox.owing import owe_event
from accounts.states import EventStatus
from tests.outbox.ground import Orders, endpoint_of, event, events_due_now, send, tenant_at
from tests.outbox.receiver import REFUSED, Handler, Receiver, plain
from tests.races import race

HOURS_72 = timedelta(hours=72)


@pytest.mark.django_db
def test_only_the_first_undelivered_event_of_an_order_is_due(receiver: Receiver) -> None:
    orders = Orders(tenant_at(receiver.url))
    made = [orders.change(1) for _ in range(3)]
    assert [event(one.pk).due_at is not None for one in made] == [True, False, False]
    receiver.answers["/"] = [REFUSED]
    send()
    assert receiver.told() == [("D1", 1)]
    assert [event(one.pk).due_at is not None for one in made] == [True, False, False]
    events_due_now(orders.tenant)
    send()
    assert receiver.told() == [("D1", 1), ("D1", 1), ("D1", 2), ("D1", 3)]
    assert not TenantEvent.objects.filter(due_at__isnull=False).exists()


@pytest.mark.django_db
def test_after_eight_answered_refusals_the_next_event_goes_ahead(receiver: Receiver) -> None:
    orders = Orders(tenant_at(receiver.url))
    refused, following = orders.change(1), orders.change(1)
    receiver.by_event = lambda told: REFUSED if told["sequence"] == 1 else None
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for tries in range(1, 9):
            assert event(following.pk).status == "waiting"
            clock.move_to(event(refused.pk).due_at or 0)
            send()
            assert event(refused.pk).refusals == tries
        row = event(refused.pk)
        assert (row.status, row.attempts) == ("passed", 8)
        assert row.due_at is not None
        assert row.due_at > timezone.now()
        assert event(following.pk).status == "delivered"
        # It keeps its schedule, holds up nobody, and is told when the tenant comes to terms.
        later = orders.change(1)
        send()
        assert event(later.pk).status == "delivered"
        receiver.by_event = lambda _told: None
        clock.move_to(event(refused.pk).due_at or 0)
        send()
    assert event(refused.pk).status == "delivered"
    assert [sequence for _, sequence in receiver.told()] == [1] * 8 + [2, 3, 1]


@pytest.mark.django_db
def test_what_is_refused_for_72_hours_is_given_up_and_said_so(receiver: Receiver) -> None:
    orders = Orders(tenant_at(receiver.url))
    refused = orders.change(1)
    orders.change(1)
    receiver.by_event = lambda told: REFUSED if told["order_no"] == "D1" else None
    with time_machine.travel(timezone.now(), tick=False) as clock:
        while (row := event(refused.pk)).due_at is not None:
            clock.move_to(row.due_at)
            # The server is well otherwise.
            orders.change(2)
            send()
        assert row.first_attempt_at is not None
        assert timezone.now() == row.first_attempt_at + HOURS_72
    assert row.status == "exhausted"
    assert row.refusals == row.attempts >= 11
    assert endpoint_of(orders.tenant).paused_at is None


@pytest.mark.django_db
def test_a_head_given_up_before_it_was_passed_over_lets_the_next_one_go(
    receiver: Receiver,
) -> None:
    orders = Orders(tenant_at(receiver.url))
    first, second = orders.change(1), orders.change(1)
    receiver.by_event = lambda told: plain(500) if told["sequence"] == 1 else None
    TenantEvent.objects.filter(pk=first.pk).update(first_attempt_at=timezone.now() - HOURS_72)
    send()
    assert event(first.pk).status == "exhausted"
    assert event(second.pk).status == "delivered"


@pytest.mark.django_db(transaction=True)
def test_an_event_owed_while_its_predecessor_is_finished_is_never_left_without_a_due_time(
    receiver: Receiver,
) -> None:
    orders = Orders(tenant_at(receiver.url))
    numbers = range(1, 13)
    for number in numbers:
        orders.change(number)

    def owe(number: int) -> None:
        with transaction.atomic():
            owe_event(orders.change_of(number, 2))

    race([send, *(lambda number=number: owe(number) for number in numbers)])
    send()
    owed = TenantEvent.objects.order_by("subject_id", "sequence")
    assert {one.status for one in owed} == {EventStatus.DELIVERED}
    assert len(owed) == 2 * len(numbers)
    for number in numbers:
        told = [sequence for order_no, sequence in receiver.told() if order_no == f"D{number}"]
        assert told == [1, 2]


# SQLite has one writer at a time: the other has committed or not begun.
@pytest.mark.engine("mariadb")
@pytest.mark.django_db(transaction=True)
def test_whoever_owes_the_next_event_first_is_waited_for(receiver: Receiver) -> None:
    """The finisher reads what follows only once it holds the row that the other held."""
    orders = Orders(tenant_at(receiver.url))
    first = orders.change(1)
    owed, answered = threading.Event(), threading.Event()

    def answer(handler: Handler) -> None:
        assert owed.wait(10)
        plain(200, b"success")(handler)
        answered.set()

    def owe() -> None:
        with transaction.atomic():
            owe_event(orders.change_of(1, 2))
            owed.set()
            assert answered.wait(10)
            # The finisher has all it needs by now, but for the row that is held here.
            threading.Event().wait(0.3)

    receiver.answers["/"] = [answer]
    race([send, owe])
    send()
    assert event(first.pk).status == "delivered"
    assert receiver.told() == [("D1", 1), ("D1", 2)]
    assert CallbackEndpoint.objects.get().due_at is None

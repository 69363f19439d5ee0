"""An event made to try a server is given up soon, and says nothing against the server."""

from __future__ import annotations

import pytest
import time_machine
from django.utils import timezone

from accounts.models import CallbackEndpoint, TenantEvent
from accounts.services.outbox.resending import send_test_event
from tests.outbox.ground import Orders, attempts, endpoint_of, event, send, tenant_at
from tests.outbox.receiver import REFUSED, Answer, Receiver, cut, plain

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("answer", [REFUSED, plain(500), plain(410)], ids=["-1", "500", "410"])
def test_a_trial_that_is_refused_once_is_over_and_pauses_nobody(
    receiver: Receiver, answer: Answer
) -> None:
    tenant = tenant_at(receiver.url)
    receiver.always = answer
    made = send_test_event(tenant_id=tenant.pk, is_test=False, at=timezone.now())
    send()
    row, server = event(made.pk), endpoint_of(tenant)
    assert (row.status, row.attempts, row.refusals, row.due_at) == ("exhausted", 1, 1, None)
    assert [one.outcome for one in attempts()] == ["refused"]
    assert (server.failures, server.failing_since, server.paused_at) == (0, None, None)
    assert server.last_attempt_at is not None


def test_a_trial_without_an_answer_is_made_three_times(receiver: Receiver) -> None:
    tenant = tenant_at(receiver.url)
    receiver.always = cut
    with time_machine.travel(timezone.now(), tick=False) as clock:
        made = send_test_event(tenant_id=tenant.pk, is_test=False, at=timezone.now())
        for tries in (1, 2, 3):
            send()
            assert event(made.pk).attempts == tries
            clock.move_to(event(made.pk).due_at or timezone.now())
    assert event(made.pk).status == "exhausted"
    server = endpoint_of(tenant)
    assert (server.failures, server.failing_since, server.due_at) == (0, None, None)
    assert len(receiver.came) == 3


def test_a_trial_does_not_speak_for_what_failed_beside_it_and_its_success_does(
    receiver: Receiver,
) -> None:
    tenant = tenant_at(receiver.url)
    receiver.always = plain(410)
    receiver.by_event = lambda told: REFUSED if told["event_type"] != "callback.test" else None
    bad = Orders(tenant).change(1)
    send_test_event(tenant_id=tenant.pk, is_test=False, at=timezone.now())
    send()
    server = endpoint_of(tenant)
    assert (server.failures, server.paused_at) == (1, None)
    assert server.failing_since == event(bad.pk).first_attempt_at
    receiver.always = plain(200, b"success")
    made = send_test_event(tenant_id=tenant.pk, is_test=False, at=timezone.now())
    CallbackEndpoint.objects.update(due_at=timezone.now())
    send()
    assert TenantEvent.objects.get(pk=made.pk).status == "delivered"
    assert (endpoint_of(tenant).failures, endpoint_of(tenant).failing_since) == (0, None)

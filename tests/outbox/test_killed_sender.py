"""A process killed in the middle of a call loses nothing: another goes on after its lease."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.models import CallbackEndpoint, TenantEvent
from accounts.services.outbox.sending import send_due
from accounts.states import EventStatus
from tests.outbox.ground import Orders, endpoint_of, tenant_at
from tests.outbox.receiver import TAKEN, Handler, Receiver
from tests.processes import environment

DEADLINE = 0.6
LEASE = 2 * 1.5 * DEADLINE
SENDER = (
    "import django; django.setup();"
    "from accounts.services.outbox.sending import send_due; send_due(seconds=5)"
)


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(60)
def test_what_a_killed_process_was_sending_arrives_within_its_lease_and_two_seconds(
    receiver: Receiver,
) -> None:
    tenant = tenant_at(receiver.url)
    orders = Orders(tenant)
    for order in (1, 2, 3, 1, 2):
        orders.change(order)
    sender = subprocess.Popen(
        [sys.executable, "-c", SENDER],
        cwd=settings.BASE_DIR,
        env=environment(
            DJANGO_SETTINGS_MODULE="config.settings", CALLBACK_DEADLINE_SECONDS=str(DEADLINE)
        ),
    )
    killed = threading.Event()

    def kill(handler: Handler) -> None:
        handler.close_connection = True
        os.kill(sender.pid, signal.SIGKILL)
        killed.set()

    receiver.answers["/"] = [TAKEN, kill]
    try:
        assert killed.wait(30), "it never sent a second event"
    finally:
        sender.kill()
        sender.wait()
    died = timezone.now()
    held = endpoint_of(tenant)
    assert held.lease_token is not None
    assert held.due_at is not None
    assert (held.due_at - died).total_seconds() <= LEASE
    # What it had been told was taken, it could not write down.
    assert set(TenantEvent.objects.values_list("status", "attempts")) == {("waiting", 0)}

    while TenantEvent.objects.exclude(status=EventStatus.DELIVERED).exists():
        assert (timezone.now() - died).total_seconds() < LEASE + 2, receiver.told()
        send_due(seconds=1)
        time.sleep(0.05)
    assert set(CallbackEndpoint.objects.values_list("lease_token", "due_at")) == {(None, None)}
    told = receiver.told()
    assert told[:2] == [("D1", 1), ("D2", 1)]
    assert sorted(told[2:]) == [("D1", 1), ("D1", 2), ("D2", 1), ("D2", 2), ("D3", 1)]
    for order in ("D1", "D2"):
        assert [one for one in told[2:] if one[0] == order] == [(order, 1), (order, 2)]

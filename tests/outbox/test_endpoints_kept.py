"""What a process remembers of endpoints is there: nothing is owed at one that was rolled back."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import CallbackEndpoint
from accounts.services.outbox.owing import owe_event, wake_endpoints
from config.kernel.work import finish
from tests.outbox.ground import Orders, endpoint_of, tenant_at
from tests.races import race


class Undone(Exception):
    """Of the test."""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("savepoint", [False, True], ids=["transaction", "savepoint"])
def test_an_endpoint_whose_making_was_undone_is_made_again(*, savepoint: bool) -> None:
    tenant = tenant_at("https://a.example.com/")
    orders = Orders(tenant)

    def owe_two_and_fail() -> None:
        with transaction.atomic():
            owe_event(orders.change_of(1, 1))
            owe_event(orders.change_of(2, 1))
            raise Undone

    if savepoint:
        with transaction.atomic():
            with pytest.raises(Undone):
                owe_two_and_fail()
            owe_event(orders.change_of(3, 1))
    else:
        with pytest.raises(Undone):
            owe_two_and_fail()
    made = orders.change(1)
    assert made.endpoint_id == endpoint_of(tenant).pk


@pytest.mark.django_db(transaction=True)
def test_who_wakes_an_endpoint_while_it_is_given_back_is_not_missed() -> None:
    """The finisher saw nothing due, and has not committed: the other's news came in between."""
    tenant = tenant_at("https://a.example.com/")
    Orders(tenant).change(1)
    key = endpoint_of(tenant).pk
    CallbackEndpoint.objects.update(
        lease_token="held", due_at=timezone.now() + timedelta(seconds=30)
    )
    locked = threading.Event()

    def give_back() -> None:
        with transaction.atomic():
            row = CallbackEndpoint.objects.select_for_update().get(pk=key)
            locked.set()
            threading.Event().wait(0.3)
            finish(row, token="held", due_at=None)

    def wake() -> None:
        assert locked.wait(10)
        wake_endpoints({key})

    assert race([give_back, wake]) == [None, None]
    assert endpoint_of(tenant).due_at is not None, connection.vendor

"""Who pauses all of its servers misses none that comes up at that very moment."""

from __future__ import annotations

import threading

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import CallbackEndpoint
from accounts.services.outbox.endpoints import pause_all
from accounts.services.outbox.owing import owe_event
from tests.outbox.ground import Orders, endpoint_of, tenant_at
from tests.races import race

ELSEWHERE = "https://b.example.com/"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["server", "pause"])
def test_a_server_that_comes_up_while_all_are_paused_is_paused(first: str) -> None:
    tenant = tenant_at("https://a.example.com/")
    orders = Orders(tenant)
    orders.change(1)
    own = endpoint_of(tenant).pk
    begun = threading.Event()

    def come_up() -> None:
        if first == "pause":
            assert begun.wait(10)
        with transaction.atomic():
            owe_event(orders.change_of(2, 1, url=ELSEWHERE))
            begun.set()
            threading.Event().wait(0.3)

    def pause() -> None:
        if first == "server":
            assert begun.wait(10)
        begun.set()
        pause_all(tenant_id=tenant.pk, is_test=False, reason="机房维护", at=timezone.now())

    assert race([come_up, pause]) == [None, None]
    rows = CallbackEndpoint.objects.order_by("host").values_list("pk", "host", "paused_reason")
    assert [(host, why) for _key, host, why in rows] == [
        ("", "机房维护"), ("b.example.com", "机房维护"),
    ]  # fmt: skip
    assert rows[0][0] == own

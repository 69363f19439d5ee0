"""Who pauses or resumes all of its servers misses none that comes up at that very moment."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import CallbackEndpoint
from accounts.services.outbox import endpoints
from accounts.services.outbox.endpoints import pause_all, resume_all, resume_endpoint
from accounts.services.outbox.owing import owe_event
from config.kernel.work.claims import again_if_deadlocked
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


def hosts() -> list[tuple[str, str | None]]:
    """Each endpoint, and why it is paused."""
    rows = CallbackEndpoint.objects.order_by("host").values_list("host", "paused_reason")
    return list(rows)


@pytest.mark.django_db(transaction=True)
def test_all_are_paused_while_the_first_of_a_tenant_comes_up_elsewhere() -> None:
    tenant = tenant_at("https://a.example.com/")
    orders, begun = Orders(tenant), threading.Event()

    def come_up() -> None:
        with transaction.atomic():
            owe_event(orders.change_of(2, 1, url=ELSEWHERE))
            begun.set()
            threading.Event().wait(0.5)

    def pause() -> None:
        assert begun.wait(10)
        pause_all(tenant_id=tenant.pk, is_test=False, reason="机房维护", at=timezone.now())

    assert race([come_up, pause]) == [None, None]
    assert hosts() == [("", "机房维护"), ("b.example.com", "机房维护")]


@pytest.mark.django_db(transaction=True)
def test_the_first_of_a_tenant_come_up_elsewhere_all_at_once() -> None:
    tenant = tenant_at("https://a.example.com/")
    orders = Orders(tenant)
    urls = [f"https://{name}.example.com/" for name in "bcde"]

    def come_up(number: int, url: str) -> None:
        with transaction.atomic():
            owe_event(orders.change_of(number, 1, url=url))

    def action(number: int, url: str) -> Any:
        return lambda: again_if_deadlocked(lambda: come_up(number, url))

    assert race([action(*one) for one in enumerate(urls)]) == [None] * 4
    assert hosts() == [("", None), *((f"{name}.example.com", None) for name in "bcde")]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["server", "resume"])
def test_a_server_that_comes_up_while_all_are_resumed_runs(
    first: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant = tenant_at("https://a.example.com/")
    orders, begun, listed = Orders(tenant), threading.Event(), threading.Event()
    orders.change(1)
    pause_all(tenant_id=tenant.pk, is_test=False, reason="机房维护", at=timezone.now())
    real = endpoints._endpoints

    def come_up() -> None:
        if first == "resume":
            assert listed.wait(10)
        with transaction.atomic():
            owe_event(orders.change_of(2, 1, url=ELSEWHERE))
            begun.set()
            threading.Event().wait(0.3 if first == "server" else 0)

    def listing(*args: Any, **more: Any) -> list[int]:
        """Where the resuming comes first, the server comes up between its list and its end."""
        found = real(*args, **more)
        listed.set()
        if first == "resume":
            assert begun.wait(10)
        return found

    def resume() -> None:
        if first == "server":
            assert begun.wait(10)
        resume_all(tenant_id=tenant.pk, is_test=False, at=timezone.now())

    monkeypatch.setattr(endpoints, "_endpoints", listing)
    assert race([come_up, resume]) == [None, None]
    assert hosts() == [("", None), ("b.example.com", None)]


@pytest.mark.django_db
def test_the_tenants_own_server_resumed_alone_leaves_all_others_paused() -> None:
    tenant = tenant_at("https://a.example.com/")
    orders = Orders(tenant)
    orders.change(1)
    orders.change(2, url=ELSEWHERE)
    pause_all(tenant_id=tenant.pk, is_test=False, reason="机房维护", at=timezone.now())
    resume_endpoint(endpoint_id=CallbackEndpoint.objects.get(host="").pk, at=timezone.now())
    orders.change(3, url="https://c.example.com/")
    assert hosts() == [("", None), ("b.example.com", "机房维护"), ("c.example.com", "机房维护")]
    resume_all(tenant_id=tenant.pk, is_test=False, at=timezone.now())
    orders.change(4, url="https://d.example.com/")
    assert [why for _host, why in hosts()] == [None] * 4

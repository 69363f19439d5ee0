"""Hot paths have a fixed number of statements: a new one is a decision, not an accident."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from config.kernel.work import drain
from config.sandbox import Sandbox
from logistics.models import ExpressOrder
from logistics.services.handling import CALLBACKS
from logistics.services.work import ORDERS
from tests.logistics.conftest import PARCEL, URL, content, only_order, post
from tests.signing import TenantClient

pytestmark = pytest.mark.django_db(transaction=True)
DML = ("SELECT", "INSERT", "UPDATE", "DELETE")


@contextmanager
def statements() -> Iterator[list[str]]:
    """DML only: how a transaction begins and ends differs between engines."""
    seen: list[str] = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().upper().startswith(DML):
            seen.append(sql)
        assert "SAVEPOINT" not in sql.upper(), sql
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield seen


def kinds(seen: list[str]) -> list[str]:
    return [sql.split()[0].upper() for sql in seen]


def test_creating_an_order(client: TenantClient) -> None:
    client.post(URL, PARCEL)  # warms the credential's cache
    with statements() as seen:
        assert client.post(URL, {**PARCEL, "tenant_order_no": "A-1"}).status_code == 201
    # nonce; booked before?; tenant; account; rule; quota look; order, detail; the hot row, last
    assert kinds(seen) == [
        "INSERT", "SELECT", "SELECT", "SELECT", "SELECT", "SELECT", "INSERT", "INSERT", "UPDATE",
    ]  # fmt: skip
    assert "platform_tenant_quota" in seen[-1]


def test_a_step_of_booking(client: TenantClient) -> None:
    client.post(URL, PARCEL)
    ExpressOrder.objects.update(
        receiver_province="浙江省", receiver_city="杭州市", receiver_district="余杭区"
    )
    with statements() as seen:
        assert drain(ORDERS, threads=1, most=1) == 1
    # due?; claim: ids, mark, read; account; call log; row under lock; write; give back
    assert kinds(seen) == [
        "SELECT", "SELECT", "UPDATE", "SELECT", "SELECT", "INSERT", "SELECT", "UPDATE", "UPDATE",
    ]  # fmt: skip


def test_receiving_a_callback(
    client: TenantClient, sandbox: Sandbox, work: Callable[..., None]
) -> None:
    client.post(URL, PARCEL)
    work()
    text = content(only_order(), "picked")
    with statements() as seen:
        assert post(text, sandbox.secret()).status_code == 200
    assert kinds(seen) == ["SELECT", "INSERT"]
    with statements() as seen:
        assert drain(CALLBACKS, most=1) == 1
    # due?; claim: ids, mark, read; record under lock; its order twice; order; note; give back
    assert kinds(seen) == [
        "SELECT", "SELECT", "UPDATE", "SELECT", "SELECT", "SELECT", "SELECT", "UPDATE", "UPDATE",
        "UPDATE",
    ]  # fmt: skip
    assert timezone.is_aware(only_order().pick_time or timezone.now())

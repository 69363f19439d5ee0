"""Hot paths have a fixed number of statements: a new one is a decision, not an accident."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.services.outbox.owing import endpoint_for
from config.kernel.work import drain
from config.sandbox import Sandbox
from logistics.models import CallLog
from logistics.services.handling import CALLBACKS
from logistics.services.work import ORDERS
from quotas.models import TenantQuota
from quotas.services.hot_row import PLENTY
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
    client.post(URL, PARCEL)  # key, account and rule are kept for some seconds
    with statements() as seen:
        assert client.post(URL, {**PARCEL, "tenant_order_no": "A-1"}).status_code == 201
    # nonce; quota look; order, detail; the hot row, last
    assert kinds(seen) == ["INSERT", "SELECT", "INSERT", "INSERT", "UPDATE"]
    assert "platform_tenant_quota" in seen[-1]


def test_creating_an_order_with_plenty_of_units_left(client: TenantClient) -> None:
    TenantQuota.objects.update(monthly_free_quota=PLENTY + 10)
    client.post(URL, PARCEL)
    with statements() as seen:
        assert client.post(URL, {**PARCEL, "tenant_order_no": "A-1"}).status_code == 201
    assert kinds(seen) == ["INSERT", "INSERT", "INSERT", "UPDATE"]
    assert "platform_tenant_quota" in seen[-1]


# due?; claim: ids, mark, read
CLAIM = ["SELECT", "SELECT", "UPDATE", "SELECT"]
# call log; row under lock; write; give back
FINISH = ["INSERT", "SELECT", "UPDATE", "UPDATE"]
INTENT = ["UPDATE"]
# A move is owed to the tenant (is an earlier event waiting?), whose endpoint is woken after the
# commit.
TELL, WAKE = ["SELECT", "INSERT"], ["UPDATE"]
FIRST_TELL = ["INSERT"]


def test_each_step_of_an_order(client: TenantClient, sandbox: Sandbox) -> None:
    client.post(URL, PARCEL)
    for _ in "made", "kept":
        endpoint_for(tenant_id=only_order().tenant_id or 0, is_test=False)

    def step() -> tuple[str, list[str]]:
        with statements() as seen:
            assert drain(ORDERS, threads=1, most=1) == 1
        return str(CallLog.objects.latest("id").api_method), kinds(seen)

    # The account is read besides, and kept from here on.
    assert step() == ("ADDRLIB_DIV_FULLPARSE", [*CLAIM, "SELECT", *FINISH])
    assert step() == ("TMS_DISPATCH_FIND_SEND_BRANCH", [*CLAIM, *FINISH])
    # Before the call its intent; after it, besides: the quota's lines learn the waybill,
    first = ["INSERT", "SELECT", "UPDATE", *FIRST_TELL, "UPDATE", "UPDATE", *WAKE]
    assert step() == ("TMS_WAYBILL_GET", [*CLAIM, *INTENT, *first])
    # and callbacks that came too early are woken.
    assert step() == ("TMS_CREATE_ORDER_OFFLINE_NOTIFY", [*CLAIM, *INTENT, *FINISH, "UPDATE"])
    assert only_order().status == "waybill_created"

    client.post(f"{URL}/{only_order().order_no}/cancel", {"reason": "不要了"})
    method, seen = step()
    # The unit goes back: read the line and the row, write the returning line, the hot row.
    returning = ["SELECT", "SELECT", "INSERT", "UPDATE"]
    told = ["INSERT", "SELECT", "UPDATE", *TELL, *returning, "UPDATE", *WAKE]
    assert seen == [*CLAIM, *INTENT, *told]
    assert (method, only_order().status) == ("TMS_ORDER_CANCEL", "cancelled")


def test_receiving_a_callback(
    client: TenantClient, sandbox: Sandbox, work: Callable[..., None]
) -> None:
    client.post(URL, PARCEL)
    work()
    text = content(only_order(), "picked")
    post(content(only_order(), "dispatched"), sandbox.secret())  # the accounts are kept
    work()
    with statements() as seen:
        assert post(text, sandbox.secret()).status_code == 200
    assert kinds(seen) == ["INSERT"]
    with statements() as seen:
        assert drain(CALLBACKS, most=1) == 1
    # due?; claim: ids, mark, read; record under lock; its order; order; note and give back
    assert kinds(seen) == [
        "SELECT", "SELECT", "UPDATE", "SELECT", "SELECT", "SELECT", "UPDATE", *TELL, "UPDATE",
        *WAKE,
    ]  # fmt: skip
    assert timezone.is_aware(only_order().pick_time or timezone.now())

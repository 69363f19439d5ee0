"""A database that is away or full is said as "not now" (503), at every door and in its form."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.db import DatabaseError, InterfaceError, OperationalError, connection

from accounts.authentication.signature import forget_cached_credentials
from accounts.models import IdempotencyKey
from config.kernel.api.envelope import as_refusal
from config.kernel.errors import Internal, Unavailable
from logistics.models import ExpressOrder
from tests.logistics.conftest import (  # noqa: F401 - fixtures
    PARCEL,
    URL,
    account,
    client,
    content,
    post,
    sandbox,
    tenant,
    world,
)
from tests.signing import TenantClient

pytestmark = pytest.mark.django_db(transaction=True)
KEY = {"Idempotency-Key": "once"}
INSERT_ORDER = ("INSERT INTO `platform", 'INSERT INTO "platform')
Away = Callable[..., AbstractContextManager[Any]]


def gone(*_: Any) -> Any:
    """What Django raises of a MariaDB server that was killed."""
    raise OperationalError(2006, "Server has gone away")


@pytest.fixture
def away() -> Away:
    """The database answers no statement that begins with one of the words, from the n-th on."""

    def refuse(*words: str, after: int = 0) -> AbstractContextManager[Any]:
        seen = 0

        def wrapper(execute: Any, sql: str, params: Any, many: Any, context: Any) -> Any:
            nonlocal seen
            if sql.startswith(words):
                seen += 1
                if seen > after:
                    gone()
            return execute(sql, params, many, context)

        return connection.execute_wrapper(wrapper)

    return refuse


@pytest.mark.parametrize(
    "words",
    [("",), ("INSERT INTO",), ("UPDATE", "DELETE", *INSERT_ORDER)],
    ids=["from the start", "at the first write", "while booking"],
)  # fmt: skip
def test_a_booking_is_refused_with_503_and_booked_when_it_is_repeated(
    client: TenantClient, away: Away, words: tuple[str, ...]  # noqa: F811
) -> None:  # fmt: skip
    forget_cached_credentials()
    with away(*words):
        answer = client.post(URL, PARCEL, extra=KEY)
    assert (answer.status_code, answer.json()["error"]) == (503, "unavailable")
    assert int(answer["Retry-After"]) > 0
    assert not ExpressOrder.objects.exists()
    # The claim of the first try could not be given back: it runs out, as a dead process's does.
    IdempotencyKey.objects.update(locked_until="2026-01-01T00:00Z")
    assert client.post(URL, PARCEL, extra=KEY).status_code == 201


def test_a_booking_that_is_committed_is_acknowledged_though_its_answer_cannot_be_kept(
    client: TenantClient, away: Away  # noqa: F811
) -> None:  # fmt: skip
    with away("UPDATE `accounts_idem", 'UPDATE "accounts_idem'):
        answer = client.post(URL, PARCEL, extra=KEY)
    assert answer.status_code == 201
    order = ExpressOrder.objects.get()
    assert order.order_no == answer.json()["data"]["order_no"]
    IdempotencyKey.objects.update(locked_until="2026-01-01T00:00Z")
    again = client.post(URL, PARCEL, extra=KEY)
    assert (again.status_code, again.json()["data"]["order_no"]) == (200, order.order_no)


def test_a_batch_that_met_an_outage_keeps_no_answer_and_books_nothing_twice(
    client: TenantClient, away: Away  # noqa: F811
) -> None:  # fmt: skip
    batch = {"items": [{**PARCEL, "remark": "一"}, {**PARCEL, "remark": "二"}]}
    with away(*INSERT_ORDER, after=2):  # the first one's order and detail
        answer = client.post(f"{URL}/batch", batch, extra=KEY)
    assert (answer.status_code, answer.json()["error"]) == (503, "unavailable")
    assert ExpressOrder.objects.count() == 1
    again = client.post(f"{URL}/batch", batch, extra=KEY)
    assert (again.status_code, again.json()["data"]["refused"]) == (200, 0)
    assert [item["created"] for item in again.json()["data"]["items"]] == [False, True]
    assert ExpressOrder.objects.count() == 2


def test_a_connection_that_the_driver_finds_broken_is_an_outage_too(
    client: TenantClient, monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:  # fmt: skip
    def broken(**_: Any) -> None:
        raise InterfaceError(0, "")

    monkeypatch.setattr("accounts.services.idempotency.keep_answer", broken)
    assert client.post(URL, PARCEL, extra=KEY).status_code == 201
    monkeypatch.setattr("logistics.callbacks.receive_callback", broken)
    assert post(content(None, "GOT", orderCode="LP1"), "secret").status_code == 503


def test_a_callback_is_refused_in_its_own_form_so_that_it_comes_again(
    sandbox: Any, account: Any, away: Away  # noqa: F811
) -> None:  # fmt: skip
    pushed = content(None, "GOT", orderCode="LP1", tradeOrderNo="EX1")
    with away("INSERT INTO"):
        answer = post(pushed, sandbox.secret())
    assert (answer.status_code, answer.json()["success"]) == (503, False)
    assert int(answer["Retry-After"]) > 0
    assert post(pushed, sandbox.secret()).json() == {"success": True}


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (OperationalError(2002, "no socket"), Unavailable),
        (OperationalError(2013, "lost"), Unavailable),
        (OperationalError(1114, "table is full"), Unavailable),
        (OperationalError(1054, "unknown column"), Internal),
        (DatabaseError("?"), Internal),
        (RuntimeError(2006), Internal),
    ],
)
def test_only_what_passes_by_itself_is_not_now(error: Exception, kind: type) -> None:
    assert type(as_refusal(error)) is kind


@pytest.mark.parametrize(
    ("sql", "kind"), [("PRAGMA max_page_count = 1; CREATE TABLE t (a)", Unavailable),
                      ("SELECT nothing FROM nowhere", Internal)],
)  # fmt: skip
def test_a_full_sqlite_is_not_now_and_a_missing_table_is_a_defect(sql: str, kind: type) -> None:
    plain = sqlite3.connect(":memory:")
    try:
        with pytest.raises(sqlite3.OperationalError) as caught:
            plain.executescript("CREATE TABLE s (a);" + sql)
    finally:
        plain.close()
    error = OperationalError(str(caught.value))
    error.__cause__ = caught.value
    assert type(as_refusal(error)) is kind

"""The engine says less around a transaction and promises the same."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator

import pytest
from django.db import OperationalError, close_old_connections, connection, connections, transaction
from django.db.backends.mysql import base as stock

from accounts.models import User
from config.kernel.api.outages import is_outage
from config.kernel.mysql import base

pytestmark = [pytest.mark.engine("mariadb"), pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _asked_just_now() -> Iterator[None]:
    """As a request finds it: open, with health checks, asked a moment ago."""
    connection.ensure_connection()
    connection.health_check_enabled = True
    close_old_connections()
    assert connection.is_usable()
    yield
    connection.close()


def ours() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT CONNECTION_ID()")
        return int(cursor.fetchone()[0])


def kill() -> None:
    """Have the server end our connection, from another."""
    mine, other = ours(), connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute(f"KILL {mine}")
    finally:
        other.close()
    time.sleep(0.05)


def words() -> int:
    """How many statements this connection has sent, this one counted."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW SESSION STATUS LIKE 'Questions'")
        return int(cursor.fetchone()[1])


def make(name: str) -> None:
    User.objects.create(username=name)


def make_and_fail(name: str) -> None:
    with transaction.atomic():
        make(name)
        raise ZeroDivisionError


def make_around_a_break() -> None:
    with transaction.atomic():
        make("lost")
        kill()
        make("never")


def names() -> set[str]:
    return set(User.objects.values_list("username", flat=True))


def test_a_transaction_costs_two_words_besides_its_statements() -> None:
    before = words()
    with transaction.atomic():
        make("one")
    assert words() - before == 1 + 3  # itself; BEGIN, INSERT, COMMIT


def test_a_transaction_is_whole_or_nothing_and_autocommit_is_as_before() -> None:
    with pytest.raises(ZeroDivisionError):
        make_and_fail("gone")
    make("stays")
    with transaction.atomic():
        make("outer")
        with pytest.raises(ZeroDivisionError):
            make_and_fail("inner")
    connection.close()  # whatever was not committed would be lost
    assert names() == {"stays", "outer"}


def test_others_see_nothing_before_commit() -> None:
    other = connections.create_connection("default")
    try:
        with transaction.atomic():
            make("one")
            with other.cursor() as cursor:
                cursor.execute(f"SELECT COUNT(*) FROM {User._meta.db_table}")
                assert cursor.fetchone() == (0,)
    finally:
        other.close()


def test_a_transaction_on_a_broken_connection_begins_on_a_new_one() -> None:
    kill()
    with transaction.atomic():
        make("one")
    assert names() == {"one"}


def test_a_broken_connection_is_found_before_a_request_reads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(base, "TRUSTED_SECONDS", 0.0)
    assert connection.is_usable()
    kill()
    close_old_connections()
    assert names() == set()


def test_one_that_breaks_while_it_is_trusted_fails_once_and_never_again() -> None:
    kill()
    close_old_connections()
    with pytest.raises(OperationalError):
        names()
    close_old_connections()  # as after each request
    assert names() == set()


def test_nothing_is_begun_again_in_the_middle() -> None:
    with pytest.raises(OperationalError):
        make_around_a_break()
    close_old_connections()
    assert names() == set()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For each time the server is asked whether it is there: whether in a transaction."""
    seen: list[bool] = []
    ask = stock.DatabaseWrapper.is_usable

    def is_usable(self: stock.DatabaseWrapper) -> bool:
        seen.append(self.in_atomic_block)
        return ask(self)

    monkeypatch.setattr(stock.DatabaseWrapper, "is_usable", is_usable)
    return seen


@pytest.mark.parametrize(("trusted", "questions"), [(60.0, 0), (0.0, 5)])
def test_asking_is_not_repeated_within_the_time_of_trust(
    monkeypatch: pytest.MonkeyPatch, asked: list[bool], trusted: float, questions: int
) -> None:
    monkeypatch.setattr(base, "TRUSTED_SECONDS", trusted)
    assert connection.is_usable()
    asked.clear()
    for _ in range(5):
        close_old_connections()
        names()
    assert asked == [False] * questions


def test_nobody_asks_in_the_middle_of_a_transaction(
    monkeypatch: pytest.MonkeyPatch, asked: list[bool]
) -> None:
    monkeypatch.setattr(base, "TRUSTED_SECONDS", 0.1)
    assert connection.is_usable()
    close_old_connections()
    asked.clear()
    with transaction.atomic():
        make("one")
        time.sleep(0.2)
        make("two")
    assert asked == []


def break_late() -> None:
    with transaction.atomic():
        make("lost")
        kill()
        time.sleep(0.2)
        make("never")


def test_a_break_in_the_middle_is_an_outage_however_late(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(base, "TRUSTED_SECONDS", 0.1)
    assert connection.is_usable()
    close_old_connections()
    with pytest.raises(OperationalError) as broken:
        break_late()
    assert is_outage(broken.value)


def update_both(first: str, second: str, meet: threading.Barrier) -> None:
    """Lock two rows in this order; both sides hold their first before they ask for the second."""
    with transaction.atomic():
        User.objects.filter(username=first).update(first_name="x")
        make(f"more-{first}")
        meet.wait(10)
        with contextlib.suppress(OperationalError):
            list(User.objects.select_for_update().filter(username=second))
        make(f"after-{first}")


def test_a_deadlocks_victim_writes_nothing_more() -> None:
    make("a")
    make("b")
    meet = threading.Barrier(2)
    ended: dict[str, str] = {}

    def run(first: str, second: str) -> None:
        try:
            update_both(first, second, meet)
            ended[first] = "committed"
        except transaction.TransactionManagementError:
            ended[first] = "refused"
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in (("a", "b"), ("b", "a"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ended.values()) == ["committed", "refused"]
    (winner,) = (name for name, end in ended.items() if end == "committed")
    assert names() == {"a", "b", f"more-{winner}", f"after-{winner}"}

"""The engine says less around a transaction and promises the same."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from django.db import OperationalError, close_old_connections, connection, connections, transaction

from accounts.models import User
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


def test_asking_is_not_repeated_within_the_time_of_trust() -> None:
    ours()
    before = words()
    for _ in range(5):
        close_old_connections()
        names()
    asked = words() - before - 1 - 5
    assert asked == 0

"""Whoever owes an event wakes its endpoint once the transaction is through, and not before."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import suppress
from unittest import mock

import pytest
from django.db import transaction

from accounts.models import CallbackEndpoint, Tenant
from accounts.services.outbox import owing
from accounts.services.outbox.owing import owe_event
from tests.outbox.ground import Orders, tenant_at

_orders = itertools.count(1)


class Undone(Exception):
    """Of the test."""


@pytest.fixture
def told() -> Iterator[mock.Mock]:
    """How often a worker was told of work; no worker runs."""
    with mock.patch.object(owing, "hand_over") as one:
        yield one


@pytest.fixture
def tenants() -> list[Tenant]:
    """Two, whose endpoints are there and sleep."""
    made = [tenant_at(f"https://{name}.example.com/") for name in "ab"]
    for tenant in made:
        owing.endpoint_for(tenant_id=tenant.pk, is_test=False)
    return made


def awake() -> list[int]:
    rows = CallbackEndpoint.objects.filter(due_at__isnull=False)
    return list(rows.values_list("tenant_id", flat=True).order_by("pk"))


def owe(tenant: Tenant) -> None:
    owe_event(Orders(tenant).change_of(next(_orders), 1))


def owe_and_fail(tenant: Tenant) -> None:
    with suppress(Undone), transaction.atomic():
        owe(tenant)
        raise Undone


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_savepoint_costs_no_wake_of_what_is_owed_outside_it(
    told: mock.Mock, tenants: list[Tenant]
) -> None:
    first, second = tenants
    with transaction.atomic():
        owe_and_fail(first)
        owe(second)
        assert awake() == []
    assert second.pk in awake()
    assert told.call_count == 1


@pytest.mark.django_db(transaction=True)
def test_what_was_owed_before_a_savepoint_that_is_rolled_back_is_woken(
    told: mock.Mock, tenants: list[Tenant]
) -> None:
    first, second = tenants
    with transaction.atomic():
        owe(first)
        owe_and_fail(second)
    assert first.pk in awake()
    assert told.call_count == 1


@pytest.mark.django_db(transaction=True)
def test_a_savepoint_inside_one_that_is_rolled_back_does_not_speak_for_others(
    told: mock.Mock, tenants: list[Tenant]
) -> None:
    first, second = tenants
    with transaction.atomic():
        with suppress(Undone), transaction.atomic():
            with transaction.atomic():
                owe(first)
            raise Undone
        with transaction.atomic():
            owe(second)
    assert second.pk in awake()
    assert told.call_count == 1


@pytest.mark.django_db(transaction=True)
def test_what_is_undone_altogether_wakes_nobody(told: mock.Mock, tenants: list[Tenant]) -> None:
    first, second = tenants
    with suppress(Undone), transaction.atomic():
        owe(first)
        raise Undone
    with transaction.atomic():
        owe_and_fail(second)
    assert awake() == []
    assert told.call_count == 0
    with transaction.atomic():
        owe(second)
    assert awake() == [second.pk]


@pytest.mark.django_db(transaction=True)
def test_one_statement_wakes_all_that_a_transaction_owes_in_savepoints_or_not(
    told: mock.Mock, tenants: list[Tenant]
) -> None:
    with mock.patch.object(owing, "wake_endpoints", wraps=owing.wake_endpoints) as wake:
        with transaction.atomic():
            owe(tenants[0])
            for tenant in tenants:
                with transaction.atomic():
                    owe(tenant)
            owe(tenants[1])
        assert wake.call_count == 1
    assert awake() == [tenant.pk for tenant in tenants]
    assert told.call_count == 1


@pytest.mark.django_db(transaction=True)
def test_a_block_used_again_is_another_transaction(told: mock.Mock, tenants: list[Tenant]) -> None:
    @transaction.atomic
    def owe_to(tenant: Tenant) -> None:
        owe(tenant)

    for tenant in tenants:
        owe_to(tenant)
    assert awake() == [tenant.pk for tenant in tenants]
    assert told.call_count == 2


@pytest.mark.django_db
def test_inside_a_test_case_alone_there_is_no_transaction_to_wait_for(
    told: mock.Mock, tenants: list[Tenant]
) -> None:
    owe(tenants[0])
    assert awake() == [tenants[0].pk]
    assert told.call_count == 1

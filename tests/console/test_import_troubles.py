"""Two who confirm, workers that die, a database that goes: each line is booked once and counted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from accounts.models import Tenant
from config.kernel.work import drain
from logistics.models import ExpressOrder, OrderImport, OrderImportLine
from logistics.services import import_slices, imports
from logistics.services.import_slices import IMPORTS
from logistics.services.imports import (
    confirm_import,
    discard_import,
    stop_import,
)
from quotas.models import TenantQuota
from tests.console.importing import (
    book,
    detail,
    line,
    outcomes,
    preview,
    said,
)
from tests.factories import AccountFactory, QuotaFactory, RuleFactory
from tests.races import race

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def tenant() -> Tenant:
    AccountFactory()
    RuleFactory()
    return QuotaFactory(monthly_free_quota=20_000).tenant


def test_of_two_who_confirm_at_once_one_wins_and_the_other_is_told(tenant: Tenant) -> None:
    for number in range(4):
        made = preview(tenant, line(number))
        results = race(
            [
                lambda by=by, pk=made.pk: confirm_import(  # type: ignore[misc]
                    import_id=pk, by=by, at=timezone.now()
                )
                for by in (1, 2, 3)
            ]
        )
        won = [result for result in results if isinstance(result, OrderImport)]
        told = [str(result) for result in results if isinstance(result, Exception)]
        assert (len(won), len(told)) == (1, 2), results
        assert all("可能已由其他人处理" in text for text in told)
        made.refresh_from_db()
        assert made.confirmed_by == won[0].confirmed_by
    book()
    assert ExpressOrder.objects.count() == 4


def test_a_worker_killed_between_booking_and_noting_books_nothing_twice_and_counts_right(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = preview(tenant, line(1), line(2))
    confirm_import(import_id=made.pk, by=7, at=timezone.now())

    def die(*_: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr("config.kernel.work.finishing._apply", die)
        with pytest.raises(KeyboardInterrupt):
            drain(IMPORTS, threads=1)
    assert ExpressOrder.objects.count() == 2
    made.refresh_from_db()
    assert made.handled_lines == 0
    with time_machine.travel(timezone.now() + IMPORTS.lease * 2):
        book()
    made.refresh_from_db()
    assert (made.status, made.created_lines, made.existing_lines) == ("done", 2, 0)
    assert ExpressOrder.objects.count() == TenantQuota.objects.get().monthly_used == 2


def test_a_line_that_breaks_us_is_refused_and_the_others_are_booked(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = preview(tenant, line(1), line(2), line(3))
    confirm_import(import_id=made.pk, by=None, at=timezone.now())
    real = import_slices.book_order

    def breaking(**wish: Any) -> Any:
        if wish["draft"].tenant_order_no == "A-2":
            raise ZeroDivisionError
        return real(**wish)

    monkeypatch.setattr(import_slices, "book_order", breaking)
    book()
    made.refresh_from_db()
    assert (made.status, made.created_lines, made.refused_lines) == ("done", 2, 1)


def test_a_database_that_is_away_costs_no_line(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = preview(tenant, line(1))
    confirm_import(import_id=made.pk, by=None, at=timezone.now())

    def away(**_: Any) -> Any:
        raise OperationalError(2006, "gone away")

    with monkeypatch.context() as broken:
        broken.setattr(import_slices, "book_order", away)
        drain(IMPORTS, threads=1, most=1)
    made.refresh_from_db()
    assert (made.status, made.handled_lines) == ("running", 0)
    with time_machine.travel(timezone.now() + timedelta(minutes=5)):
        book()
    made.refresh_from_db()
    assert made.created_lines == 1


def test_a_stopped_import_books_no_more_and_keeps_what_was_booked(
    admin_client: Client, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_slices, "SLICE_LINES", 1)
    made = preview(tenant, line(1), line(2), line(3))
    detail(admin_client, made, "confirm")
    drain(IMPORTS, threads=1, most=1)
    detail(admin_client, made, "stop")
    book()
    made.refresh_from_db()
    assert (made.status, made.created_lines, made.due_at) == ("stopped", 1, None)
    assert outcomes() == {2: "created", 3: "waiting", 4: "waiting"}
    assert not OrderImportLine.objects.filter(draft__isnull=False).exists()
    assert "不能再执行此操作" in said(detail(admin_client, made, "confirm"))
    assert ExpressOrder.objects.count() == 1


def test_a_discarded_file_is_gone(admin_client: Client, tenant: Tenant) -> None:
    made = preview(tenant, line(1))
    assert detail(admin_client, made, "discard").status_code == 200
    assert not OrderImport.objects.exists()
    assert not OrderImportLine.objects.exists()
    assert detail(admin_client, made).status_code == 404


def test_a_confirmed_file_cannot_be_discarded(tenant: Tenant) -> None:
    made = preview(tenant, line(1))
    confirm_import(import_id=made.pk, by=None, at=timezone.now())
    with pytest.raises(imports.ImportMoved):
        discard_import(import_id=made.pk)
    with pytest.raises(imports.ImportMoved):
        confirm_import(import_id=made.pk, by=None, at=timezone.now())
    book()
    with pytest.raises(imports.ImportMoved):
        stop_import(import_id=made.pk, at=timezone.now())
    assert OrderImport.objects.get().status == "done"


def test_what_a_worker_booked_before_it_died_counts_in_a_stopped_import(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = preview(tenant, *(line(number) for number in range(1, 4)))
    made = confirm_import(import_id=made.pk, by=None, at=timezone.now())
    monkeypatch.setattr(import_slices, "SLICE_LINES", 2)
    import_slices.book_slice(made)
    # The worker dies here: nothing is noted. And somebody stops the import.
    stop_import(import_id=made.pk, at=timezone.now())
    book()
    made.refresh_from_db()
    assert (made.status, made.created_lines, made.due_at) == ("stopped", 2, None)
    assert outcomes() == {2: "created", 3: "created", 4: "waiting"}
    noted = OrderImportLine.objects.exclude(order_no=None).values_list("order_no", flat=True)
    assert set(noted) == set(ExpressOrder.objects.values_list("order_no", flat=True))
    assert not OrderImportLine.objects.filter(draft__isnull=False).exists()

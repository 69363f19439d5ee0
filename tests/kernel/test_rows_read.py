"""Rows read by their template are the rows that a queryset gives, on both engines."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import CallbackAttempt, CallbackEndpoint, RequestNonce, Tenant
from accounts.states import AttemptOutcome
from config.kernel.rows import insert, insert_all, read
from logistics.models import ExpressOrder
from tests.factories import TenantFactory
from tests.kernel.test_rows import AT, NONCE, ORDER, ROWS

pytestmark = pytest.mark.django_db(transaction=True)


def held(row: models.Model) -> dict[str, Any]:
    return {name: value for name, value in vars(row).items() if not name.startswith("_")}


@pytest.mark.parametrize(("model", "columns", "other"), ROWS)
def test_it_reads_what_a_queryset_reads(
    model: type[models.Model], columns: dict[str, Any], other: dict[str, Any]
) -> None:
    pk = insert(model, columns | other).pk
    expected = model._default_manager.get(pk=pk)
    (found,) = read(model, {"pk": pk})
    assert held(found) == held(expected)
    assert {name: type(value) for name, value in held(found).items()} == {
        name: type(value) for name, value in held(expected).items()
    }
    assert (found, found._state.adding, found._state.db) == (expected, False, "default")
    found.save()  # as any row that was read


def test_secrets_come_decrypted_and_lists_as_lists() -> None:
    tenant = TenantFactory(callback_hosts=["a.example.com"], previous_secret_until=AT)
    (found,) = read(Tenant, {"platform_code": tenant.platform_code})
    assert held(found) == held(Tenant.objects.get(pk=tenant.pk))
    assert found.callback_secret == tenant.callback_secret
    assert found.callback_hosts == ["a.example.com"]


def test_nothing_is_found_as_nothing() -> None:
    assert read(Tenant, {"pk": 0}) == []


def test_order_bounds_and_number_are_the_querysets() -> None:
    for number in range(6):
        due = AT + timedelta(seconds=number % 3)
        row = {"order_no": f"E{number}", "tenant_order_no": f"T{number}", "due_at": due}
        insert(ExpressOrder, ORDER | row)
    until = AT + timedelta(seconds=1)
    where: dict[str, Any] = {"tenant_id": 7, "due_at__lte": until}
    expected = ExpressOrder.objects.filter(**where).order_by("due_at", "pk")
    assert len(expected) == 4
    assert read(ExpressOrder, where, order=("due_at", "pk")) == list(expected)
    assert read(ExpressOrder, where, order=("due_at", "pk"), most=3) == list(expected[:3])
    assert read(ExpressOrder, where | {"tenant_id": 8}, order=("due_at", "pk")) == []


def test_booleans_and_foreign_keys_are_asked_for_by_value() -> None:
    tenant = TenantFactory()
    for is_test in (False, True):
        columns = {"tenant_id": tenant.pk, "is_test": is_test, "host": "", "created_at": AT}
        insert(CallbackEndpoint, columns)
    (found,) = read(CallbackEndpoint, {"tenant_id": tenant.pk, "is_test": True})
    assert found.is_test is True


def test_a_column_that_is_none_is_refused() -> None:
    with pytest.raises(KeyError, match="nounce"):
        read(RequestNonce, {"nounce": "n"})


def statement(*, lock: bool) -> str:
    with transaction.atomic(), CaptureQueriesContext(connection) as asked:
        read(Tenant, {"pk": 1}, lock=lock)
    (query,) = asked.captured_queries
    return str(query["sql"])


@pytest.mark.engine("mariadb")
def test_a_locked_read_locks() -> None:
    assert statement(lock=True).endswith(" FOR UPDATE")
    assert "FOR UPDATE" not in statement(lock=False)


@pytest.mark.engine("sqlite")
def test_sqlite_locks_by_the_transaction() -> None:
    assert "FOR UPDATE" not in statement(lock=True)


def test_many_rows_are_what_each_would_be() -> None:
    one: dict[str, Any] = {
        "event_id": 1, "endpoint_id": 2, "tenant_id": 3, "number": 1, "url": "https://a/中",
        "outcome": AttemptOutcome.DELIVERED, "http_status": 200, "duration_ms": 5,
        "answer": "success", "error": None, "created_at": AT,
    }  # fmt: skip
    two = one | {"outcome": AttemptOutcome.NO_ANSWER, "http_status": None, "answer": None,
                 "error": "没有应答 %s", "number": 2}  # fmt: skip
    insert_all(CallbackAttempt, [one, two])
    saved = [CallbackAttempt.objects.create(**each) for each in (one, two)]
    written = CallbackAttempt.objects.order_by("pk")[:2]
    for row, like in zip(written, saved, strict=True):
        like.refresh_from_db()
        assert held(row) == held(like) | {"id": row.pk}


def test_many_rows_are_written_all_or_none() -> None:
    insert_all(RequestNonce, [])
    with pytest.raises(IntegrityError):
        insert_all(RequestNonce, [NONCE, NONCE])
    assert not RequestNonce.objects.exists()

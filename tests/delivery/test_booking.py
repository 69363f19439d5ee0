"""A delivery is booked once, whole, and asks nobody; the hot path has four statements."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.errors import TenantSuspended
from accounts.models import Tenant
from config.kernel import keeping
from config.kernel.keeping import Kept
from delivery.errors import DeliveryDiffers, PriceUnknown
from delivery.models import DeliveryOrder, DeliveryStep
from delivery.services.booking import Booked, book_delivery
from delivery.services.drafts import read_draft, read_external_draft
from delivery.services.settings import save_settings
from tests.delivery.asking import ORDER, Backend
from tests.factories import TenantFactory, issue
from tests.races import race

DML = ("SELECT", "INSERT", "UPDATE", "DELETE")


def book(tenant: Tenant, *, is_test: bool = False, **changes: Any) -> Booked:
    return book_delivery(
        draft=read_external_draft({**ORDER, **changes}),
        tenant_id=tenant.pk,
        is_test=is_test,
        at=timezone.now(),
    )


@contextmanager
def statements() -> Iterator[list[str]]:
    seen: list[str] = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().upper().startswith(DML):
            seen.append(sql.split(maxsplit=1)[0].upper())
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield seen


@pytest.mark.django_db
def test_receiving_takes_two_inserts_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    # However slow this machine is, what is kept for some seconds is kept.
    monkeypatch.setattr(keeping, "time", SimpleNamespace(monotonic=lambda: 0.0))
    tenant = TenantFactory()
    backend = Backend(tenant.platform_code, issue(tenant)[1])
    backend.receive(external_order_no="A-0")  # key, tenant and settings are kept
    with statements() as seen:
        assert backend.receive(external_order_no="A-1").json()["code"] == 0
    assert seen == ["INSERT", "INSERT"]
    with statements() as seen:
        assert backend.receive(external_order_no="A-1").json()["code"] == 0
    # The tries at inserting it, and whether it was booked before.
    assert seen == ["INSERT", "SELECT", "SELECT"]


@pytest.mark.django_db(transaction=True)
def test_of_sixteen_identical_requests_one_makes_the_order() -> None:
    tenant = TenantFactory()
    outcomes = race([lambda: book(tenant)] * 16)
    assert [type(outcome) for outcome in outcomes] == [Booked] * 16, outcomes
    assert sum(outcome.created for outcome in outcomes) == 1
    order = DeliveryOrder.objects.get()
    assert {outcome.order.pk for outcome in outcomes} == {order.pk}
    assert DeliveryStep.objects.filter(order=order).count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_contents_under_one_number_one_is_refused() -> None:
    tenant = TenantFactory()
    outcomes = race([lambda: book(tenant), lambda: book(tenant, remark="other")])
    refused = [one for one in outcomes if isinstance(one, DeliveryDiffers)]
    assert (len(refused), DeliveryOrder.objects.count()) == (1, 1)
    assert "备注" in refused[0].text


@pytest.mark.django_db
def test_a_suspended_tenant_books_nothing() -> None:
    tenant = TenantFactory(status="suspended")
    with pytest.raises(TenantSuspended):
        book(tenant)
    assert not DeliveryOrder.objects.exists()


@pytest.mark.django_db
def test_an_order_is_due_where_somebody_is_to_be_asked_or_it_is_rehearsed() -> None:
    tenant = TenantFactory()
    assert book(tenant).order.due_at is None
    assert book(tenant, is_test=True).order.due_at is not None
    save_settings(tenant_id=tenant.pk, values={"auto_offer": True})
    order = book(tenant, external_order_no="A-2").order
    assert order.due_at == order.created_at


@pytest.mark.django_db
def test_codes_and_the_promise_are_the_tenants_settings() -> None:
    tenant = TenantFactory()
    plain = book(tenant).order
    assert (plain.pickup_code, plain.delivery_code) == (None, None)
    assert plain.promised_at == plain.created_at + timedelta(minutes=45)
    save_settings(
        tenant_id=tenant.pk,
        values={"needs_pickup_code": True, "needs_delivery_code": True, "promised_minutes": 30},
    )
    order = book(tenant, external_order_no="A-2").order
    for code in (order.pickup_code, order.delivery_code):
        assert code is not None
        assert (len(code), code.isdigit()) == (4, True)
    assert order.promised_at == order.created_at + timedelta(minutes=30)


@pytest.mark.django_db
def test_a_request_booked_before_is_found_even_where_it_would_be_refused_now() -> None:
    tenant = TenantFactory(callback_hosts=["a.example.com"])
    first = book(tenant, callback_url="https://a.example.com/cb")
    Tenant.objects.update(callback_hosts=[])
    Kept.forget_all()
    again = book(tenant, callback_url="https://a.example.com/cb")
    assert (again.created, again.order.pk) == (False, first.order.pk)


@pytest.mark.django_db
def test_the_same_request_is_found_after_its_address_became_the_default() -> None:
    tenant = TenantFactory(callback_hosts=["a.example.com"])
    first = book(tenant, callback_url="https://a.example.com/cb")
    Tenant.objects.update(callback_url="https://a.example.com/cb")
    Kept.forget_all()
    again = book(tenant, callback_url="https://a.example.com/cb")
    assert (again.created, again.order.pk) == (False, first.order.pk)


@pytest.mark.django_db
def test_without_a_fee_and_a_rule_nothing_is_booked() -> None:
    tenant = TenantFactory()
    draft = read_draft({**ORDER, "delivery_fee": None})
    with pytest.raises(PriceUnknown):
        book_delivery(draft=draft, tenant_id=tenant.pk, is_test=False, at=timezone.now())
    assert not DeliveryOrder.objects.exists()


@pytest.mark.django_db
def test_what_is_stored_is_what_save_would_have_stored() -> None:
    made = book(TenantFactory(), weight="1.5").order
    stored = DeliveryOrder.objects.get()
    for field in DeliveryOrder._meta.concrete_fields:
        assert getattr(made, field.attname) == getattr(stored, field.attname), field.attname
    assert stored.weight == Decimal("1.500")

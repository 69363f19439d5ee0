"""Every move of a parcel is owed to its tenant, once, in order, in the transaction that made it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import CallbackEndpoint, Tenant, TenantEvent
from config.sandbox import Sandbox
from logistics.models import ExpressOrder
from logistics.services.cancelling import cancel_order
from logistics.services.orders import change_order
from logistics.states import OrderStatus
from tests.factories import issue
from tests.logistics.conftest import PARCEL, URL, content, only_order, post
from tests.signing import TenantClient

pytestmark = pytest.mark.django_db(transaction=True)
Work = Callable[..., None]


def told() -> list[tuple[int, str, object]]:
    rows = TenantEvent.objects.order_by("id")
    return [(row.sequence, row.event_type, row.content["status"]) for row in rows]


def test_a_parcels_life_is_told_under_one_counter(
    client: TenantClient, sandbox: Sandbox, work: Work
) -> None:
    client.post(URL, {**PARCEL, "tenant_order_no": "T-1"})
    assert told() == []  # the tenant has the answer
    work()
    for status in ("dispatched", "picked", "signed"):
        post(content(only_order(), status), sandbox.secret())
        work()
    post(content(only_order(), "in_transit"), sandbox.secret())  # late: on the timeline only
    work()
    words = ["waybill_created", "dispatched", "picked", "signed"]
    assert told() == [(n, f"express.{w}", w) for n, w in enumerate(words, start=1)]
    order, event = only_order(), TenantEvent.objects.latest("id")
    assert order.event_sequence == 4
    assert (event.order_no, event.external_order_no) == (order.order_no, "T-1")
    assert event.content["status_text"] == "已签收"
    assert event.content["waybill_no"] == order.waybill_no


def test_only_the_first_of_an_orders_events_is_due(
    client: TenantClient, sandbox: Sandbox, work: Work
) -> None:
    client.post(URL, PARCEL)
    work()
    post(content(only_order(), "dispatched"), sandbox.secret())
    work()
    due = TenantEvent.objects.order_by("sequence").values_list("due_at", flat=True)
    assert [moment is not None for moment in due] == [True, False]
    assert CallbackEndpoint.objects.get().due_at is not None


def test_a_test_parcel_goes_by_the_test_endpoint(
    tenant: Tenant, sandbox: Sandbox, work: Work
) -> None:
    client = TenantClient(*issue(tenant, "test"))
    client.post(URL, PARCEL)
    client.post(f"{URL}/{only_order().order_no}/cancel", {"reason": "不寄了"})
    event = TenantEvent.objects.get()
    assert (event.is_test, event.endpoint.is_test, event.content["reason"]) == (
        True,
        True,
        "不寄了",
    )


def test_the_platforms_own_parcel_is_told_to_nobody(client: TenantClient) -> None:
    client.post(URL, PARCEL)
    ExpressOrder.objects.update(tenant_id=None)
    cancel_order(order_id=only_order().pk, reason="错了", at=timezone.now())
    assert only_order().status == "cancelled"
    assert told() == []


def test_what_is_rolled_back_is_not_owed(client: TenantClient) -> None:
    client.post(URL, PARCEL)
    order = only_order()
    with transaction.atomic():
        change_order(order, at=timezone.now(), status=OrderStatus.DISPATCHED)
        assert len(told()) == 1
        transaction.set_rollback(True)
    assert (told(), only_order().event_sequence) == ([], 0)


def test_one_transaction_wakes_an_endpoint_once(client: TenantClient) -> None:
    for number in range(3):
        client.post(URL, {**PARCEL, "tenant_order_no": f"T-{number}"})
    CallbackEndpoint.objects.all().delete()
    with transaction.atomic():
        for order in ExpressOrder.objects.all():
            change_order(order, at=timezone.now(), status=OrderStatus.DISPATCHED)
        assert len(connection.run_on_commit) == 1
    assert CallbackEndpoint.objects.get().due_at is not None

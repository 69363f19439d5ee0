"""What was delivered, given up or kept is sent again behind nobody; the rest keeps its place."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import CallbackEndpoint, TenantEvent
from accounts.services.outbox.owing import endpoint_for
from accounts.services.outbox.resending import resend_event
from accounts.states import EventStatus
from tests.accounts.callers import URL, a_tenant, caller, data, refused
from tests.outbox.conftest import receiver  # noqa: F401 - a fixture
from tests.outbox.ground import Orders, event, send, tenant_at
from tests.outbox.receiver import Receiver

pytestmark = pytest.mark.django_db


def put(row: TenantEvent, **columns: Any) -> None:
    TenantEvent.objects.filter(pk=row.pk).update(**columns)


@pytest.mark.parametrize("status", ["delivered", "exhausted", "kept"])
def test_what_is_closed_goes_out_again_with_hours_of_its_own(status: str) -> None:
    tenant = a_tenant()
    made = Orders(tenant).change(1)
    long_ago = timezone.now() - timedelta(days=5)
    put(made, status=status, due_at=None, first_attempt_at=long_ago, refusals=9, attempts=12)
    shown = data(caller(tenant).post(f"{URL}/{made.event_id}/resend", {}))
    assert (shown["status"], shown["refusals"], shown["attempts"]) == ("passed", 0, 12)
    assert shown["first_attempt_at"] is None
    assert event(made.pk).due_at <= timezone.now()


def test_one_in_its_orders_line_stays_there_and_its_first_is_brought_forward() -> None:
    tenant = a_tenant()
    client, orders = caller(tenant), Orders(tenant)
    first, second = orders.change(1), orders.change(1)
    later = timezone.now() + timedelta(hours=2)
    put(first, due_at=later, attempts=3, first_attempt_at=timezone.now())
    assert data(client.post(f"{URL}/{second.event_id}/resend", {}))["due_at"] is None
    assert event(first.pk).due_at == later
    shown = data(client.post(f"{URL}/{first.event_id}/resend", {}))
    assert shown["status"] == "waiting"
    assert event(first.pk).due_at <= timezone.now()
    assert event(first.pk).first_attempt_at is not None


def test_a_first_event_that_lost_its_due_time_gets_one() -> None:
    made = Orders(a_tenant()).change(1)
    put(made, due_at=None)
    assert resend_event(event=made.pk, at=timezone.now()).due_at is not None


def test_a_delivered_event_arrives_once_more_beside_its_order(receiver: Receiver) -> None:  # noqa: F811
    tenant = tenant_at(receiver.url)
    orders = Orders(tenant)
    first = orders.change(1)
    send()
    data(caller(tenant).post(f"{URL}/{first.event_id}/resend", {}))
    orders.change(1)
    send()
    assert sorted(receiver.told()) == [("D1", 1), ("D1", 1), ("D1", 2)]
    assert {row.status for row in TenantEvent.objects.all()} == {EventStatus.DELIVERED}


def test_everything_missing_goes_out_and_what_arrived_does_not() -> None:
    tenant = a_tenant()
    client, orders = caller(tenant), Orders(tenant)
    later = timezone.now() + timedelta(hours=2)
    arrived, given_up, kept, tried, passed, in_line = (orders.change(n) for n in range(1, 7))
    put(arrived, status="delivered", due_at=None)
    put(given_up, status="exhausted", due_at=None)
    put(kept, status="kept", due_at=None)
    put(tried, due_at=later)
    put(passed, status="passed", due_at=later)
    put(in_line, due_at=None)
    other = Orders(a_tenant()).change(8)
    test = orders.change(9, is_test=True)
    for row in (other, test):
        put(row, status="exhausted", due_at=None)
    assert data(client.post(f"{URL}/resend", {"missing": True})) == {"resent": 4, "more": False}
    states = {row.pk: (row.status, row.due_at is not None) for row in TenantEvent.objects.all()}
    assert states == {
        arrived.pk: ("delivered", False), given_up.pk: ("passed", True), kept.pk: ("passed", True),
        tried.pk: ("waiting", True), passed.pk: ("passed", True), in_line.pk: ("waiting", False),
        other.pk: ("exhausted", False), test.pk: ("exhausted", False),
    }  # fmt: skip
    assert data(client.post(f"{URL}/resend", {"missing": True}))["resent"] == 0


def test_a_range_is_resent_by_the_tenants_days_in_bites(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.services.outbox.resending.BITE", 2)
    tenant = a_tenant()
    client, orders = caller(tenant), Orders(tenant)
    made = [orders.change(order) for order in range(1, 6)]
    TenantEvent.objects.update(status="delivered", due_at=None)
    put(made[4], created_at=timezone.now() - timedelta(days=3))
    today = timezone.localdate().isoformat()
    assert data(client.post(f"{URL}/resend", {"date_from": today, "date_to": today})) == {
        "resent": 4, "more": False,
    }  # fmt: skip
    assert event(made[4].pk).status == "delivered"


def test_ids_are_resent_all_or_none() -> None:
    tenant = a_tenant()
    client, orders = caller(tenant), Orders(tenant)
    made = [orders.change(order) for order in (1, 2)]
    TenantEvent.objects.update(status="exhausted", due_at=None)
    ids = [row.event_id for row in made]
    answer = refused(client.post(f"{URL}/resend", {"event_ids": [*ids, "evt_x"]}), 404, "not_found")
    assert list(answer["data"]["errors"]) == ["event_ids.2"]
    assert {row.status for row in TenantEvent.objects.all()} == {"exhausted"}
    assert data(client.post(f"{URL}/resend", {"event_ids": ids}))["resent"] == 2


@pytest.mark.parametrize(
    "body",
    [
        {}, {"missing": False}, {"missing": "true"}, {"event_ids": []}, {"event_ids": ["x"] * 101},
        {"event_ids": ["x"], "missing": True}, {"date_from": "2026-02-30"}, {"date_to": "1.2.2026"},
        {"date_from": "2026-02-02", "date_to": "2026-02-01"}, {"all": True},
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(body: dict[str, Any]) -> None:
    tenant = a_tenant()
    made = Orders(tenant).change(1)
    put(made, status="exhausted", due_at=None)
    refused(caller(tenant).post(f"{URL}/resend", body), 400, "malformed")
    assert event(made.pk).status == "exhausted"


def test_a_test_event_arrives_in_the_seeds_form(receiver: Receiver) -> None:  # noqa: F811
    tenant = tenant_at(receiver.url)
    shown = data(caller(tenant).post(f"{URL}/test", {}))
    assert (shown["event_type"], shown["is_test"], shown["sequence"]) == ("callback.test", False, 1)
    assert shown["order_no"].startswith("TEST")
    send()
    (came,) = receiver.came
    assert came.event["event_id"] == shown["event_id"]
    assert (came.event["status"], came.event["status_text"]) == (0, "待接单")
    # What was only tried is nothing that was missed.
    put(TenantEvent.objects.get(), status="exhausted", due_at=None)
    assert data(caller(tenant).post(f"{URL}/resend", {"missing": True}))["resent"] == 0


@pytest.mark.parametrize("host", ["", "b.example.com"], ids=["own", "another"])
def test_while_its_own_server_is_paused_nothing_is_tried(host: str) -> None:
    tenant = a_tenant()
    endpoint_for(tenant_id=tenant.pk, is_test=False, host=host)
    CallbackEndpoint.objects.filter(host=host).update(paused_at=timezone.now())
    answer = caller(tenant).post(f"{URL}/test", {})
    if host:
        assert data(answer)["event_type"] == "callback.test"
        return
    told = refused(answer, 409, "callbacks_paused")["message"]
    assert "已暂停" in told
    assert "恢复" in told
    assert not TenantEvent.objects.exists()
    assert data(caller(tenant, "test").post(f"{URL}/test", {}))["is_test"] is True


def test_without_a_url_nothing_is_tried() -> None:
    tenant = a_tenant(callback_url="")
    refused(caller(tenant).post(f"{URL}/test", {}), 422, "callback_url_missing")
    assert not TenantEvent.objects.exists()

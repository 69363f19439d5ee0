"""A tenant reads what it was told, event by event, and fetches what it missed; nobody else's."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import CallbackAttempt, TenantEvent
from accounts.services.outbox.bodies import event_body
from tests.accounts.callers import URL, a_tenant, caller, data, refused
from tests.outbox.ground import Orders

pytestmark = pytest.mark.django_db


def test_the_log_is_newest_first_and_narrowed_by_what_is_asked() -> None:
    tenant = a_tenant()
    client, orders = caller(tenant), Orders(tenant)
    for order in (1, 1, 2):
        orders.change(order)
    page = data(client.get(URL))
    assert [(line["order_no"], line["sequence"]) for line in page["items"]] == [
        ("D2", 1), ("D1", 2), ("D1", 1),
    ]  # fmt: skip
    line = page["items"][-1]
    assert line["url"] == "https://a.example.com/hook"
    assert (line["status"], line["attempts"], line["due_at"] is not None) == ("waiting", 0, True)
    assert page["items"][1]["due_at"] is None
    for query, found in {
        "status=waiting": 3, "status=delivered": 0, "event_type=delivery.accepted": 3,
        "event_type=x": 0, "order_no=D1": 2, "external_order_no=ext-2": 1,
        "date_from=2020-01-01&date_to=2020-01-02": 0,
    }.items():  # fmt: skip
        assert data(client.get(f"{URL}?{query}"))["total"] == found, query
    refused(client.get(f"{URL}?status=lost"), 400, "malformed")
    refused(client.get(f"{URL}?colour=red"), 400, "malformed")


def test_one_event_shows_the_body_as_sent_and_its_attempts_newest_first() -> None:
    tenant = a_tenant()
    event = Orders(tenant).change(7)
    for number in (1, 2):
        CallbackAttempt.objects.create(
            event=event, endpoint_id=event.endpoint_id, tenant_id=tenant.pk, number=number,
            url="https://a.example.com/hook", outcome="refused", http_status=500,
            duration_ms=12, answer="no", created_at=timezone.now(),
        )  # fmt: skip
    shown = data(caller(tenant).get(f"{URL}/{event.event_id}"))
    assert shown["payload"]["order_no"] == "D7"
    assert shown["payload"]["event_id"] == event.event_id
    assert list(shown["payload"])[:6] == [
        "external_order_no", "order_no", "status", "status_text", "rider_name", "rider_phone",
    ]  # fmt: skip
    assert [attempt["number"] for attempt in shown["attempt_log"]] == [2, 1]
    assert shown["attempt_log"][0]["http_status"] == 500


def test_another_tenants_events_and_the_other_modes_are_not_there() -> None:
    tenant = a_tenant()
    live = Orders(tenant).change(1)
    test = Orders(tenant).change(2, is_test=True)
    theirs = Orders(a_tenant()).change(3)
    client, tester = caller(tenant), caller(tenant, "test")
    assert [line["order_no"] for line in data(client.get(URL))["items"]] == ["D1"]
    assert [line["order_no"] for line in data(tester.get(URL))["items"]] == ["D2"]
    for who, event in ((client, theirs), (client, test), (tester, live)):
        before = TenantEvent.objects.filter(pk=event.pk).values().get()
        refused(who.get(f"{URL}/{event.event_id}"), 404, "not_found")
        refused(who.post(f"{URL}/{event.event_id}/resend", {}), 404, "not_found")
        refused(who.post(f"{URL}/resend", {"event_ids": [event.event_id]}), 404, "not_found")
        refused(who.get(f"/api/v1/events?after={event.event_id}"), 400, "malformed")
        assert TenantEvent.objects.filter(pk=event.pk).values().get() == before


def test_what_was_missed_is_pulled_in_the_order_it_came_about() -> None:
    tenant = a_tenant()
    client, orders = caller(tenant), Orders(tenant)
    made = [orders.change(order) for order in (1, 2, 1, 3)]
    Orders(a_tenant()).change(9)
    TenantEvent.objects.update(created_at=timezone.now() - timedelta(seconds=11))
    first = data(client.get("/api/v1/events?after=0&limit=3"))
    assert [one["event_id"] for one in first["items"]] == [e.event_id for e in made[:3]]
    assert first["items"][0] == data(client.get(f"{URL}/{made[0].event_id}"))["payload"]
    second = data(client.get(f"/api/v1/events?after={first['next_cursor']}"))
    assert [one["event_id"] for one in second["items"]] == [made[3].event_id]
    third = data(client.get(f"/api/v1/events?after={second['next_cursor']}"))
    assert (third["items"], third["next_cursor"]) == ([], second["next_cursor"])
    for limit in ("0", "101", "x", "1" * 30):
        refused(client.get(f"/api/v1/events?after=0&limit={limit}"), 400, "malformed")
    blank = client.get("/api/v1/events?after=&limit=3")
    assert "after=0" in refused(blank, 400, "malformed")["data"]["errors"]["after"][0]


def test_nothing_is_pulled_past_an_event_that_may_have_an_older_sister() -> None:
    tenant = a_tenant()
    client, orders = caller(tenant), Orders(tenant)
    old, young, older = (orders.change(order) for order in (1, 2, 3))
    settled = TenantEvent.objects.filter(pk__in=[old.pk, older.pk])
    settled.update(created_at=timezone.now() - timedelta(seconds=11))
    pulled = data(client.get("/api/v1/events?after=0"))
    assert [one["event_id"] for one in pulled["items"]] == [old.event_id]
    TenantEvent.objects.filter(pk=young.pk).update(created_at=old.created_at - timedelta(hours=1))
    rest = data(client.get(f"/api/v1/events?after={pulled['next_cursor']}"))
    assert [one["event_id"] for one in rest["items"]] == [young.event_id, older.event_id]


def test_without_after_the_bodies_are_paged_as_every_list() -> None:
    tenant = a_tenant()
    client, orders = caller(tenant), Orders(tenant)
    made = [orders.change(order) for order in (1, 2, 3)]
    page = data(client.get("/api/v1/events?page_size=2"))
    assert [one["order_no"] for one in page["items"]] == ["D3", "D2"]
    rest = data(client.get(f"/api/v1/events?page_size=2&cursor={page['next_cursor']}"))
    assert [one["order_no"] for one in rest["items"]] == ["D1"]
    assert b'"order_no":"D1"' in event_body(made[0], tenant.zone)
    refused(client.get("/api/v1/events?limit=2"), 400, "malformed")

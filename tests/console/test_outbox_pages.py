"""What tenants were told, in the console: found by its numbers, masked, sent again."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from accounts.events import TEST_KIND, new_event_id
from accounts.models import CallbackAttempt, CallbackEndpoint, Tenant, TenantEvent
from accounts.services.operators import create_operator
from config.console.attention import matters_for
from tests.factories import TenantFactory

pytestmark = pytest.mark.django_db
EVENTS = "admin:accounts_tenantevent_changelist"
_numbers = itertools.count(1)


def make_endpoint(tenant: Tenant | None = None, **columns: Any) -> CallbackEndpoint:
    tenant = tenant or TenantFactory(callback_url="https://hook.example.com/x")
    return CallbackEndpoint.objects.create(
        tenant=tenant, **{"created_at": timezone.now(), **columns}
    )


def make_event(endpoint: CallbackEndpoint, **columns: Any) -> TenantEvent:
    at, number = timezone.now(), next(_numbers)
    given = {
        "event_id": new_event_id(), "kind": "delivery_order", "subject_id": number,
        "sequence": 1, "order_no": f"DL{number:06d}", "external_order_no": f"M-{number}",
        "event_type": "delivery_order.accepted", "occurred_at": at, "created_at": at,
        "content": {"status": 1, "rider_name": "王师傅明", "rider_phone": "13700137000"},
        **columns,
    }  # fmt: skip
    return TenantEvent.objects.create(
        endpoint=endpoint, tenant_id=endpoint.tenant_id, is_test=endpoint.is_test, **given
    )


def page(client: Client, row: Any) -> str:
    name = f"admin:accounts_{row._meta.model_name}_change"
    answer = client.get(reverse(name, args=[row.pk]))
    assert answer.status_code == 200
    return str(answer.content.decode())


def act(client: Client, row: Any, name: str, **given: Any) -> Any:
    url = reverse(f"admin:accounts_{row._meta.model_name}_act", args=[row.pk, name])
    return client.post(url, {"reason": "租户来电", **given}, follow=True)


def operator(role: str) -> Client:
    user, _token = create_operator(username=role, password="pw-of-a-test-1", role=role)
    client = Client()
    client.force_login(user)
    return client


def test_an_events_page_shows_every_attempt_and_masks_its_people(admin_client: Client) -> None:
    event = make_event(make_endpoint(), due_at=timezone.now() + timedelta(minutes=5), attempts=1)
    CallbackAttempt.objects.create(
        event=event, endpoint_id=event.endpoint_id, tenant_id=event.tenant_id, number=1,
        url="https://hook.example.com/x", outcome="refused", http_status=500, duration_ms=123,
        answer="<b>no</b> 13912345678", created_at=timezone.now(),
    )  # fmt: skip
    said = page(admin_client, event)
    assert gettext("%(ms)d ms") % {"ms": 123} in said
    assert "&lt;b&gt;no&lt;/b&gt; 139****5678" in said
    assert "137****7000" in said
    assert "13700137000" not in said
    assert "王师傅明" not in said


def test_a_refusal_with_a_good_status_is_told_as_what_it_was(admin_client: Client) -> None:
    endpoint, soon = make_endpoint(), timezone.now() + timedelta(seconds=30)
    refused = make_event(endpoint, last_status=200, last_error="应答不是 code 为 0", due_at=soon)
    make_event(endpoint, last_status=503, last_error="应答码不是 2xx")
    listed = admin_client.get(reverse(EVENTS)).content.decode()
    assert "应答不是 code 为 0" in listed
    assert "HTTP 200" not in listed
    assert "HTTP 503" in listed
    assert "0\xa0" not in page(admin_client, refused)  # no "in 0 minutes"


def test_events_are_found_by_either_number_and_by_tenant(admin_client: Client) -> None:
    live = make_event(make_endpoint())
    test = make_event(make_endpoint(live.tenant, is_test=True))
    other = make_event(make_endpoint())
    assert live.external_order_no
    for query, found in (
        ({}, {live, test, other}),
        ({"q": live.order_no}, {live}),
        ({"q": live.external_order_no}, {live}),
        ({"q": test.event_id}, {test}),
        ({"tenant": live.tenant.platform_code}, {live}),
        ({"tenant": live.tenant.platform_code, "mode": "test"}, {test}),
        ({"mode": "test"}, set()),
        ({"status__exact": "delivered"}, set()),
    ):
        listing = admin_client.get(reverse(EVENTS), query).context["cl"]
        assert set(listing.result_list) == found, query


def test_an_event_given_up_is_sent_again_and_the_history_says_why(admin_client: Client) -> None:
    event = make_event(make_endpoint(), status="exhausted", attempts=20)
    act(admin_client, event, "resend")
    event.refresh_from_db()
    assert (event.status, event.due_at is not None) == ("passed", True)
    assert "租户来电" in LogEntry.objects.get().change_message


def test_an_auditor_sees_callbacks_and_moves_none() -> None:
    event = make_event(make_endpoint(), status="exhausted")
    auditor = operator("auditor")
    assert event.order_no in page(auditor, event)
    assert act(auditor, event, "resend").status_code == 403
    for name in ("pause", "resume", "test", "resend"):
        assert act(auditor, event.endpoint, name).status_code == 403
    event.refresh_from_db()
    assert (event.status, event.due_at) == ("exhausted", None)
    assert TenantEvent.objects.count() == 1
    assert not LogEntry.objects.exists()


def test_a_server_is_paused_resumed_and_tried(admin_client: Client) -> None:
    endpoint = make_endpoint()
    act(admin_client, endpoint, "pause")
    endpoint.refresh_from_db()
    assert (endpoint.paused_at is not None, endpoint.paused_reason) == (True, "租户来电")
    assert gettext("paused") in page(admin_client, endpoint)
    act(admin_client, endpoint, "resume")
    act(admin_client, endpoint, "test")
    endpoint.refresh_from_db()
    assert endpoint.paused_at is None
    assert TenantEvent.objects.get().event_type == "callback.test"
    assert LogEntry.objects.count() == 3


def test_a_paused_server_is_not_tried_and_the_operator_is_told_why(admin_client: Client) -> None:
    endpoint = make_endpoint(paused_at=timezone.now())
    tenant = endpoint.tenant
    tried = reverse("admin:accounts_tenant_act", args=[tenant.pk, "test-event"])
    answers = (act(admin_client, endpoint, "test"), admin_client.post(
        tried, {"mode": "live", "reason": "x"}, follow=True))  # fmt: skip
    for answer in answers:
        assert "回调已暂停" in answer.content.decode()
    assert not TenantEvent.objects.filter(event_type="callback.test").exists()


def test_what_a_server_missed_goes_out_again_and_a_range_wants_both_days(
    admin_client: Client,
) -> None:
    endpoint = make_endpoint()
    missed = make_event(endpoint, status="exhausted")
    arrived = make_event(endpoint, status="delivered")
    refused = act(admin_client, endpoint, "resend")
    assert refused.status_code == 200
    assert not TenantEvent.objects.filter(due_at__isnull=False).exists()
    act(admin_client, endpoint, "resend", only_missing="on")
    missed.refresh_from_db()
    arrived.refresh_from_db()
    assert (missed.status, arrived.status) == ("passed", "delivered")
    today = f"{timezone.localdate():%Y-%m-%d}"
    act(admin_client, endpoint, "resend", first=today, last=today)
    arrived.refresh_from_db()
    assert arrived.status == "passed"


def test_the_home_page_tells_of_servers_that_fail_for_a_day(admin_user: Any) -> None:
    now = timezone.now()
    make_endpoint(failing_since=now - timedelta(hours=23))
    make_endpoint(failing_since=now - timedelta(hours=25))
    make_endpoint(failing_since=now - timedelta(hours=73), paused_at=now)
    make_event(make_endpoint(), status="exhausted")
    make_event(make_endpoint(), status="exhausted", kind=TEST_KIND)
    told = {matter.url: matter.count for matter in matters_for(admin_user, at=now)}
    page_of = reverse("admin:accounts_callbackendpoint_changelist")
    assert told[f"{page_of}?state=lasting"] == "1"
    assert told[f"{page_of}?state=paused"] == "1"
    assert [count for url, count in told.items() if url.startswith(reverse(EVENTS))] == ["1"]


def test_a_tenants_limits_are_typed_in_and_a_wrong_address_is_named(admin_client: Client) -> None:
    tenant = TenantFactory()
    url = reverse("admin:accounts_tenant_change", args=[tenant.pk])
    given = {
        "name": tenant.name, "time_zone": tenant.time_zone, "callback_url": "",
        "callback_hosts": "", "callback_ack": "http",
        "external_addresses": "203.0.113.0/24\n198.51.100.7", "requests_per_minute": "600",
    }  # fmt: skip
    answer = admin_client.post(url, {**given, "external_addresses": "203.0.113.0/99"})
    assert "203.0.113.0/99" in answer.content.decode()
    assert Tenant.objects.get().external_addresses == []
    assert admin_client.post(url, given).status_code == 302
    tenant.refresh_from_db()
    assert tenant.callback_ack == "http"
    assert set(tenant.external_addresses) == {"203.0.113.0/24", "198.51.100.7"}
    assert tenant.requests_per_minute == 600
    assert admin_client.post(url, {**given, "requests_per_minute": ""}).status_code == 302
    tenant.refresh_from_db()
    assert tenant.requests_per_minute is None


def test_a_new_callback_secret_is_shown_once_and_a_page_sent_twice_makes_one(
    admin_client: Client,
) -> None:
    tenant = TenantFactory()
    former = tenant.callback_secret
    url = reverse("admin:accounts_tenant_rotate", args=[tenant.pk])
    known = admin_client.get(url).context["form"]["known"].value()
    sent = {"known": known, "reason": "泄露"}
    answer = admin_client.post(url, sent)
    tenant.refresh_from_db()
    assert tenant.callback_secret != former
    assert tenant.previous_callback_secret == former
    assert tenant.callback_secret in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert "泄露" in LogEntry.objects.get().change_message
    assert tenant.callback_secret not in LogEntry.objects.get().change_message
    again = admin_client.post(url, sent)
    made = tenant.callback_secret
    tenant.refresh_from_db()
    assert tenant.callback_secret == made
    assert made not in again.content.decode()

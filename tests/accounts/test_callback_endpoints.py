"""A tenant rests its servers, points them elsewhere, changes the secret; nothing is lost by it."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.models import CallbackEndpoint, Tenant
from accounts.services.outbox.bodies import event_body
from accounts.services.outbox.endpoints import pause_endpoint, resume_endpoint
from accounts.services.outbox.owing import endpoint_for
from accounts.services.outbox.signing import sign, verify
from tests.accounts.callers import URL, a_tenant, caller, data, endpoint_key, refused
from tests.outbox.conftest import receiver  # noqa: F401 - a fixture
from tests.outbox.ground import SECRET, Orders, event, send, tenant_at
from tests.outbox.receiver import Receiver

pytestmark = pytest.mark.django_db
SETTINGS = f"{URL}/settings"


def test_while_paused_nothing_is_sent_and_on_resume_all_of_it_is(receiver: Receiver) -> None:  # noqa: F811
    tenant = tenant_at(receiver.url)
    client, orders = caller(tenant), Orders(tenant)
    (shown,) = data(client.post(f"{URL}/pause", {"reason": "机房维护"}))["items"]
    assert (shown["state"], shown["paused_reason"]) == ("paused", "租户自行暂停：机房维护")
    made = [orders.change(1), orders.change(1)]
    send()
    assert receiver.came == []
    (shown,) = data(client.get(f"{URL}/endpoints"))["items"]
    assert (shown["waiting"], shown["url"], shown["host"]) == (2, receiver.url, None)
    (shown,) = data(client.post(f"{URL}/resume", {}))["items"]
    assert (shown["state"], shown["paused_at"], shown["paused_reason"]) == ("ok", None, None)
    send()
    assert receiver.told() == [("D1", 1), ("D1", 2)]
    assert all(event(row.pk).status == "delivered" for row in made)


def test_each_mode_rests_by_itself() -> None:
    tenant = a_tenant()
    live, test = endpoint_key(tenant), endpoint_key(tenant, is_test=True)
    data(caller(tenant, "test").post(f"{URL}/pause", {}))
    paused = CallbackEndpoint.objects.filter(paused_at__isnull=False)
    assert list(paused.values_list("pk", flat=True)) == [test]
    data(caller(tenant).post(f"{URL}/resume", {}))
    assert list(paused.values_list("pk", flat=True)) == [test]
    assert live != test


def test_a_server_that_comes_later_rests_with_the_others(receiver: Receiver) -> None:  # noqa: F811
    tenant = tenant_at(receiver.url)
    client = caller(tenant)
    data(client.post(f"{URL}/pause", {"reason": "机房维护"}))
    elsewhere = f"{receiver.url.replace('127.0.0.1', 'localhost')}/late"
    Orders(tenant).change(1, url=elsewhere)
    shown = data(client.get(f"{URL}/endpoints"))["items"]
    assert [(one["host"], one["state"], one["paused_reason"]) for one in shown] == [
        (None, "paused", "租户自行暂停：机房维护"),
        ("localhost", "paused", "租户自行暂停：机房维护"),
    ]
    endpoint_for(tenant_id=tenant.pk, is_test=True, host="localhost")
    data(client.post(f"{URL}/resume", {}))
    endpoint_for(tenant_id=tenant.pk, is_test=False, host="new.example.com")
    assert not CallbackEndpoint.objects.filter(paused_at__isnull=False).exists()


def test_the_pause_of_one_server_is_not_that_of_all() -> None:
    tenant = a_tenant()
    own = endpoint_key(tenant)
    pause_endpoint(endpoint_id=own, reason="72 小时", at=timezone.now())
    endpoint_for(tenant_id=tenant.pk, is_test=False, host="a.example.com")
    data(caller(tenant).post(f"{URL}/pause", {}))
    late = endpoint_for(tenant_id=tenant.pk, is_test=False, host="b.example.com")
    whys = CallbackEndpoint.objects.order_by("host").values_list("paused_reason", flat=True)
    assert list(whys) == ["72 小时", "租户自行暂停", "租户自行暂停"]
    resume_endpoint(endpoint_id=own, at=timezone.now())
    latest = endpoint_for(tenant_id=tenant.pk, is_test=False, host="c.example.com")
    rows = CallbackEndpoint.objects.in_bulk()
    assert [rows[key].paused_at is None for key in (own, late, latest)] == [True, False, False]


def test_who_pauses_first_says_why_and_a_worker_keeps_its_lease() -> None:
    key = endpoint_key(a_tenant())
    at = timezone.now()
    until = at + timedelta(seconds=30)
    CallbackEndpoint.objects.filter(pk=key).update(due_at=until, lease_token="t")
    pause_endpoint(endpoint_id=key, reason="first", at=at)
    pause_endpoint(endpoint_id=key, reason="second", at=at)
    row = CallbackEndpoint.objects.get()
    assert (row.paused_reason, row.due_at, row.lease_token) == ("first", until, "t")
    resume_endpoint(endpoint_id=key, at=at)
    assert CallbackEndpoint.objects.get().due_at == until
    resume_endpoint(endpoint_id=key, at=until)
    assert CallbackEndpoint.objects.get().due_at == until


def test_on_resume_every_event_has_its_72_hours_again() -> None:
    tenant = a_tenant()
    made = Orders(tenant).change(1)
    at = timezone.now()
    type(made).objects.filter(pk=made.pk).update(
        first_attempt_at=at, due_at=at + timedelta(hours=9)
    )
    pause_endpoint(endpoint_id=made.endpoint_id, reason="", at=at)
    resume_endpoint(endpoint_id=made.endpoint_id, at=at)
    assert (event(made.pk).first_attempt_at, event(made.pk).due_at) == (None, at)


@pytest.mark.parametrize(
    ("columns", "state"),
    [
        ({}, "ok"),
        ({"failing_since": "now"}, "failing"),
        ({"failing_since": "now", "slow": True}, "slow"),
        ({"failing_since": "now", "slow": True, "paused_at": "now"}, "paused"),
    ],
)  # fmt: skip
def test_a_server_is_shown_as_it_does(columns: dict[str, object], state: str) -> None:
    tenant = a_tenant()
    endpoint_key(tenant)
    now = timezone.now()
    values = {name: now if value == "now" else value for name, value in columns.items()}
    CallbackEndpoint.objects.update(host="", **values)
    (shown,) = data(caller(tenant).get(f"{URL}/endpoints"))["items"]
    assert shown["state"] == state


def test_a_tenant_chooses_its_own_url_among_its_hosts() -> None:
    tenant = a_tenant()
    client = caller(tenant)
    wanted = {"callback_url": "https://a.example.com/other", "ack": "http"}
    shown = data(client.post(SETTINGS, wanted))
    assert (shown["callback_url"], shown["ack"]) == ("https://a.example.com/other", "http")
    assert shown["callback_hosts"] == ["a.example.com"]
    assert shown["secret_set"] is True
    before = Tenant.objects.filter(pk=tenant.pk).values("callback_url", "callback_hosts").get()
    other = {"callback_url": "https://b.example.com/"}
    refused(client.post(SETTINGS, other), 422, "callback_host_not_listed")
    for url in (
        "http://a.example.com/", "https://u@a.example.com/",
        "https://a.example.com:22/", "https://b.example.com\\@a.example.com/", "nowhere",
        "https://10.0.0.1/cb", "https://[fe80::1]/", "https://169.254.169.254/",
    ):  # fmt: skip
        refused(client.post(SETTINGS, {"callback_url": url}), 400, "callback_url_refused")
    wrong = refused(client.post(SETTINGS, {"ack": "any"}), 400, "malformed")
    assert wrong["data"]["errors"] == {"ack": ["只能是 code、http。"]}
    refused(client.post(SETTINGS, {"callback_hosts": ["b.example.com"]}), 400, "malformed")
    after = Tenant.objects.filter(pk=tenant.pk).values("callback_url", "callback_hosts").get()
    assert after == before
    assert data(client.post(SETTINGS, {"callback_url": ""}))["callback_url"] is None


def test_for_a_day_both_secrets_sign(receiver: Receiver) -> None:  # noqa: F811
    tenant = tenant_at(receiver.url)
    client, orders = caller(tenant), Orders(tenant)
    made = data(client.post(f"{URL}/rotate-secret", {}))
    fresh = made["callback_secret"]
    assert fresh.startswith("whsec_")
    assert fresh != SECRET
    assert data(client.get(SETTINGS))["previous_valid_until"] == made["previous_valid_until"]
    orders.change(1)
    send()
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=False):
        orders.change(2)
        send()
        assert data(client.get(SETTINGS))["previous_valid_until"] is None
    valid = []
    for came in receiver.came:
        head = {name.lower(): value for name, value in came.headers.items()}
        signed = (head["webhook-id"], int(head["webhook-timestamp"]), came.body)
        valid.append([verify(s, *signed, head["webhook-signature"]) for s in (SECRET, fresh)])
    assert valid == [[True, True], [False, True]]


def verdict(tenant: Tenant, **given: str) -> tuple[bool, str]:
    stamp = str(int(timezone.now().timestamp()))
    body = {"id": "evt_1", "timestamp": stamp, "body": '{"a":1}', "signature": "v1,x", **given}
    answer = caller(tenant).post(f"{URL}/verify-signature", body)
    shown = data(answer)
    assert SECRET.removeprefix("whsec_") not in answer.content.decode()
    assert len(shown["expected_hint"] or "") <= 10
    return shown["valid"], shown["reason"]


def test_a_developer_is_told_what_is_wrong_with_a_signature() -> None:
    tenant = a_tenant()
    made = Orders(tenant).change(1)
    now = int(timezone.now().timestamp())
    body = '{"a":1}'
    right = sign(SECRET, "evt_1", now, body.encode())
    old = sign(SECRET, "evt_1", now - 301, body.encode())
    foreign = sign("whsec_dGVzdA==", "evt_1", now, body.encode())
    stamp = str(now)
    assert verdict(tenant, timestamp=stamp, signature=right) == (True, "ok")
    assert verdict(tenant, timestamp=stamp, signature=f"v1,x {right}") == (True, "ok")
    assert verdict(tenant, timestamp=str(now - 301), signature=old) == (False, "timestamp_stale")
    assert verdict(tenant, timestamp=f"{stamp}000", signature=right)[1] == "timestamp_milliseconds"
    assert verdict(tenant, timestamp="now", signature=right)[1] == "timestamp_malformed"
    assert verdict(tenant, timestamp=stamp, signature=right[3:])[1] == "signature_malformed"
    assert verdict(tenant, timestamp=stamp, signature=foreign) == (False, "mismatch")
    assert verdict(tenant, timestamp=stamp, signature=right, body='{"a": 1}')[1] == "mismatch"

    sent = event_body(made, tenant.zone)
    signed = sign(SECRET, made.event_id, now, sent)
    whole = {"id": made.event_id, "timestamp": stamp, "signature": signed}
    assert verdict(tenant, **whole, body=sent.decode()) == (True, "ok")
    assert verdict(tenant, **whole, body=sent.decode() + " ")[1] == "body_changed"


def test_the_usual_mistakes_in_signing_are_named() -> None:
    tenant = a_tenant()
    stamp, body = str(int(timezone.now().timestamp())), '{"a":1}'
    bare = SECRET.removeprefix("whsec_")
    key, content = base64.b64decode(bare), f"evt_1.{stamp}.{body}".encode()

    def mac(key: bytes, content: bytes) -> hmac.HMAC:
        return hmac.new(key, content, hashlib.sha256)

    def b64(made: hmac.HMAC) -> str:
        return "v1," + base64.b64encode(made.digest()).decode()

    for signature, reason in {
        b64(mac(SECRET.encode(), content)): "secret_not_decoded",
        b64(mac(bare.encode(), content)): "secret_not_decoded",
        "v1," + mac(key, content).hexdigest(): "signature_in_hex",
        b64(mac(key, body.encode())): "content_wrong",
        b64(mac(key, f"{stamp}.{body}".encode())): "content_wrong",
    }.items():
        assert verdict(tenant, timestamp=stamp, signature=signature) == (False, reason)


def test_the_old_secret_is_told_apart_while_it_counts_and_after() -> None:
    tenant = a_tenant()
    data(caller(tenant).post(f"{URL}/rotate-secret", {}))
    now = int(timezone.now().timestamp())
    old = {"timestamp": str(now), "signature": sign(SECRET, "evt_1", now, b'{"a":1}')}
    assert verdict(tenant, **old) == (True, "ok_previous_secret")
    Tenant.objects.update(previous_secret_until=timezone.now())
    assert verdict(tenant, **old) == (False, "secret_expired")

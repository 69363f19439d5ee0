"""An event leaves as the seed wrote it, signed; what its receiver does decides what comes next."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import CallbackAttempt, CallbackEndpoint, TenantEvent
from accounts.services.outbox import calling, sending, targets
from accounts.services.outbox.signing import verify
from accounts.states import TenantStatus
from config.kernel.work import drain
from tests.outbox.ground import (
    SECRET,
    Orders,
    attempts,
    endpoint_of,
    event,
    events_due_now,
    send,
    tenant_at,
)
from tests.outbox.receiver import (
    REFUSED,
    Answer,
    Receiver,
    cut,
    dripping,
    free_port,
    huge,
    plain,
    silent,
)

pytestmark = pytest.mark.django_db
FORMER = "whsec_dGhlIGZvcm1lciBvbmU="


def test_the_seeds_six_fields_come_first_and_ours_after_them(receiver: Receiver) -> None:
    tenant = tenant_at(f"{receiver.url}/cb")
    with time_machine.travel("2026-11-22T02:00:00.5Z", tick=False):
        made = Orders(tenant).change(7, more={"reason": "缺货", "event_id": "no"})
        send()
    (came,) = receiver.came
    assert came.path == "/cb"
    assert list(came.event.items()) == [
        ("external_order_no", "ext-7"), ("order_no", "D7"), ("status", 1),
        ("status_text", "已接单"), ("rider_name", "李师傅"), ("rider_phone", "13800138000"),
        ("event_id", made.event_id), ("event_type", "delivery.accepted"), ("sequence", 1),
        ("occurred_at", "2026-11-22T10:00:00.500000+08:00"), ("is_test", False),
        ("reason", "缺货"),
    ]  # fmt: skip
    assert "已接单".encode() in came.body
    assert came.headers["content-type"] == "application/json"
    assert came.headers["user-agent"] == "Tonglu"


def test_an_event_is_delivered_once_and_its_attempt_kept_masked(receiver: Receiver) -> None:
    tenant = tenant_at(f"{receiver.url}/cb?key=secret-in-a-query")
    receiver.always = plain(200, b'{"code":0,"phone":"13912345678"}' + b" " * 9000)
    made = Orders(tenant).change(1)
    assert send() == 1
    assert send() == 0
    row = event(made.pk)
    assert (row.status, row.due_at, row.attempts, row.last_status) == ("delivered", None, 1, 200)
    assert row.delivered_at is not None
    assert row.first_attempt_at is not None
    (kept,) = attempts()
    assert (kept.event_id, kept.number, kept.outcome, kept.http_status) == (
        made.pk, 1, "delivered", 200,
    )  # fmt: skip
    assert kept.tenant_id == tenant.pk
    assert kept.answer is not None
    assert "13912345678" not in kept.answer
    assert len(kept.answer) <= 2048
    assert "secret-in-a-query" not in kept.url
    server = endpoint_of(tenant)
    assert (server.due_at, server.lease_token, server.failures, server.attempts) == (
        None, None, 0, 0,
    )  # fmt: skip
    assert server.last_success_at is not None


def test_every_attempt_sends_the_same_bytes_under_its_own_time(receiver: Receiver) -> None:
    tenant = tenant_at(
        receiver.url, previous_callback_secret=FORMER,
        previous_secret_until=timezone.now() + timedelta(hours=1),
    )  # fmt: skip
    receiver.answers["/"] = [REFUSED]
    with time_machine.travel(timezone.now(), tick=False) as clock:
        Orders(tenant).change(1)
        send()
        clock.shift(7200)
        send()
    first, second = receiver.came
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    stamps = [int(came.headers["webhook-timestamp"]) for came in receiver.came]
    assert stamps[1] - stamps[0] == 7200
    for came, signing in ((first, [SECRET, FORMER]), (second, [SECRET])):
        signatures = came.headers["webhook-signature"]
        assert len(signatures.split(" ")) == len(signing)
        for secret in signing:
            assert verify(
                secret, came.event["event_id"], int(came.headers["webhook-timestamp"]),
                came.body, signatures,
            )  # fmt: skip


def test_a_refusal_is_tried_again_on_its_schedule_and_delays_no_other_order(
    receiver: Receiver,
) -> None:
    tenant = tenant_at(receiver.url)
    orders = Orders(tenant)
    receiver.by_event = lambda told: REFUSED if told["order_no"] == "D1" else None
    bad, good = orders.change(1), orders.change(2)
    send()
    row = event(bad.pk)
    assert (row.status, row.attempts, row.refusals, row.last_status) == ("waiting", 1, 1, 200)
    assert row.due_at is not None
    assert row.first_attempt_at is not None
    assert 4 <= (row.due_at - row.first_attempt_at).total_seconds() < 7
    assert event(good.pk).status == "delivered"
    server = endpoint_of(tenant)
    assert (server.failures, server.failing_since) == (0, None)
    assert server.due_at == row.due_at


def test_a_redirect_is_a_refusal_and_not_followed(receiver: Receiver) -> None:
    receiver.always = plain(302, Location=f"{receiver.url}/elsewhere")
    made = Orders(tenant_at(f"{receiver.url}/cb")).change(1)
    send()
    assert [came.path for came in receiver.came] == ["/cb"]
    assert (event(made.pk).status, event(made.pk).refusals) == ("waiting", 1)
    assert "跳转" in str(attempts()[0].error)


def test_retry_after_is_waited_for(receiver: Receiver) -> None:
    receiver.always = plain(503, Retry_After="600")
    made = Orders(tenant_at(receiver.url)).change(1)
    before = timezone.now()
    send()
    due = event(made.pk).due_at
    assert due is not None
    assert 599 <= (due - before).total_seconds() < 610


def test_who_is_gone_is_paused_at_once_and_nothing_is_given_up(receiver: Receiver) -> None:
    tenant = tenant_at(receiver.url)
    orders = Orders(tenant)
    made = [orders.change(n) for n in (1, 2, 3)]
    receiver.always = plain(410)
    send()
    assert len(receiver.came) == 1
    server = endpoint_of(tenant)
    assert server.paused_at is not None
    assert "410" in str(server.paused_reason)
    assert server.due_at is None
    assert [event(one.pk).status for one in made] == ["waiting"] * 3
    assert all(event(one.pk).due_at for one in made)
    with time_machine.travel(timezone.now() + timedelta(hours=80)):
        assert send() == 0


@pytest.mark.parametrize(
    ("answer", "late"),
    [(silent, True), (dripping, True), (cut, False), (huge, False)],
    ids=["silent", "dripping", "cut", "huge"],
)
def test_no_whole_answer_costs_its_time_and_loses_nothing(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch, answer: Answer, *, late: bool
) -> None:
    monkeypatch.setattr(targets.TENANTS, "deadline", 0.3)
    tenant = tenant_at(receiver.url)
    orders = Orders(tenant)
    receiver.always = answer
    first, second = orders.change(1), orders.change(2)
    send()
    assert len(receiver.came) == 1
    row, server = event(first.pk), endpoint_of(tenant)
    assert (row.status, row.attempts, row.refusals, row.last_status) == ("waiting", 1, 0, None)
    assert event(second.pk).attempts == 0
    (kept,) = attempts()
    assert (kept.outcome, kept.http_status) == ("no_answer", None)
    assert kept.duration_ms < 2_000
    assert receiver.sent < 5 * 2**20
    assert (server.failures, server.slow) == (1, late)
    assert server.failing_since is not None
    assert server.due_at is not None
    assert server.due_at > timezone.now()
    receiver.always = plain(200, b"success")
    monkeypatch.setattr(targets.TENANTS, "deadline", 10.0)  # this machine may be slow too
    events_due_now(tenant)
    send()
    assert {event(one.pk).status for one in (first, second)} == {"delivered"}
    assert endpoint_of(tenant).slow is False


def test_what_may_not_be_called_is_not_and_counts_as_a_failure(receiver: Receiver) -> None:
    tenant = tenant_at(receiver.url)
    made = Orders(tenant).change(1, url="https://elsewhere.example/cb")
    send()
    assert receiver.came == []
    row = event(made.pk)
    assert (row.status, row.attempts, row.last_status) == ("waiting", 1, None)
    (kept,) = attempts()
    assert (kept.outcome, kept.url) == ("forbidden", "https://elsewhere.example/cb")
    assert "elsewhere.example" in str(kept.error)
    assert CallbackEndpoint.objects.get(pk=made.endpoint_id).failures == 1


def test_an_order_may_name_its_own_url_on_a_listed_host(receiver: Receiver) -> None:
    tenant = tenant_at("https://shop.example.com/cb", callback_hosts=["127.0.0.1"])
    Orders(tenant).change(1, url=f"{receiver.url}/own")
    send()
    assert [came.path for came in receiver.came] == ["/own"]


def test_without_an_address_events_are_kept_in_order_and_nobody_is_asked() -> None:
    orders = Orders(tenant_at(""))
    made = [orders.change(1), orders.change(1), orders.change(2)]
    send()
    assert [(event(one.pk).status, event(one.pk).due_at) for one in made] == [("kept", None)] * 3
    assert attempts() == []


def test_a_suspended_tenant_still_hears_what_happened(receiver: Receiver) -> None:
    tenant = tenant_at(receiver.url, status=TenantStatus.SUSPENDED)
    made = Orders(tenant).change(1)
    send()
    assert event(made.pk).status == "delivered"


def test_plain_2xx_is_enough_for_who_chose_it(receiver: Receiver) -> None:
    receiver.always = plain(204)
    made = Orders(tenant_at(receiver.url, callback_ack="http")).change(1)
    send()
    assert (event(made.pk).status, event(made.pk).last_status) == ("delivered", 204)


def test_a_dead_server_is_probed_with_one_event_and_then_told_everything(
    receiver: Receiver,
) -> None:
    tenant = tenant_at(f"http://127.0.0.1:{free_port()}/")
    orders = Orders(tenant)
    made = [orders.change(n) for n in range(30)]
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for seconds in (0, 2.1, 4.1):
            clock.shift(seconds)
            send()
            assert send() == 0
        assert len(attempts()) == 3
        tried = TenantEvent.objects.exclude(attempts=0)
        assert tried.exclude(due_at__lte=timezone.now()).exists()
        tenant.callback_url = receiver.url
        tenant.save()
        clock.shift(8.1)
        send()
    assert TenantEvent.objects.filter(status="delivered").count() == len(made)
    server = endpoint_of(tenant)
    assert (server.failures, server.failing_since, server.due_at) == (0, None, None)
    assert CallbackAttempt.objects.count() == 33


def test_a_bad_address_of_a_name_is_told_as_such(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(targets.TENANTS, "address_allowed", lambda _host, _address: False)
    made = Orders(tenant_at(receiver.url.replace("127.0.0.1", "localhost"))).change(1)
    send()
    assert receiver.came == []
    assert event(made.pk).attempts == 1
    assert attempts()[0].outcome == "forbidden"
    assert "公网" in str(attempts()[0].error)


def test_what_is_shown_of_a_url_and_an_answer_fits_its_column() -> None:
    lengths = {"answer": calling.ANSWER_KEPT, "url": calling.URL_KEPT, "error": calling.ERROR_KEPT}
    fields = {field.name: field.max_length for field in CallbackAttempt._meta.fields}
    assert lengths["url"] <= (fields["url"] or 0)
    assert lengths["error"] <= (TenantEvent._meta.get_field("last_error").max_length or 0)
    assert json.dumps(lengths)


def test_an_event_that_cannot_be_written_down_costs_the_others_nothing(receiver: Receiver) -> None:
    tenant = tenant_at(receiver.url)
    orders = Orders(tenant)
    before, poison, after = (orders.change(n) for n in (1, 2, 3))
    TenantEvent.objects.filter(pk=poison.pk).update(content=[1])
    send()
    assert receiver.told() == [("D1", 1), ("D3", 1)]
    assert {event(one.pk).status for one in (before, after)} == {"delivered"}
    row = event(poison.pk)
    assert (row.status, row.attempts, row.refusals) == ("waiting", 1, 0)
    assert row.due_at is not None
    assert row.due_at > timezone.now()
    assert "联系平台" in str(row.last_error)


def test_who_has_more_than_a_turn_holds_lets_others_go_between(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "EVENTS_A_TURN", 2)
    many, few = tenant_at(f"{receiver.url}/many"), tenant_at(f"{receiver.url}/few")
    orders = Orders(many)
    long_ago = timezone.now() - timedelta(hours=1)
    for number in range(5):
        orders.change(number, at=long_ago)
    Orders(few).change(9)
    CallbackEndpoint.objects.filter(tenant=many).update(due_at=long_ago)
    CallbackEndpoint.objects.filter(tenant=few).update(due_at=timezone.now())
    drain(sending.ENDPOINTS, threads=1, seconds=20)
    assert [came.path for came in receiver.came] == ["/many"] * 2 + ["/few"] + ["/many"] * 3


def test_a_turn_of_fifty_costs_as_many_statements_as_one_of_two(receiver: Receiver) -> None:
    tenant = tenant_at(receiver.url)
    orders = Orders(tenant)
    for number in range(50):
        orders.change(number)
    CallbackEndpoint.objects.update(due_at=timezone.now())
    with CaptureQueriesContext(connection) as asked:
        assert drain(sending.ENDPOINTS, threads=1, seconds=20) == 1
    assert TenantEvent.objects.filter(status="delivered").count() == 50
    frame = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
    statements = [one["sql"] for one in asked if not one["sql"].startswith(frame)]
    # Looked and claimed (4), read (2), attempts, the endpoint and its events locked, the events,
    # who follows, what is due next, given back; and a look that finds nothing.
    assert len(statements) == 4 + 2 + 1 + 2 + 1 + 1 + 1 + 1 + 1, statements

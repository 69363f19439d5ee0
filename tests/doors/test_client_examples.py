"""What the guide for tenants shows is so: its client works, its vectors and tables are the code's.

The JavaScript client runs in tests/e2e/test_tenant_clients.py, where node is.
"""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from django.urls import resolve
from pytest_django.live_server_helper import LiveServer

from accounts.authentication.signature import forget_cached_credentials
from accounts.models import TenantEvent
from accounts.services.outbox.bodies import event_body, signature_headers
from accounts.services.outbox.schedule import JITTER, PAUSES, REFUSALS_BEFORE_PASSING, TRIED_FOR
from accounts.states import Mode
from config.kernel.errors import Refusal
from config.urls import no_such_route
from delivery.api.examples import ORDER
from delivery.models import DeliveryOrder
from delivery.services.cancelling import cancel_delivery
from delivery.services.rehearsing import CANCELS, CHANGES, RETURNS
from delivery.states import Actor
from tests.delivery.making import AT
from tests.factories import TenantFactory, issue
from tests.mariadb import ROOT

FOLDER = ROOT / "docs" / "clients" / "python"
GUIDES = {name: (ROOT / "docs" / name).read_text() for name in ("tenants.md", "tenants.en.md")}
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
PUBLISHED = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
BODY = b'{"test": 2432232314}'
NOW = 1614265330.0
DELIVERY = {**ORDER, "callback_url": None, "goods_amount": "22.00"}


def load(name: str) -> ModuleType:
    """A file of the guide, as somebody who copied it has it."""
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


client = load("tonglu_client")
receiver = load("receiver")


# --- vectors --------------------------------------------------------------------------------------
def test_the_client_makes_the_published_signature_of_a_request() -> None:
    signature = client.sign("sk_test", "POST", "/api/v1/express-orders", 1771200000, "n-1", b"{}")
    assert signature == "05604bf50d1c1bab92c45df8f525591fa59445c2d2ee7419ff5f7ef3d65b6027"
    for guide in GUIDES.values():
        assert f"    {signature}\n" in guide


def test_the_client_verifies_the_published_callback() -> None:
    names = {name.title(): value for name, value in PUBLISHED.items()}
    assert client.verify_callback(SECRET, names, BODY, now=NOW) == {"test": 2432232314}
    for guide in GUIDES.values():
        for text in (SECRET, *PUBLISHED.values(), BODY.decode()):
            assert f"`{text}`" in guide


def test_while_the_secret_changes_either_one_is_enough() -> None:
    old = "whsec_" + "A" * 32
    both = PUBLISHED["webhook-signature"] + " v1,AAAA"
    headers = {**PUBLISHED, "webhook-signature": "v1a,x " + both}
    assert client.verify_callback([old, SECRET], headers, BODY, now=NOW)


@pytest.mark.parametrize(
    ("headers", "body", "now"),
    [
        ({}, b'{"test":2432232314}', NOW),
        ({"webhook-signature": "v1,AAAA"}, BODY, NOW),
        ({"webhook-signature": ""}, BODY, NOW),
        ({"webhook-signature": "v1,签名"}, BODY, NOW),
        ({"webhook-id": "msg_other"}, BODY, NOW),
        ({"webhook-timestamp": "soon"}, BODY, NOW),
        ({}, BODY, NOW + 301),
        ({}, BODY, NOW - 301),
    ],
    ids=["body", "signature", "none", "no-ascii", "id", "no-time", "late", "early"],
)
def test_whatever_was_touched_does_not_verify(
    headers: dict[str, str], body: bytes, now: float
) -> None:
    with pytest.raises(client.NotFromTonglu):
        client.verify_callback(SECRET, PUBLISHED | headers, body, now=now)


def test_without_our_headers_nothing_verifies() -> None:
    with pytest.raises(client.NotFromTonglu):
        client.verify_callback(SECRET, {}, BODY, now=NOW)


def test_the_receiver_keeps_what_is_newer_and_forgets_a_rider_who_handed_back() -> None:
    receiver.ORDERS.clear()

    def told(sequence: int, status: int, rider: str | None) -> bool:
        event = {"order_no": "DL1", "sequence": sequence, "status": status, "rider_name": rider}
        return bool(receiver.take_in(event))

    assert told(1, 1, "甲")
    assert told(2, 0, None)
    assert not told(1, 1, "甲")
    assert told(3, 1, "乙")
    assert not told(3, 1, "乙")
    assert receiver.ORDERS["DL1"]["rider_name"] == "乙"


# --- against the product --------------------------------------------------------------------------
@pytest.fixture
def tonglu(live_server: LiveServer) -> Iterator[Any]:
    forget_cached_credentials()
    key, secret = issue(TenantFactory(platform_code="py-tea"), Mode.TEST)
    yield client.Tonglu(live_server.url, key, secret)
    forget_cached_credentials()


@pytest.mark.django_db(transaction=True)
def test_the_client_orders_asks_cancels_and_reads_a_refusal(tonglu: Any) -> None:
    made = tonglu.create_delivery(DELIVERY)
    again = tonglu.create_delivery(DELIVERY)
    assert again["order_no"] == made["order_no"]
    assert tonglu.get_delivery(made["order_no"])["status"] == "pending"
    cancelled = tonglu.cancel_delivery(made["order_no"], "不要了")
    assert (cancelled["status"], cancelled["reason"]) == ("cancelled", "不要了")

    with pytest.raises(client.TongluError) as refused:
        tonglu.create_delivery({**DELIVERY, "goods_amount": "23.00"})
    assert (refused.value.status, refused.value.code) == (409, 6001)
    assert refused.value.error == "external_order_no_taken"
    assert "商品金额" in refused.value.message
    with pytest.raises(client.TongluError) as malformed:
        tonglu.create_delivery({**DELIVERY, "receiver_phone": "12"})
    assert malformed.value.status == 400
    assert "receiver_phone" in malformed.value.fields


@pytest.mark.django_db(transaction=True)
def test_a_write_goes_out_again_under_its_key_and_a_new_nonce(
    tonglu: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    send, sent = tonglu._once, []
    monkeypatch.setattr(client.time, "sleep", lambda _seconds: None)

    def lost_once(*arguments: Any) -> Any:
        sent.append(arguments)
        answer = send(*arguments)
        if len(sent) == 1:
            raise ConnectionResetError
        return answer

    tonglu._once = lost_once
    made = tonglu.create_delivery(DELIVERY)
    assert sent[0] == sent[1]
    assert DeliveryOrder.objects.get().order_no == made["order_no"]


@pytest.mark.django_db
def test_the_client_verifies_what_the_outbox_signs() -> None:
    tenant = TenantFactory()
    order = DeliveryOrder.objects.create(
        order_no="DL1", external_order_no="E-1", tenant=tenant, content_hash="", goods_amount=0,
        delivery_fee=0, total_amount=0, promised_at=AT, created_at=AT, updated_at=AT,
    )  # fmt: skip
    cancel_delivery(order_id=order.pk, reason="不要了", at=AT, actor=Actor.TENANT)
    event = TenantEvent.objects.get()
    body = event_body(event, tenant.zone)
    headers = signature_headers(event_id=event.event_id, body=body, at=AT, secrets=[SECRET])
    told = client.verify_callback(SECRET, headers, body, now=AT.timestamp())
    assert (told["status"], told["sequence"], told["event_id"]) == (4, 1, event.event_id)
    shown = re.search(r"```json\n(.*?)```", GUIDES["tenants.md"], re.DOTALL)
    assert shown
    assert set(re.findall(r'"(\w+)":', shown.group(1))) == set(told)


# --- tables ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("guide", GUIDES)
def test_every_refusal_in_the_guide_is_one_of_ours(guide: str) -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \|", GUIDES[guide], re.MULTILINE)
    assert len(rows) >= 10
    assert [(slug, Refusal.known[slug].code) for slug, _ in rows] == [
        (slug, int(code)) for slug, code in rows
    ]


@pytest.mark.parametrize(
    ("guide", "units"),
    [
        ("tenants.md", {"秒": 1, "分": 60, "小时": 3600}),
        ("tenants.en.md", {"s": 1, "min": 60, "h": 3600}),
    ],
    ids=["zh", "en"],
)
def test_the_pauses_in_the_guide_are_the_schedules(guide: str, units: dict[str, int]) -> None:
    row = re.search(
        r"^\| (?:隔多久再来|the next follows in) \|(.*)\|$", GUIDES[guide], re.MULTILINE
    )
    assert row
    cells = [cell.split() for cell in row.group(1).split("|")]
    told = [int(number) * units[unit] for number, unit in cells]
    assert told == [int(pause.total_seconds()) for pause in PAUSES]
    assert f"±{JITTER:.0%}" in GUIDES[guide]
    assert re.search(rf"\b{int(TRIED_FOR.total_seconds() // 3600)} (?:小时|hours)", GUIDES[guide])
    assert re.search(rf"{REFUSALS_BEFORE_PASSING} (?:次后|refusals)", GUIDES[guide])


@pytest.mark.parametrize("guide", GUIDES)
def test_every_route_in_the_guide_is_one(guide: str) -> None:
    routes = set(re.findall(r"`(?:GET |POST )?(/api/[\w/.-]*)", GUIDES[guide]))
    routes -= {"/api/v1", "/api/external", "/api/docs/", "/api/schema/"}
    assert len(routes) > 10
    for route in sorted(routes):
        assert resolve(route).func is not no_such_route, route


@pytest.mark.parametrize("guide", GUIDES)
def test_the_guide_names_the_words_of_the_rehearsal_and_links_to_files(guide: str) -> None:
    for word in (CANCELS, RETURNS, CHANGES):
        assert f"`{word}`" in GUIDES[guide]
    links = re.findall(r"\]\(([^)#]+)\)", GUIDES[guide])
    assert len(links) >= 5
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []

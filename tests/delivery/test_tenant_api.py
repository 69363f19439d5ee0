"""`/api/v1/delivery-orders`: book, list, read, cancel; strict, signed, once per key."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator

from accounts.models import Tenant
from config.kernel.numbers import link_token, read_link_token
from delivery.models import DeliveryOrder, RiderPosition
from delivery.services.price_rules import save_price_rule
from tests.delivery.asking import ORDER, V1, Backend
from tests.factories import TenantFactory, issue
from tests.signing import TenantClient

pytestmark = pytest.mark.django_db
QUOTES = "/api/v1/delivery-quotes"
PLACES = {name: ORDER[name] for name in ORDER if name.endswith(("_lat", "_lng"))}


@pytest.fixture
def tenant() -> Tenant:
    return TenantFactory()


@pytest.fixture
def client(tenant: Tenant) -> TenantClient:
    return TenantClient(*issue(tenant))


def book(client: TenantClient, **changes: Any) -> Any:
    return client.post(V1, {**ORDER, **changes})


def test_a_delivery_is_booked_and_shown_whole(client: TenantClient, tenant: Tenant) -> None:
    answer = book(client, weight=1.5, promised_at=None)
    assert answer.status_code == 201
    data = answer.json()["data"]
    order = DeliveryOrder.objects.get()
    assert (data["status"], data["status_code"], data["status_text"]) == ("pending", 0, "待接单")
    assert (data["goods_amount"], data["delivery_fee"], data["weight"]) == (
        "22.00", "6.00", "1.500",
    )  # fmt: skip
    assert (data["merchant_lat"], data["merchant_lng"]) == ("29.797", "119.685")
    assert data["created_at"].endswith("+08:00")
    assert read_link_token(data["tracking_url"].rpartition("/t/")[2]) == ("d", order.pk)
    assert data["tracking_url"].endswith(link_token("d", order.pk))
    assert [(step["status"], step["actor"], step["sequence"]) for step in data["timeline"]] == [
        ("pending", "tenant", None)
    ]
    assert data["position"] is None
    got = client.get(f"{V1}/{order.order_no}")
    assert (got.status_code, got.json()["data"]) == (200, data)
    assert order.tenant_id == tenant.pk


def test_the_same_again_is_200_and_other_content_409(client: TenantClient) -> None:
    first = book(client).json()["data"]
    again = book(client)
    assert (again.status_code, again.json()["data"]) == (200, first)
    other = book(client, remark="多放辣")
    assert (other.status_code, other.json()["error"]) == (409, "external_order_no_taken")
    assert "备注" in other.json()["message"]
    assert DeliveryOrder.objects.get().remark == ""


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"platform_code": "x"}, "platform_code"),
        ({"goods_amount": -1}, "goods_amount"),
        ({"merchant_lat": 119.685, "merchant_lng": 29.797}, "merchant_lat"),
        ({"goods_info": ["x" * 20_000]}, "goods_info"),
        ({"weight": -1}, "weight"),
        ({"receiver_phone": 138}, "receiver_phone"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_cannot_be_is_400_by_name(
    client: TenantClient, changes: dict[str, Any], field: str
) -> None:
    answer = book(client, **changes)
    assert answer.status_code == 400
    assert field in answer.json()["data"]["errors"]
    assert not DeliveryOrder.objects.exists()


def test_without_a_fee_the_rules_price_is_booked(client: TenantClient) -> None:
    refused = book(client, delivery_fee=None)
    assert (refused.status_code, refused.json()["error"]) == (422, "price_rule_missing")
    save_price_rule(values={"name": "默认", "base_fee": Decimal("5.50")})
    quoted = client.post(QUOTES, PLACES).json()["data"]
    assert quoted == {
        "delivery_fee": "5.50", "distance_m": 883, "rule_name": "默认",
        "components": [{"name": "base", "label": "起步价", "amount": "5.50"}],
    }  # fmt: skip
    booked = book(client, delivery_fee=None)
    assert booked.json()["data"]["delivery_fee"] == "5.50"
    assert book(client, delivery_fee=None).status_code == 200


def test_a_quote_names_what_it_lacks(client: TenantClient) -> None:
    answer = client.post(QUOTES, {"merchant_lat": 29.797, "merchant_lng": 119.685})
    assert answer.status_code == 400
    assert set(answer.json()["data"]["errors"]) == {"receiver_lat", "receiver_lng"}


@pytest.mark.django_db(transaction=True)
def test_a_key_makes_one_order_and_one_answer(client: TenantClient) -> None:
    key = {"Idempotency-Key": "k-1"}
    first = client.post(V1, ORDER, extra=key)
    again = client.post(V1, ORDER, extra=key)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again["Idempotent-Replayed"] == "true"
    assert DeliveryOrder.objects.count() == 1


def test_each_item_of_a_batch_has_its_own_result(client: TenantClient) -> None:
    items = [
        {**ORDER, "external_order_no": "A-1"},
        {**ORDER, "external_order_no": "A-2", "total_amount": "1.234"},
        {**ORDER, "external_order_no": "A-1"},
        {**ORDER, "external_order_no": "A-1", "remark": "x"},
        7,
        None,
    ]
    data = client.post(f"{V1}/batch", {"items": items}).json()["data"]
    assert [(item["index"], item["created"], item["error"]) for item in data["items"]] == [
        (0, True, None), (1, False, "malformed"), (2, False, None),
        (3, False, "external_order_no_taken"), (4, False, "malformed"), (5, False, "malformed"),
    ]  # fmt: skip
    assert data["refused"] == 4
    assert DeliveryOrder.objects.count() == 1
    assert client.post(f"{V1}/batch", {"items": [ORDER] * 101}).status_code == 400


def test_a_list_is_narrowed_and_shows_no_others(client: TenantClient, tenant: Tenant) -> None:
    other = TenantFactory()
    Backend(other.platform_code, issue(other)[1]).receive()
    for number in ("A-1", "A-2", "A-3"):
        book(client, external_order_no=number)
    DeliveryOrder.objects.filter(external_order_no="A-2").update(status="cancelled")
    testing = TenantClient(*issue(tenant, "test"))
    book(testing, external_order_no="T-1")

    def numbers(query: str = "", by: TenantClient = client) -> list[str]:
        answer = by.get(f"{V1}{query}")
        assert answer.status_code == 200, answer.json()
        return [item["external_order_no"] for item in answer.json()["data"]["items"]]

    assert numbers() == ["A-3", "A-2", "A-1"]
    assert numbers("?status=cancelled") == ["A-2"]
    assert numbers("?external_order_no=A-3") == ["A-3"]
    assert numbers(f"?date_from={timezone.localdate():%Y-%m-%d}") == ["A-3", "A-2", "A-1"]
    assert numbers("?date_to=2020-01-01") == []
    assert numbers(by=testing) == ["T-1"]
    first = client.get(f"{V1}?page_size=2").json()["data"]
    assert numbers(f"?page_size=2&cursor={first['next_cursor']}") == ["A-1"]
    for wrong in ("?status=4", "?shop=1", "?page_size=0"):
        assert client.get(f"{V1}{wrong}").status_code == 400


def test_another_tenants_and_the_other_modes_order_are_404(
    client: TenantClient, tenant: Tenant
) -> None:
    number = book(client).json()["data"]["order_no"]
    for other in (TenantClient(*issue(TenantFactory())), TenantClient(*issue(tenant, "test"))):
        assert other.get(f"{V1}/{number}").status_code == 404
        assert other.post(f"{V1}/{number}/cancel", {"reason": "x"}).status_code == 404
    assert DeliveryOrder.objects.get().status == "pending"


def test_cancelling_says_why_and_is_refused_after_pick_up(client: TenantClient) -> None:
    number = book(client).json()["data"]["order_no"]
    assert client.post(f"{V1}/{number}/cancel", {}).status_code == 400
    for _ in range(2):
        answer = client.post(f"{V1}/{number}/cancel", {"reason": "不要了"})
        assert answer.status_code == 200
        data = answer.json()["data"]
        assert (data["status"], data["reason"], data["sequence"]) == ("cancelled", "不要了", 1)
        assert [step["status"] for step in data["timeline"]] == ["pending", "cancelled"]
    other = book(client, external_order_no="A-2").json()["data"]["order_no"]
    DeliveryOrder.objects.filter(order_no=other).update(status="picked_up", rider_name="李四")
    refused = client.post(f"{V1}/{other}/cancel", {"reason": "x"})
    assert (refused.status_code, refused.json()["error"]) == (409, "delivery_cancel_refused")


def test_where_the_rider_is_ends_with_the_assignment(client: TenantClient) -> None:
    number = book(client).json()["data"]["order_no"]
    order = DeliveryOrder.objects.get()
    for attempt, lat in ((2, "29.8"), (2, "29.8010000"), (1, "29.1")):
        RiderPosition.objects.create(
            order=order, attempt=attempt, rider_id=1, lat=Decimal(lat), lng=Decimal("119.7"),
            created_at=timezone.now(),
        )  # fmt: skip
    DeliveryOrder.objects.update(status="picked_up", rider_name="李四", attempt=2)
    position = client.get(f"{V1}/{number}").json()["data"]["position"]
    assert (position["lat"], position["lng"]) == ("29.801", "119.7")
    DeliveryOrder.objects.update(status="delivered")
    assert client.get(f"{V1}/{number}").json()["data"]["position"] is None


def test_without_a_signature_nothing_is_answered(tenant: Tenant) -> None:
    secret = issue(tenant)[1]
    proof = {"platform_code": tenant.platform_code, "api_secret": secret}
    assert Client().get(V1, proof).status_code == 401
    assert Client().post(V1, {**ORDER, **proof}, content_type="application/json").status_code == 401


def test_what_is_answered_is_what_is_documented(client: TenantClient) -> None:
    document: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]

    def matches(path: str, method: str, answer: Any) -> None:
        response = document["paths"][path][method]["responses"][str(answer.status_code)]
        schema = response["content"]["application/json"]["schema"]
        whole = {**schema, "components": document["components"]}
        Draft202012Validator(whole).validate(answer.json())

    save_price_rule(values={"name": "默认"})
    made = book(client)
    number = made.json()["data"]["order_no"]
    matches(V1, "post", made)
    matches(V1, "post", book(client, remark="x"))
    matches(V1, "get", client.get(V1))
    matches(f"{V1}/{{order_no}}", "get", client.get(f"{V1}/{number}"))
    matches(f"{V1}/batch", "post", client.post(f"{V1}/batch", {"items": [ORDER, {}]}))
    matches(QUOTES, "post", client.post(QUOTES, PLACES))
    cancelled = client.post(f"{V1}/{number}/cancel", {"reason": "x"})
    matches(f"{V1}/{{order_no}}/cancel", "post", cancelled)
    door = "/api/external/order"
    new = {**ORDER, "external_order_no": "A-9"}
    received = client.post(f"{door}/receive", new)
    matches(f"{door}/receive", "post", received)
    matches(f"{door}/receive", "post", client.post(f"{door}/receive", {**new, "remark": "x"}))
    matches(f"{door}/status", "get", client.get(f"{door}/status?external_order_no=A-9"))
    matches(f"{door}/status", "get", client.get(f"{door}/status?order_no=none"))
    matches(f"{door}/cancel", "post", client.post(f"{door}/cancel", {"external_order_no": "A-9"}))
    for path in ("receive", "cancel"):
        proofs = document["paths"][f"{door}/{path}"]["post"]["security"]
        assert proofs == [{"TenantSignature": []}, {"PlatformSecret": []}]


@pytest.mark.parametrize(
    ("zone", "said", "meant"),
    [
        ("Asia/Shanghai", "2026-11-22T13:00:00", "2026-11-22T13:00:00+08:00"),
        ("Asia/Tokyo", "2026-11-22T13:00:00", "2026-11-22T13:00:00+09:00"),
        ("Asia/Tokyo", "2026-11-22T13:00:00+08:00", "2026-11-22T14:00:00+09:00"),
        ("Asia/Tokyo", "2026-11-22T04:00:00Z", "2026-11-22T13:00:00+09:00"),
    ],
)
@pytest.mark.parametrize("door", ["v1", "external"])
def test_a_promise_without_an_offset_is_in_the_tenants_zone(
    zone: str, said: str, meant: str, door: str
) -> None:
    tenant = TenantFactory(time_zone=zone)
    with time_machine.travel("2026-11-22T03:30:00Z", tick=False):
        key, secret = issue(tenant)
        if door == "v1":
            client = TenantClient(key, secret)
            assert book(client, promised_at=said).json()["data"]["promised_at"] == meant
        else:
            answer = Backend(tenant.platform_code, secret).receive(promised_at=said)
            assert answer.json()["code"] == 0
    order = DeliveryOrder.objects.get()
    assert order.promised_at == datetime.fromisoformat(meant)

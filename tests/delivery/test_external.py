"""An existing mini-program backend's orders come in, are asked for and cancelled (S000 3.1)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Tenant, TenantEvent
from delivery.models import DeliveryOrder, DeliveryStep
from tests.delivery.asking import DOOR, ORDER, Backend
from tests.factories import TenantFactory, issue
from tests.signing import TenantClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def tenant() -> Tenant:
    return TenantFactory(
        platform_code="wx_miniprogram_001",
        callback_url="https://api.yourapp.com/api/delivery/callback",
        callback_hosts=["api.yourapp.com", "second.yourapp.com"],
    )


@pytest.fixture
def backend(tenant: Tenant) -> Backend:
    return Backend(tenant.platform_code, issue(tenant)[1])


def test_an_order_is_received_as_the_seed_reads_the_answer(backend: Backend) -> None:
    answer = backend.receive()
    assert answer.status_code == 200
    body = answer.json()
    assert (body["code"], body["message"]) == (0, "success")
    order = DeliveryOrder.objects.get()
    assert body["data"] == {
        "order_no": order.order_no,
        "external_order_no": "NC20260216A1B2C3",
        "status": 0,
        "status_text": "待接单",
    }
    assert (order.goods_amount, order.delivery_fee, order.total_amount) == (22, 6, 28)
    assert (order.goods_info, order.distance_m) == (ORDER["goods_info"], 883)
    assert [step.status for step in DeliveryStep.objects.all()] == ["pending"]
    assert not TenantEvent.objects.exists()


def test_what_javascript_leaves_out_or_sends_as_nothing_is_no_mistake(backend: Backend) -> None:
    nothing = {"merchant_lat": None, "merchant_lng": "", "goods_info": "", "delivery_fee": None}
    answer = backend.receive(**nothing, goods_amount="", weight=None, promised_at="", appid="wx1")
    assert answer.json()["code"] == 0
    order = DeliveryOrder.objects.get()
    assert (order.merchant_lat, order.distance_m, order.goods_amount) == (None, None, 0)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [(0.1 + 0.2, "0.30"), ("0.30", "0.30"), ("99999999.99", "99999999.99"), (8.7, "8.70")],
)
def test_amounts_are_kept_exactly(backend: Backend, sent: Any, kept: str) -> None:
    backend.receive(goods_amount=sent)
    assert DeliveryOrder.objects.get().goods_amount == Decimal(kept)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"goods_amount": -1}, "goods_amount"),
        ({"goods_amount": 12.345}, "goods_amount"),
        ({"total_amount": "100000000.00"}, "total_amount"),
        ({"delivery_fee": 1e300}, "delivery_fee"),
        ({"delivery_fee": True}, "delivery_fee"),
        ({"delivery_fee": "NaN"}, "delivery_fee"),
        ({"merchant_lat": 119.685, "merchant_lng": 29.797}, "merchant_lat"),
        ({"receiver_lat": 0, "receiver_lng": 0}, "receiver_lat"),
        ({"receiver_lat": None}, "receiver_lat"),
        ({"receiver_lng": [119]}, "receiver_lng"),
        ({"goods_info": "x" * 20_001}, "goods_info"),
        ({"goods_info": "[片儿川]"}, "goods_info"),
        ({"receiver_phone": "不知道"}, "receiver_phone"),
        ({"merchant_name": 7}, "merchant_name"),
        ({"external_order_no": None}, "external_order_no"),
        ({"external_order_no": "A 1"}, "external_order_no"),
        ({"external_order_no": "A" * 65}, "external_order_no"),
        ({"promised_at": "soon"}, "promised_at"),
        ({"promised_at": "2020-01-01T00:00:00+08:00"}, "promised_at"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_cannot_be_is_refused_by_name(
    backend: Backend, changes: dict[str, Any], field: str
) -> None:
    answer = backend.receive(**changes)
    assert answer.status_code == 400
    assert answer.json()["code"] != 0
    assert field in answer.json()["data"]["errors"]
    assert not DeliveryOrder.objects.exists()


def test_swapped_coordinates_are_said_to_be_swapped(backend: Backend) -> None:
    answer = backend.receive(receiver_lat=119.691, receiver_lng=29.803)
    assert "填反" in answer.json()["data"]["errors"]["receiver_lat"][0]
    # S000's client shows nothing but the message.
    assert "receiver_lat：收货地址的纬度与经度似乎填反了" in answer.json()["message"]


def test_the_same_order_sent_again_is_the_first_one_as_it_is_now(backend: Backend) -> None:
    first = backend.receive().json()["data"]
    DeliveryOrder.objects.update(status="accepted", rider_name="李四")
    again = backend.receive(goods_amount="22.00", goods_info='[{"quantity": 1, "name": "片儿川"}]')
    assert again.json()["data"] == {**first, "status": 1, "status_text": "已接单"}
    assert DeliveryOrder.objects.count() == 1


def test_other_content_under_the_number_is_refused_and_named(backend: Backend) -> None:
    number = backend.receive().json()["data"]["order_no"]
    answer = backend.receive(receiver_address="别处", goods_amount=23)
    body = answer.json()
    assert (answer.status_code, body["code"], body["error"]) == (
        200, 6001, "external_order_no_taken",
    )  # fmt: skip
    assert "收货地址" in body["message"]
    assert "商品金额" in body["message"]
    assert number in body["message"]
    assert "备注" not in body["message"]
    assert DeliveryOrder.objects.get().receiver_address == ORDER["receiver_address"]


def test_a_number_is_free_to_another_tenant_and_in_test_mode(
    backend: Backend, tenant: Tenant
) -> None:
    other = TenantFactory()
    for one in (
        backend,
        Backend(other.platform_code, issue(other)[1]),
        Backend(tenant.platform_code, issue(tenant, "test")[1]),
    ):
        assert one.receive().json()["code"] == 0
    found = DeliveryOrder.objects.order_by("id").values_list("tenant_id", "is_test")
    assert list(found) == [(tenant.pk, False), (other.pk, False), (tenant.pk, True)]


def test_the_status_has_the_callbacks_fields_and_the_times(backend: Backend) -> None:
    number = backend.receive().json()["data"]["order_no"]
    DeliveryOrder.objects.update(status="delivered", rider_name="李四", rider_phone="13900139000")
    by_ours = backend.status(order_no=number).json()
    assert by_ours["code"] == 0
    assert by_ours["data"] == {
        "order_no": number, "external_order_no": "NC20260216A1B2C3",
        "status": 3, "status_text": "已送达", "rider_name": "李四", "rider_phone": "13900139000",
        "accepted_at": None, "picked_up_at": None, "delivered_at": None, "cancelled_at": None,
        "reason": None, "is_test": False,
    }  # fmt: skip
    assert backend.status(external_order_no="NC20260216A1B2C3").json() == by_ours


@pytest.mark.parametrize(
    ("inside", "outside"),
    [("pending", 0), ("picked_up", 2), ("failed", 4), ("returning", 4), ("returned", 4)],
)
def test_eight_states_are_five_outside(backend: Backend, inside: str, outside: int) -> None:
    number = backend.receive().json()["data"]["order_no"]
    DeliveryOrder.objects.update(status=inside, rider_name="李四")
    assert backend.status(order_no=number).json()["data"]["status"] == outside


def test_an_unknown_order_and_anothers_are_answered_alike(backend: Backend) -> None:
    other = TenantFactory()
    theirs = Backend(other.platform_code, issue(other)[1]).receive().json()["data"]["order_no"]
    for answer in (
        backend.status(order_no=theirs),
        backend.status(order_no="DL0"),
        backend.status(external_order_no="NC20260216A1B2C3"),
        backend.cancel(order_no=theirs),
    ):
        body = answer.json()
        assert (answer.status_code, body["code"], body["message"]) == (
            200,
            -1,
            "订单不存在，请核对单号。",
        )
    assert DeliveryOrder.objects.get().status == "pending"


def test_neither_number_is_a_mistake(backend: Backend) -> None:
    assert backend.status().status_code == 400
    assert backend.cancel(order_no=None).status_code == 400


def test_cancelling_is_answered_as_the_status(backend: Backend) -> None:
    number = backend.receive().json()["data"]["order_no"]
    answer = backend.cancel(order_no=number, cancel_reason="不要了").json()
    assert answer["code"] == 0
    assert (answer["data"]["status"], answer["data"]["status_text"]) == (4, "已取消")
    assert answer["data"]["reason"] == "不要了"
    assert answer["data"]["cancelled_at"].endswith("+08:00")
    assert backend.status(order_no=number).json()["data"] == answer["data"]


def test_after_pick_up_the_refusal_is_read_in_the_body(backend: Backend) -> None:
    backend.receive()
    DeliveryOrder.objects.update(status="picked_up", rider_name="李四")
    answer = backend.cancel(external_order_no="NC20260216A1B2C3")
    assert (answer.status_code, answer.json()["code"]) == (200, 6002)
    assert "已取货" in answer.json()["message"]
    assert DeliveryOrder.objects.get().status == "picked_up"


def test_a_signed_request_needs_no_secret_in_the_message(tenant: Tenant) -> None:
    client = TenantClient(*issue(tenant))
    number = client.post(f"{DOOR}/receive", ORDER).json()["data"]["order_no"]
    assert client.get(f"{DOOR}/status?order_no={number}").json()["data"]["status"] == 0


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://api.yourapp.com/api/delivery/callback", None),
        ("https://api.yourapp.com/other", "https://api.yourapp.com/other"),
        ("https://second.yourapp.com/x", "https://second.yourapp.com/x"),
        ("http://127.0.0.1:3000/cb", "http://127.0.0.1:3000/cb"),
    ],
)
def test_a_callback_url_of_a_listed_host_is_kept_where_it_is_not_the_default(
    backend: Backend, url: str, kept: str | None, settings: Any
) -> None:
    settings.OUTBOUND_ALLOW_LOOPBACK = True
    assert backend.receive(callback_url=url).json()["code"] == 0
    assert DeliveryOrder.objects.get().callback_url == kept
    assert backend.receive(callback_url=url).json()["code"] == 0


@pytest.mark.parametrize(
    "url",
    [
        "http://api.yourapp.com/cb", "http://127.0.0.1:3000/cb",
        "https://user@api.yourapp.com/cb", "ftp://api.yourapp.com/", "callback",
        # What the sender would never call is not accepted either.
        "https://api.yourapp.com:22/cb", "https://api.yourapp.com:99999/cb",
        "https://:pw@api.yourapp.com/cb", "https://api.yourapp.com/cb\r\nHost: a",
        "https://api.your\tapp.com/cb", "https://api.yourapp.com/ cb",
    ],
)  # fmt: skip
def test_any_other_callback_url_is_refused_and_nothing_written(
    backend: Backend, url: str, settings: Any
) -> None:
    settings.OUTBOUND_ALLOW_LOOPBACK = False
    answer = backend.receive(callback_url=url)
    assert (answer.status_code, answer.json()["error"]) == (400, "callback_url_refused")
    assert not DeliveryOrder.objects.exists()


def test_a_host_that_is_not_listed_is_a_refusal_that_names_it(backend: Backend) -> None:
    answer = backend.receive(callback_url="https://evil.example.com/")
    assert (answer.status_code, answer.json()["error"]) == (200, "callback_host_not_listed")
    assert answer.json()["code"] != 0
    assert "evil.example.com" in answer.json()["message"]
    assert not DeliveryOrder.objects.exists()

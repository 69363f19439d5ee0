"""A rider's program sees what is near, takes it and brings it home."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from delivery.models import DeliveryOrder, DeliveryProof, DispatchOffer, Rider, RiderPosition
from delivery.services.dispatching import accept_order
from tests.delivery.making import METRE, SHOP, make_delivery, make_rider, told
from tests.delivery.phones import Phone, refusal
from tests.factories import TenantFactory

pytestmark = pytest.mark.django_db
HERE = f"lat={SHOP[0]}&lng={SHOP[1]}"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 50


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    cache.clear()


@pytest.fixture
def rider() -> Rider:
    return make_rider(username="xiaoli", name="小李", at=timezone.now())


def test_near_orders_come_nearest_first_with_nobody_named(rider: Rider) -> None:
    tenant = TenantFactory()
    far = make_delivery(tenant, merchant_lat=SHOP[0] + 900 * METRE)
    near = make_delivery(tenant, remark="打13800138000")
    make_delivery(tenant, merchant_lat=SHOP[0] + 3000 * METRE)
    make_delivery(tenant, is_test=True)
    make_delivery(tenant, status="cancelled")
    answer = Phone(rider).get(f"/orders?{HERE}&radius_m=1000")
    items = answer.json()["data"]["items"]
    assert [(item["order_no"], item["away_m"]) for item in items] == [
        (near.order_no, 0), (far.order_no, 901),
    ]  # fmt: skip
    first = items[0]
    assert (first["receiver_name"], first["receiver_phone"]) == ("王**", "138****8000")
    assert first["receiver_lat"] == "29.803"
    assert "13800138000" not in answer.content.decode()
    assert "502" not in first["receiver_address"]


def test_off_duty_nothing_is_near(rider: Rider) -> None:
    make_delivery(TenantFactory())
    phone = Phone(rider)
    assert phone.post("/duty", {"on_duty": False}).json()["data"]["on_duty"] is False
    assert phone.get(f"/orders?{HERE}").json()["data"]["items"] == []
    assert phone.post("/duty", {"on_duty": True, "lat": 29.8, "lng": 119.7}).status_code == 200
    assert len(phone.get(f"/orders?{HERE}").json()["data"]["items"]) == 1


@pytest.mark.parametrize(
    "query",
    ["", "lat=29.8", "lat=119.6&lng=29.8", "lat=x&lng=y", f"{HERE}&radius_m=99999", f"{HERE}&a=1"],
)
def test_a_search_without_a_usable_place_is_refused(rider: Rider, query: str) -> None:
    assert refusal(Phone(rider).get(f"/orders?{query}")) == (400, "malformed")


def test_the_whole_way_at_the_door(rider: Rider) -> None:
    order = make_delivery(TenantFactory(), delivery_code="8812", pickup_code="0427")
    phone, path = Phone(rider), f"/orders/{order.order_no}"
    assert refusal(phone.get(path)) == (404, "not_found")
    taken = phone.post(f"{path}/accept").json()["data"]
    assert (taken["receiver_phone"], taken["status_text"]) == ("13800138000", "待取货")
    assert "0427" not in json.dumps(taken)
    mine = phone.get("/orders/mine").json()["data"]["items"]
    assert [item["order_no"] for item in mine] == [order.order_no]
    assert phone.post(f"{path}/arrive", {}).status_code == 200
    assert refusal(phone.post(f"{path}/pickup")) == (422, "code_wrong")
    assert phone.post(f"{path}/pickup", {"code": "0427"}).status_code == 200
    assert phone.post("/position", {"lat": 29.79712345678, "lng": 119.685}).json()["data"] == {
        "kept": 1
    }
    assert refusal(phone.post(f"{path}/deliver", {})) == (422, "proof_missing")
    photo = b64encode(PNG).decode()
    for _ in range(2):
        done = phone.post(f"{path}/deliver", {"photo": photo})
        assert done.status_code == 200
    assert done.json()["data"]["receiver_phone"] == "138****8000"
    assert [status for _, _, status in told(order)] == [1, 2, 3]
    assert (DeliveryProof.objects.count(), RiderPosition.objects.count()) == (1, 0)


def test_back_to_the_shop_at_the_door(rider: Rider) -> None:
    order = make_delivery(TenantFactory(), goods_info="王小明的面")
    phone, path = Phone(rider), f"/orders/{order.order_no}"
    (near,) = phone.get(f"/orders?{HERE}").json()["data"]["items"]
    assert (near["goods_info"], near["merchant_phone"]) == ("王**的面", "057****1234")
    for step, data in (
        ("accept", {}), ("hand-back", {"reason": "爆胎"}), ("accept", {}), ("pickup", {}),
        ("return", {"reason": "王小明拒收 13800138000"}), ("returned", {}),
    ):  # fmt: skip
        answer = phone.post(f"{path}/{step}", data)
        assert answer.status_code == 200, step
    assert answer.json()["data"]["reason"] == "王**拒收 138****8000"
    assert [status for _, _, status in told(order)] == [1, 0, 1, 2, 4, 4]


def test_goods_keep_their_names_and_hide_peoples(rider: Rider) -> None:
    goods = '[{"name": "牛肉面", "quantity": 2, "note": "给王小明，13900139000"}, 7]'
    make_delivery(TenantFactory(), goods_info=goods)
    (near,) = Phone(rider).get(f"/orders?{HERE}").json()["data"]["items"]
    assert json.loads(near["goods_info"]) == [
        {"name": "牛肉面", "quantity": 2, "note": "给王**，139****9000"}, 7,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("goods", "shown"),
    [
        ('[{"name": "面", "phone": 13900139000}]', '[{"name": "面", "phone": "139****9000"}]'),
        ('{"n": 13900139000}', '{"n": "139****9000"}'),
        ('{"id_card": 330122199001011234}', '{"id_card": "***"}'),
        ('{"receiver_name": "李四海", "contact": "李四"}',
         '{"receiver_name": "李**", "contact": "李*"}'),
        ('{"收件人": "李四海", "名称": "面"}', '{"收件人": "李**", "名称": "面"}'),
        ('{"buyerInfo": {"name": "李四海"}}', '{"buyerInfo": {"name": "李**"}}'),
        ('{"address": "文二路11号"}', '{"address": "文二路***"}'),
        ('{"password": "abc99", "token": [1]}', '{"password": "***", "token": "***"}'),
        ('{"name": "给王小明的面"}', '{"name": "给王**的面"}'),
        ('{"13900139000": 1, "139 0013 9000": 2}', '{"139****9000": 1, "139****9000 (2)": 2}'),
        ('[17.50, -0, 1E2, 12345678901234567.890, {}, null, true]',
         '[17.50, -0, 1E2, 12345678901234567.890, {}, null, true]'),
    ],
    ids=["phone", "number", "card", "names", "label", "person", "address", "secrets", "own_name",
         "keys", "figures"],
)  # fmt: skip
def test_goods_in_json_are_masked_by_key_and_numbers_stay_as_written(
    rider: Rider, goods: str, shown: str
) -> None:
    make_delivery(TenantFactory(), goods_info=goods)
    (near,) = Phone(rider).get(f"/orders?{HERE}").json()["data"]["items"]
    assert near["goods_info"] == shown


def test_a_step_of_another_riders_order_changes_nothing(rider: Rider) -> None:
    order, other = make_delivery(TenantFactory()), make_rider(at=timezone.now())
    accept_order(order_id=order.pk, rider_id=other.pk, at=timezone.now())
    before = DeliveryOrder.objects.get(pk=order.pk).version
    phone, path = Phone(rider), f"/orders/{order.order_no}"
    assert refusal(phone.post(f"{path}/accept")) == (409, "delivery_taken")
    for step in ("arrive", "pickup", "deliver", "returned"):
        assert refusal(phone.post(f"{path}/{step}", {})) == (409, "delivery_not_yours")
    for step in ("hand-back", "return"):
        answer = phone.post(f"{path}/{step}", {"reason": "x"})
        assert refusal(answer) == (409, "delivery_not_yours")
    assert refusal(phone.get(path)) == (404, "not_found")
    assert DeliveryOrder.objects.get(pk=order.pk).version == before


@pytest.mark.parametrize(
    ("path", "data", "error"),
    [
        ("/position", {"lat": 119.6, "lng": 29.7}, "malformed"),
        ("/position", {"lat": 29.7}, "malformed"),
        ("/position", {"lat": True, "lng": 119.6}, "malformed"),
        ("/duty", {"on_duty": "yes"}, "malformed"),
        ("/duty", {"on_duty": True, "lat": 29.7}, "malformed"),
        ("/orders/X/hand-back", {}, "malformed"),
        ("/orders/X/accept", {"rider_id": 7}, "malformed"),
        ("/orders/X/deliver", {"photo": "=no base64="}, "not_found"),
    ],
)  # fmt: skip
def test_what_is_malformed_is_refused(rider: Rider, path: str, data: Any, error: str) -> None:
    assert Phone(rider).post(path, data).json()["error"] == error


def test_a_photo_that_is_none_or_too_large_is_refused(rider: Rider) -> None:
    order = make_delivery(TenantFactory())
    accept_order(order_id=order.pk, rider_id=rider.pk, at=timezone.now())
    phone, path = Phone(rider), f"/orders/{order.order_no}"
    phone.post(f"{path}/pickup")
    large, larger = (b64encode(PNG + b"\x00" * kb * 1024).decode() for kb in (512, 700))
    for photo in ("=no base64=", b64encode(b"GIF89a").decode(), large, larger):
        answer = phone.post(f"{path}/deliver", {"photo": photo})
        assert refusal(answer) == (400, "photo_unusable")
    assert phone.post(f"{path}/deliver", {"photo": "A" * 1_100_000}).status_code == 413
    assert (told(order)[-1][2], DeliveryProof.objects.count()) == (2, 0)


def test_offers_are_shown_declined_and_taken(rider: Rider) -> None:
    at, tenant = timezone.now(), TenantFactory()
    offers = [
        DispatchOffer.objects.create(
            order_id=make_delivery(tenant).pk, rider_id=rider.pk, round=1, attempt=1,
            radius_m=1000, distance_m=200, created_at=at, expires_at=at + timedelta(seconds=30),
        )
        for _ in range(2)
    ]  # fmt: skip
    phone = Phone(rider)
    items = phone.get("/offers").json()["data"]["items"]
    assert [item["id"] for item in items] == [offer.pk for offer in offers]
    assert items[0]["order"]["receiver_name"] == "王**"
    declined = phone.post(f"/offers/{offers[0].pk}/decline").json()["data"]
    assert declined["status"] == "declined"
    others_rider = make_rider(at=at)
    others = Phone(others_rider)
    assert refusal(others.post(f"/offers/{offers[1].pk}/decline")) == (404, "not_found")
    number = items[1]["order"]["order_no"]
    assert refusal(others.post(f"/orders/{number}/accept")) == (409, "delivery_taken")
    assert phone.post(f"/orders/{number}/accept").status_code == 200
    assert phone.get("/offers").json()["data"]["items"] == []
    # What became of an offer is told, not whose parcel another rider carries.
    late = DispatchOffer.objects.create(
        order_id=offers[1].order_id, rider_id=others_rider.pk, round=1, attempt=1,
        radius_m=1000, distance_m=300, created_at=at, expires_at=at, status="withdrawn",
    )  # fmt: skip
    told_late = others.post(f"/offers/{late.pk}/decline").json()["data"]
    assert (told_late["status"], told_late["order"]["receiver_name"]) == ("withdrawn", "王**")

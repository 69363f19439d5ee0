"""The public page of a parcel or delivery: who has the link sees how far it is, and no more."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from config.kernel.numbers import link_token
from delivery.models import DeliveryOrder, DeliveryStep, RiderPosition
from tests.console.rows import make_order
from tests.factories import RuleFactory, TenantFactory, issue
from tests.signing import TenantClient

pytestmark = pytest.mark.django_db
SECRETS = ("13800138000", "13700137000", "张三丰", "李四海", "文三路", "18.80", "少放辣", "内部")


@pytest.fixture(autouse=True)
def _counted_anew() -> None:
    cache.clear()


def look(token: str, **more: Any) -> Any:
    return Client().get(f"/t/{token}", **more)


def make_parcel(**columns: Any) -> Any:
    at = timezone.now().isoformat()
    told = {
        "time": at,
        "status": "delivering",
        "code": "SENT",
        "applied": True,
        "desc": "快递员李四海13700137000正在派送，张三丰，文三路478号",
    }
    here = {**told, "desc": "快递员李四海13700137000正在派送"}  # fmt: skip
    given = {
        "status": "delivering", "receiver_province": "浙江省", "receiver_city": "杭州市",
        "receiver_district": "西湖区", "receiver_address": "文三路478号", "remark": "内部",
        "courier_name": "李四海", "courier_phone": "13700137000", "track_info": [told, here],
        "freight": Decimal("18.80"), **columns,
    }  # fmt: skip
    return make_order(**given)


def make_delivery(**columns: Any) -> DeliveryOrder:
    at = timezone.now()
    given = {
        "order_no": f"DL{DeliveryOrder.objects.count():06d}",
        "external_order_no": f"M{DeliveryOrder.objects.count()}", "content_hash": "0" * 64,
        "tenant": TenantFactory(), "merchant_name": "桐庐小馆", "merchant_phone": "13800138000",
        "merchant_address": "文三路1号", "receiver_name": "张三丰",
        "receiver_phone": "13800138000", "receiver_phone_hash": "0" * 64,
        "receiver_address": "文三路478号", "receiver_lat": Decimal("30.27"),
        "receiver_lng": Decimal("120.13"), "goods_amount": Decimal("18.80"),
        "delivery_fee": Decimal("5.00"), "total_amount": Decimal("23.80"), "remark": "少放辣",
        "status": "picked_up", "rider_name": "李四海", "rider_phone": "13700137000",
        "attempt": 2, "promised_at": at, "created_at": at, "updated_at": at, **columns,
    }  # fmt: skip
    order = DeliveryOrder.objects.create(**given)
    for status, rider in (("pending", None), ("accepted", "李四海"), ("picked_up", "李四海")):
        DeliveryStep.objects.create(
            order=order, status=status, actor="rider", rider_name=rider, note="内部",
            created_at=at,
        )  # fmt: skip
    return order


def stand(order: DeliveryOrder, attempt: int, lat: str, ago: int = 0) -> None:
    RiderPosition.objects.create(
        order=order, attempt=attempt, rider_id=1, lat=Decimal(lat), lng=Decimal("120.13"),
        created_at=timezone.now() - timedelta(minutes=ago),
    )  # fmt: skip


def test_a_parcels_page_masks_its_people_and_says_where_it_goes() -> None:
    answer = look(link_token("p", make_parcel().pk))
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "杭州市 西湖区" in text
    assert "张** 138****8000" in text
    assert "快递员李**137****7000正在派送" in text
    assert not [secret for secret in SECRETS if secret in text]
    assert answer["Cache-Control"] == "no-store"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["X-Robots-Tag"].startswith("noindex")
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert not answer.cookies


def test_a_deliverys_page_tells_how_far_the_rider_of_this_assignment_is() -> None:
    order = make_delivery()
    stand(order, 1, "30.2701")
    said = look(link_token("d", order.pk)).content.decode()
    assert "公里" not in said
    assert "米" not in said
    stand(order, 2, "30.2592")
    text = look(link_token("d", order.pk), query_params={"lang": "en"}).content.decode()
    assert "about 1.2 km" in text
    assert "桐庐小馆" in text
    assert not [secret for secret in SECRETS if secret in text]


def test_where_a_rider_was_before_or_after_the_ride_is_not_told() -> None:
    for columns in ({"status": "accepted"}, {"status": "delivered"}, {"status": "returning"}):
        order = make_delivery(**columns)
        stand(order, 2, "30.2592")
        page = look(link_token("d", order.pk), query_params={"lang": "en"})
        assert page.status_code == 200
        assert " km away" not in page.content.decode()
    stale = make_delivery()
    stand(stale, 2, "30.2592", ago=11)
    page = look(link_token("d", stale.pk), query_params={"lang": "en"})
    assert " km away" not in page.content.decode()


def test_unknown_forged_and_old_links_are_the_same_answer() -> None:
    parcel = make_parcel()
    old = make_parcel(status="signed", sign_time=timezone.now() - timedelta(days=31))
    ended = make_parcel(status="signed", sign_time=timezone.now() - timedelta(days=29))
    token = link_token("p", parcel.pk)
    answers = [
        look(bad)
        for bad in (
            link_token("p", old.pk), link_token("p", 10**9), link_token("d", parcel.pk),
            link_token("x", parcel.pk), f"{token[:-1]}!", "p1-", "1", "九", token.upper(),
        )
    ]  # fmt: skip
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert look(link_token("p", ended.pk)).status_code == 200


def test_the_page_speaks_the_readers_language() -> None:
    token = link_token("p", make_parcel().pk)
    english = {"HTTP_ACCEPT_LANGUAGE": "en-GB,en;q=0.9"}
    assert 'lang="en"' in look(token, **english).content.decode()
    assert 'lang="zh-hans"' in look(token).content.decode()
    chinese = look(token, query_params={"lang": "zh"}, **english)
    assert 'lang="zh-hans"' in chinese.content.decode()
    assert chinese["Content-Language"] == "zh-hans"


def test_links_are_not_tried_by_the_thousand() -> None:
    codes = [look("p1-wrong").status_code for _ in range(62)]
    assert set(codes[:58]) == {404}
    if 429 not in codes:  # a minute began in between
        codes += [look("p1-wrong").status_code for _ in range(62)]
    assert codes[-1] == 429


def test_a_tenant_is_told_the_link_of_its_parcel() -> None:
    tenant = TenantFactory()
    parcel = make_parcel(tenant=tenant)
    client = TenantClient(*issue(tenant))
    given = client.send("GET", f"/api/v1/express-orders/{parcel.order_no}").json()["data"]
    assert given["tracking_url"].endswith(f"/t/{link_token('p', parcel.pk)}")


def test_a_tenant_prints_its_own_label_and_is_told_why_not() -> None:
    tenant = TenantFactory()
    RuleFactory()
    bare = make_parcel(tenant=tenant)
    client = TenantClient(*issue(tenant))
    refused = client.send("GET", f"/api/v1/express-orders/{bare.order_no}/label.pdf")
    assert (refused.status_code, refused.json()["error"]) == (409, "waybill_absent")
    issued = make_parcel(tenant=tenant, waybill_no="YT1234567890123")
    answer = client.send("GET", f"/api/v1/express-orders/{issued.order_no}/label.pdf")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF-")
    stranger = TenantClient(*issue(TenantFactory()))
    other = stranger.send("GET", f"/api/v1/express-orders/{issued.order_no}/label.pdf")
    assert other.status_code == 404

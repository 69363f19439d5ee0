"""However people, doors and telephones of a delivery are written in prose, they are masked."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from delivery.models import DeliveryOrder
from delivery.queries.known_values import known_of, known_values
from tests.delivery.making import SHOP, make_delivery, make_rider
from tests.delivery.phones import Phone
from tests.factories import TenantFactory

RECEIVER = {
    "receiver_name": "王小明先生",
    "receiver_phone": "+86 138-0013-8000",
    "receiver_address": "浙江省杭州市余杭区文一西路969号3幢4-502室",
    "merchant_address": "杭州市余杭区五常大道175号西溪印象城",
    "merchant_phone": "0571-64001234",
    "rider_name": "李雷",
    "rider_phone": "13755556666",
}


def known_to(**columns: Any) -> Any:
    return known_of(DeliveryOrder(**{**RECEIVER, **columns}))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("王小明拒收", "王**拒收"),
        ("王小明先生拒收", "王***拒收"),
        ("王 小明 拒收", "王** 拒收"),
        ("打1 3 8 0 0 1 3 8 0 0 0", "打138****8000"),
        ("打138 001 38000", "打138****8000"),
        ("打１３８ 0013 8000", "打138****8000"),
        ("打+86 1 3 8 0 0 1 3 8 0 0 0", "打+138****8000"),
        ("打0086-138.0013.8000", "打138****8000"),
        ("座机6400 1234", "座机****34"),
        ("骑手1 3 7 5 5 5 5 6 6 6 6", "骑手137****6666"),
        ("到文一西路９６９号", "到文一西路***"),
        ("到文一西路 969 号", "到文一西路 ***"),
        ("店在五常大道175号", "店在五常大道***"),
        ("放在4-502门口", "放在***门口"),
    ],
)
def test_they_are_hidden_however_they_are_written(text: str, shown: str) -> None:
    assert known_to().hide(text) == shown


@pytest.mark.parametrize(
    "text",
    ["", "送到浙江省杭州市余杭区了", "余杭区五常下大雨", "李雷 → 韩梅梅", "2026-11-21 10:00 送达",
     "面 · 2 · 17.50"],
    ids=["nothing", "areas", "district", "riders", "time", "goods"],
)  # fmt: skip
def test_where_it_goes_who_carries_it_and_what_it_is_stay(text: str) -> None:
    assert known_to().hide(text) == text


@pytest.mark.parametrize(
    ("address", "text", "shown"),
    [
        ("万达广场东区12栋B座0801", "到万达广场东区12栋等", "到万达广场东***等"),
        ("科技园A区3号楼大厅", "他在科技园A区3号楼", "他在科技园A***"),
        ("金色家园南区7幢502", "金色家园南区7幢没人", "金色家园***没人"),
        ("杭州市绿城桃花源西区8号", "绿城桃花源西区8号", "绿城桃花源***"),
        ("桂花城东区5幢", "送桂花城东区5幢", "送桂花城东***"),
        ("软件园B区9楼", "软件园B区9楼", "软件园B***"),
        ("世纪城市花园3幢", "在世纪城市花园3幢", "在世纪城市***"),
    ],
)
def test_a_part_of_an_estate_is_no_district(address: str, text: str, shown: str) -> None:
    assert known_to(receiver_address=address).hide(text) == shown


def test_a_name_in_two_scripts_is_hidden_in_both() -> None:
    known = known_to(receiver_name="王小明/Wang Xiaoming")
    assert known.hide("ＷＡＮＧ xiaoming不在，王小明接") == "W***不在，王**接"


@pytest.mark.django_db
def test_a_rider_without_the_order_reads_none_of_it_in_what_the_goods_are() -> None:
    rider = make_rider(at=timezone.now())
    goods = "王 小明的面 2 份，到了打1 3 8 0 0 1 3 8 0 0 0，放文一西路９６９号"
    order = make_delivery(TenantFactory(), **RECEIVER | {"rider_name": None, "rider_phone": None},
                          goods_info=goods)  # fmt: skip
    phone, here = Phone(rider), f"lat={SHOP[0]}&lng={SHOP[1]}"
    (near,) = phone.get(f"/orders?{here}").json()["data"]["items"]
    assert near["goods_info"] == "王**的面 2 份，到了打138****8000，放文一西路***"
    assert near["merchant_address"] == order.merchant_address
    taken = phone.post(f"/orders/{order.order_no}/accept").json()["data"]
    assert taken["goods_info"] == goods


@pytest.mark.django_db
def test_a_pages_orders_are_read_in_one_statement_and_one_that_is_gone_knows_nobody(
    django_assert_num_queries: Any,
) -> None:
    order = make_delivery(TenantFactory())
    with django_assert_num_queries(1):
        known = known_values([order.pk, order.pk + 1, order.pk])
        shown = [known[order.pk + more].hide("王小明") for more in (0, 1)]
        assert known_values([]) == {}
    assert shown == ["王**", "王小明"]

"""Rows of delivery as they lie in the tables, for pages that only show them."""

from __future__ import annotations

import itertools
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone

from delivery.models import DeliveryOrder, Rider
from tests.factories import TenantFactory

_numbers = itertools.count(1)


def make_rider(**columns: Any) -> Rider:
    """On duty, 300 m north of the shop of `make_delivery`."""
    number = next(_numbers)
    user = get_user_model().objects.create(username=f"rider-{number}")
    given = {
        "name": f"骑手{number}", "phone": "13700001234", "on_duty": True,
        "lat": Decimal("30.2827000"), "lng": Decimal("120.1300000"),
        "located_at": timezone.now(), **columns,
    }  # fmt: skip
    return Rider.objects.create(user=user, **given)


def make_delivery(*, ago: timedelta = timedelta(0), **columns: Any) -> DeliveryOrder:
    """A live order made `ago`, promised 45 minutes after that; of a rider where one is given."""
    at = timezone.now() - ago
    number = next(_numbers)
    rider = columns.get("rider")
    given = {
        "order_no": f"PS{number:012d}", "external_order_no": f"W{number}", "content_hash": "0" * 64,
        "merchant_name": "西溪茶铺", "merchant_phone": "0571-88886666",
        "merchant_address": "杭州市西湖区文三路77号", "merchant_lat": Decimal("30.2800000"),
        "merchant_lng": Decimal("120.1300000"), "receiver_name": "张三丰",
        "receiver_phone": "13800138000", "receiver_phone_hash": "0" * 64,
        "receiver_address": "杭州市西湖区文一西路969号", "receiver_lat": Decimal("30.2900000"),
        "receiver_lng": Decimal("120.1500000"), "distance_m": 2219,
        "goods_amount": Decimal("58.00"), "delivery_fee": Decimal("6.50"),
        "total_amount": Decimal("64.50"), "promised_at": at + timedelta(minutes=45),
        "created_at": at, "updated_at": at, **columns,
    }  # fmt: skip
    if "tenant" not in given and "tenant_id" not in given:
        given["tenant"] = TenantFactory()
    if rider is not None:
        given = {"rider_name": rider.name, "rider_phone": rider.phone, "attempt": 1,
                 "accepted_at": at, **given}  # fmt: skip
    return DeliveryOrder.objects.create(**given)

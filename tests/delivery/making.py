"""Orders and riders as tests need them, without a door; places are around 桐庐."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Tenant, TenantEvent
from config.kernel.errors import Refusal
from delivery.models import DeliveryOrder, DeliverySettings, DeliveryStep, Rider
from delivery.services.riders import create_rider
from delivery.states import EVENT_KIND

AT = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
SHOP = (Decimal("29.7970000"), Decimal("119.6850000"))
HOME = (Decimal("29.8030000"), Decimal("119.6910000"))
PASSWORD = "Chun-Jiang-Hua-Yue-7"
# A degree of latitude is about 111 km.
METRE = Decimal("0.000009")
_numbers = itertools.count(1)


def make_delivery(tenant: Tenant, **columns: Any) -> DeliveryOrder:
    """A pending live order of this tenant, any column of it otherwise."""
    number = next(_numbers)
    at = columns.pop("at", AT)
    values: dict[str, Any] = {
        "order_no": f"DL{number:022d}",
        "external_order_no": f"E-{number}",
        "tenant_id": tenant.pk,
        "content_hash": "0" * 64,
        "merchant_name": "桐庐面馆",
        "merchant_phone": "0571-64001234",
        "merchant_address": "迎春南路1号",
        "merchant_lat": SHOP[0],
        "merchant_lng": SHOP[1],
        "receiver_name": "王小明",
        "receiver_phone": "13800138000",
        "receiver_phone_hash": "0" * 64,
        "receiver_address": "学圣路23号4幢502室",
        "receiver_lat": HOME[0],
        "receiver_lng": HOME[1],
        "distance_m": 884,
        "goods_amount": Decimal("35.50"),
        "delivery_fee": Decimal("6.00"),
        "total_amount": Decimal("41.50"),
        "promised_at": at + timedelta(minutes=45),
        "created_at": at,
        "updated_at": at,
    }
    return DeliveryOrder.objects.create(**{**values, **columns})


def make_rider(*, north_m: int = 200, at: datetime = AT, **columns: Any) -> Rider:
    """A rider on duty, located just now so many metres north of the shop."""
    number = next(_numbers)
    rider = create_rider(
        username=columns.pop("username", f"rider-{number}"),
        password=columns.pop("password", PASSWORD),
        name=columns.pop("name", f"骑手{number}"),
        phone=columns.pop("phone", f"139{number:08d}"),
        vehicle=columns.pop("vehicle", "ebike"),
        area=columns.pop("area", "桐庐"),
        at=at,
    )
    place = {"lat": SHOP[0] + north_m * METRE, "lng": SHOP[1], "located_at": at}
    for name, value in {"on_duty": True, **place, **columns}.items():
        setattr(rider, name, value)
    rider.save()
    return rider


def dispatch_as(tenant: Tenant, **columns: Any) -> DeliverySettings:
    """The tenant's own settings of dispatch."""
    made, _ = DeliverySettings.objects.update_or_create(tenant=tenant, defaults=columns)
    return made


def told(order: DeliveryOrder) -> list[tuple[int, str, int]]:
    """What the tenant is told of the order: sequence, event, status outside."""
    events = TenantEvent.objects.filter(kind=EVENT_KIND, subject_id=order.pk).order_by("sequence")
    return [(event.sequence, event.event_type, event.content["status"]) for event in events]


def outcome(order: DeliveryOrder) -> tuple[str, int | None, int, list[tuple[int, str, int]]]:
    """State, rider, assignment, and what the tenant is told."""
    order.refresh_from_db()
    return order.status, order.rider_id, order.attempt, told(order)


def nothing_moves(order: DeliveryOrder, kind: type[Refusal], act: Callable[[], Any]) -> None:
    """The act is refused; neither order nor history nor outbox changed."""
    order.refresh_from_db()
    before = order.version, DeliveryStep.objects.count(), outcome(order)
    with pytest.raises(kind):
        act()
    assert (order.version, DeliveryStep.objects.count(), outcome(order)) == before

"""Each step of a rider counts once, proves what it has to, and is told in order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache

from config.kernel.errors import Throttled
from config.kernel.states import NotAllowed
from delivery.errors import NotYours, PhotoUnusable, ProofMissing, WrongCode
from delivery.models import DeliveryOrder, DeliveryProof, DeliveryStep
from delivery.services.dispatching import accept_order
from delivery.services.riding import arrive, deliver, finish_return, pick_up, start_return
from delivery.states import Actor
from tests.delivery.making import AT, make_delivery, make_rider, told
from tests.factories import TenantFactory

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(minutes=5)
JPEG = b"\xff\xd8\xff\xe0" + b"\x00" * 100


def in_hand(**columns: Any) -> dict[str, Any]:
    """An accepted order and its rider, as the steps' arguments."""
    cache.clear()
    order, rider = make_delivery(TenantFactory(), **columns), make_rider()
    accept_order(order_id=order.pk, rider_id=rider.pk, at=AT)
    return {"order_id": order.pk, "rider_id": rider.pk, "at": LATER}


def picked_up(**columns: Any) -> dict[str, Any]:
    step = in_hand(**columns)
    pick_up(**step, code=columns.get("pickup_code"))
    return step


def read(step: dict[str, Any]) -> DeliveryOrder:
    return DeliveryOrder.objects.get(pk=step["order_id"])


def test_the_whole_way_is_told_step_by_step_and_repeats_change_nothing() -> None:
    step = in_hand()
    for act in (arrive, pick_up, arrive, deliver, pick_up, deliver):
        act(**step)
        act(**step)
    order = read(step)
    assert told(order) == [
        (1, "delivery.accepted", 1), (2, "delivery.picked_up", 2), (3, "delivery.delivered", 3)
    ]  # fmt: skip
    times = (order.arrived_at, order.picked_up_at, order.delivered_at)
    assert times == (LATER, LATER, LATER)
    notes = DeliveryStep.objects.filter(order_id=order.pk, note="骑手已到店", told=None)
    assert notes.count() == 1


@pytest.mark.parametrize("act", [arrive, pick_up, deliver])
def test_another_riders_order_is_not_touched(act: Any) -> None:
    step = in_hand()
    before = read(step).version
    with pytest.raises(NotYours):
        act(**{**step, "rider_id": make_rider().pk})
    assert read(step).version == before


def test_nothing_is_delivered_that_was_not_picked_up() -> None:
    step = in_hand()
    with pytest.raises(NotAllowed, match="已接单"):
        deliver(**step)
    assert read(step).status == "accepted"


def test_a_pickup_needs_the_shops_code() -> None:
    step = in_hand(pickup_code="0427")
    for wrong in (None, "427", "0428", "零四二七"):
        with pytest.raises(WrongCode, match="取货码"):
            pick_up(**step, code=wrong)
    assert read(step).status == "accepted"
    assert pick_up(**step, code="0427").status == "picked_up"


def test_a_delivery_needs_code_or_photo_where_it_has_a_code() -> None:
    step = picked_up(delivery_code="8812")
    with pytest.raises(ProofMissing):
        deliver(**step)
    with pytest.raises(WrongCode, match="收货码"):
        deliver(**step, code="8813")
    with pytest.raises(PhotoUnusable):
        deliver(**step, photo=b"GIF89a")
    with pytest.raises(PhotoUnusable):
        deliver(**step, photo=JPEG + b"\x00" * 512 * 1024)
    assert read(step).status == "picked_up"
    assert DeliveryProof.objects.count() == 0
    assert deliver(**step, photo=JPEG).status == "delivered"
    proof = DeliveryProof.objects.get(order_id=step["order_id"])
    assert (bytes(proof.content), proof.content_type) == (JPEG, "image/jpeg")
    deliver(**step, photo=b"\x89PNG\r\n\x1a\nlater")
    assert DeliveryProof.objects.get().content_type == "image/jpeg"


def test_codes_cannot_be_tried_out() -> None:
    step = picked_up(delivery_code="8812")
    for _ in range(10):
        with pytest.raises(WrongCode):
            deliver(**step, code="0000")
    with pytest.raises(Throttled):
        deliver(**step, code="8812")
    assert read(step).status == "picked_up"


def test_what_is_not_a_wrong_code_does_not_use_up_tries() -> None:
    step = in_hand(delivery_code="8812")
    for _ in range(11):
        with pytest.raises(NotAllowed):
            deliver(**step, code="8812")
    pick_up(**step)
    assert deliver(**step, code="8812").status == "delivered"


def test_goods_go_back_with_a_reason_that_the_tenant_is_told() -> None:
    step = picked_up()
    for _ in range(2):
        start_return(**step, reason="联系不上", actor=Actor.RIDER)
    with pytest.raises(NotAllowed):
        deliver(**step)
    for _ in range(2):
        finish_return(**step, actor=Actor.RIDER)
    order = read(step)
    assert told(order)[2:] == [(3, "delivery.returning", 4), (4, "delivery.returned", 4)]
    assert (order.status, order.reason, order.closed_at) == ("returned", "联系不上", LATER)

"""Where a rider is belongs to an order's present assignment, and ends with it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from delivery.models import DeliveryOrder, DispatchOffer, RiderPosition
from delivery.queries.riders import latest_position
from delivery.services.dispatching import accept_order, hand_back, reassign_order
from delivery.services.positions import prune_dispatch, record_position
from delivery.services.riding import deliver, pick_up
from delivery.states import Actor
from tests.delivery.making import AT, METRE, SHOP, make_delivery, make_rider
from tests.factories import TenantFactory
from tests.races import race

SECOND = timedelta(seconds=1)


def say(rider_id: int, at: int, north_m: int = 0) -> int:
    """So many seconds after noon the rider is so many metres north of the shop."""
    return record_position(
        rider_id=rider_id, lat=SHOP[0] + north_m * METRE, lng=SHOP[1], at=AT + at * SECOND
    )


@pytest.mark.django_db
def test_each_order_in_hand_keeps_one_place_every_ten_seconds() -> None:
    tenant, rider = TenantFactory(), make_rider()
    orders = [make_delivery(tenant) for _ in range(3)]
    assert say(rider.pk, 0) == 0
    for order in orders[:2]:
        accept_order(order_id=order.pk, rider_id=rider.pk, at=AT)
    assert [say(rider.pk, 1), say(rider.pk, 5, 30), say(rider.pk, 12, 60)] == [2, 0, 2]
    rider.refresh_from_db()
    assert rider.located_at == AT + 12 * SECOND
    order = DeliveryOrder.objects.get(pk=orders[0].pk)
    position = latest_position(order)
    assert position is not None
    assert (position.lat, position.created_at) == (SHOP[0] + 60 * METRE, AT + 12 * SECOND)


@pytest.mark.django_db
def test_where_the_last_rider_was_is_not_told_of_the_next_one() -> None:
    order, first, second = make_delivery(TenantFactory()), make_rider(), make_rider()
    accept_order(order_id=order.pk, rider_id=first.pk, at=AT)
    say(first.pk, 1)
    moved = reassign_order(order_id=order.pk, rider_id=second.pk, user_id=1, at=AT + 2 * SECOND)
    assert latest_position(moved) is None
    # Said at the very moment of its end: it belongs to an assignment that is over.
    RiderPosition.objects.create(
        order_id=order.pk, attempt=1, rider_id=first.pk, lat=SHOP[0], lng=SHOP[1],
        created_at=AT + 2 * SECOND,
    )  # fmt: skip
    assert latest_position(moved) is None
    say(second.pk, 3)
    assert latest_position(moved) is not None
    back = hand_back(order_id=order.pk, reason="x", at=AT, actor=Actor.RIDER, rider_id=second.pk)
    assert latest_position(back) is None
    assert RiderPosition.objects.count() == 0


@pytest.mark.django_db
def test_nothing_is_known_of_a_delivered_orders_rider() -> None:
    order, rider = make_delivery(TenantFactory()), make_rider()
    accept_order(order_id=order.pk, rider_id=rider.pk, at=AT)
    say(rider.pk, 1)
    pick_up(order_id=order.pk, rider_id=rider.pk, at=AT)
    assert say(rider.pk, 20) == 1
    done = deliver(order_id=order.pk, rider_id=rider.pk, at=AT + 30 * SECOND)
    assert (latest_position(done), RiderPosition.objects.count()) == (None, 0)
    assert say(rider.pk, 40) == 0


@pytest.mark.django_db
def test_what_outlived_its_time_is_pruned_and_nothing_else() -> None:
    order, rider = make_delivery(TenantFactory()), make_rider()
    for days in (0, 2, 31):
        at = AT - timedelta(days=days)
        RiderPosition.objects.create(
            order_id=order.pk, attempt=0, rider_id=rider.pk, lat=SHOP[0], lng=SHOP[1], created_at=at
        )
        DispatchOffer.objects.create(
            order_id=order.pk, rider_id=rider.pk, round=days, attempt=1, radius_m=1, distance_m=1,
            expires_at=at, created_at=at,
        )  # fmt: skip
    assert prune_dispatch(at=AT) == 3
    assert (RiderPosition.objects.count(), DispatchOffer.objects.count()) == (1, 2)


@pytest.mark.django_db(transaction=True)
def test_two_words_at_one_moment_keep_one_place() -> None:
    order, rider = make_delivery(TenantFactory()), make_rider()
    accept_order(order_id=order.pk, rider_id=rider.pk, at=AT)
    kept = race([lambda: say(rider.pk, 1) for _ in range(6)])
    assert sorted(kept) == [0, 0, 0, 0, 0, 1]

"""Orders are offered to the nearest free riders, wider from round to round, until taken."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from accounts.models import Tenant
from config.kernel.errors import Missing
from config.kernel.work import drain
from delivery.errors import OrderTaken
from delivery.models import DeliveryOrder, DeliverySettings, DeliveryStep, DispatchOffer, Rider
from delivery.queries.riders import near_orders, offers_to
from delivery.services.cancelling import cancel_delivery
from delivery.services.dispatching import accept_order, hand_back, offer_now
from delivery.services.offering import decline_offer
from delivery.services.settings import save_settings, settings_of
from delivery.services.work import DELIVERIES
from delivery.states import Actor
from tests.delivery.making import AT, SHOP, dispatch_as, make_delivery, make_rider, told
from tests.factories import TenantFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(AT, tick=False) as moving:
        yield moving


@pytest.fixture
def tenant() -> Tenant:
    tenant: Tenant = TenantFactory()
    dispatch_as(
        tenant, auto_offer=True, offer_seconds=30, riders_at_once=2, first_radius_m=1000,
        radius_step_m=1000, largest_radius_m=3000,
    )  # fmt: skip
    return tenant


def offered(order: DeliveryOrder) -> list[tuple[int, int, str]]:
    """Each offer: the round's radius, metres away, what became of it."""
    rows = DispatchOffer.objects.filter(order_id=order.pk).order_by("round", "distance_m")
    return [(row.radius_m, row.distance_m, row.status) for row in rows]


def due(tenant: Tenant, **columns: Any) -> DeliveryOrder:
    return make_delivery(tenant, due_at=AT, **columns)


def test_the_nearest_free_riders_are_asked_first(tenant: Tenant) -> None:
    order = due(tenant)
    stale = AT - timedelta(minutes=11)
    for north, columns in ((900, {}), (100, {"on_duty": False}), (150, {"enabled": False}),
                           (160, {"located_at": stale}), (170, {"most_orders": 0}), (500, {}),
                           (300, {})):  # fmt: skip
        make_rider(north_m=north, **columns)
    assert drain(DELIVERIES) == 1
    assert offered(order) == [(1000, 300, "open"), (1000, 500, "open")]
    order.refresh_from_db()
    assert (order.due_at, order.offer_round) == (AT + timedelta(seconds=30), 1)


def test_unanswered_it_goes_wider_and_lapses(tenant: Tenant, clock: Any) -> None:
    order = due(tenant)
    for north in (300, 500, 1500, 2900, 3500):
        make_rider(north_m=north)
    for _ in range(3):
        drain(DELIVERIES)
        clock.shift(30)
    assert offered(order) == [
        (1000, 300, "expired"), (1000, 500, "expired"), (2000, 1501, "expired"),
        (3000, 2902, "open"),
    ]  # fmt: skip
    drain(DELIVERIES)
    order.refresh_from_db()
    assert offered(order)[-1][2] == "expired"
    assert (order.status, order.due_at) == ("pending", AT + timedelta(seconds=150))


def test_empty_rounds_are_not_waited_for(tenant: Tenant) -> None:
    order = due(tenant)
    make_rider(north_m=2500)
    drain(DELIVERIES)
    assert offered(order) == [(3000, 2502, "open")]


def test_with_nobody_near_the_widest_is_tried_each_minute(tenant: Tenant, clock: Any) -> None:
    order = due(tenant)
    drain(DELIVERIES)
    order.refresh_from_db()
    assert (order.due_at, order.offer_round) == (AT + timedelta(seconds=60), 0)
    clock.shift(60)
    make_rider(north_m=2500, at=AT)
    drain(DELIVERIES)
    assert offered(order) == [(3000, 2502, "open")]


def test_who_let_it_lapse_is_asked_again_after_a_rest(tenant: Tenant, clock: Any) -> None:
    order, rider = due(tenant), make_rider(north_m=300)
    for _ in range(10):
        drain(DELIVERIES)
        clock.shift(60)
    assert len(offered(order)) == 1
    Rider.objects.update(located_at=AT + timedelta(minutes=10))
    clock.shift(60)
    drain(DELIVERIES)
    assert len(offers_to(rider_id=rider.pk, at=AT + timedelta(minutes=11))) == 1


def test_when_all_have_declined_others_are_asked_at_once(tenant: Tenant) -> None:
    order = due(tenant)
    first, second, third = (make_rider(north_m=north) for north in (300, 500, 800))
    drain(DELIVERIES)
    for rider in (first, second):
        (offer,) = offers_to(rider_id=rider.pk, at=AT)
        for _ in range(2):
            assert decline_offer(offer_id=offer.pk, rider_id=rider.pk, at=AT).status == "declined"
        drain(DELIVERIES)
    assert offered(order) == [
        (1000, 300, "declined"), (1000, 500, "declined"), (2000, 801, "open")
    ]  # fmt: skip
    with pytest.raises(Missing):
        decline_offer(offer_id=offer.pk, rider_id=third.pk, at=AT)


def test_while_it_is_offered_only_those_asked_may_take_it(tenant: Tenant, clock: Any) -> None:
    order = due(tenant)
    first, second, other = (make_rider(north_m=north) for north in (300, 500, 800))
    drain(DELIVERIES)
    here = {"lat": SHOP[0], "lng": SHOP[1], "radius_m": 5000}
    assert near_orders(rider_id=other.pk, at=AT, **here) == []
    assert len(near_orders(rider_id=first.pk, at=AT, **here)) == 1
    with pytest.raises(OrderTaken):
        accept_order(order_id=order.pk, rider_id=other.pk, at=AT)
    assert offered(order)[0][2] == "open"
    taken = accept_order(order_id=order.pk, rider_id=second.pk, at=AT)
    assert taken.due_at is None
    assert offered(order) == [(1000, 300, "withdrawn"), (1000, 500, "accepted")]
    assert offers_to(rider_id=first.pk, at=AT) == []
    clock.shift(60)
    assert drain(DELIVERIES) == 0


def test_lapsed_offers_keep_nobody_else_away(tenant: Tenant) -> None:
    order = due(tenant)
    make_rider(north_m=300)
    drain(DELIVERIES)
    other, later = make_rider(north_m=800), AT + timedelta(seconds=30)
    assert accept_order(order_id=order.pk, rider_id=other.pk, at=later).status == "accepted"
    assert offered(order) == [(1000, 300, "withdrawn")]


def test_handed_back_it_is_offered_to_another_than_who_gave_it_back(tenant: Tenant) -> None:
    order, first = due(tenant), make_rider(north_m=300)
    accept_order(order_id=order.pk, rider_id=first.pk, at=AT)
    hand_back(order_id=order.pk, reason="x", at=AT, actor=Actor.RIDER, rider_id=first.pk)
    other = make_rider(north_m=900)
    drain(DELIVERIES)
    asked = DispatchOffer.objects.get(order_id=order.pk)
    assert (asked.rider_id, asked.attempt) == (other.pk, 2)


def test_given_back_it_is_offered_at_once_to_those_who_came_too_late(tenant: Tenant) -> None:
    order, first, second = due(tenant), make_rider(north_m=300), make_rider(north_m=500)
    drain(DELIVERIES)
    accept_order(order_id=order.pk, rider_id=first.pk, at=AT)
    assert offers_to(rider_id=second.pk, at=AT) == []
    hand_back(order_id=order.pk, reason="车坏了", at=AT, actor=Actor.RIDER, rider_id=first.pk)
    drain(DELIVERIES)
    (offer,) = offers_to(rider_id=second.pk, at=AT)
    assert offer.attempt == 2
    assert offers_to(rider_id=first.pk, at=AT) == []


@pytest.mark.parametrize("gone", [{"on_duty": False}, {"enabled": False}], ids=["off", "shut"])
def test_who_went_home_keeps_an_order_from_nobody(tenant: Tenant, gone: dict[str, bool]) -> None:
    order, asked = due(tenant), make_rider(north_m=300)
    drain(DELIVERIES)
    other = make_rider(north_m=500)
    here = {"lat": SHOP[0], "lng": SHOP[1], "radius_m": 5000}
    assert near_orders(rider_id=other.pk, at=AT, **here) == []
    Rider.objects.filter(pk=asked.pk).update(**gone)
    assert len(near_orders(rider_id=other.pk, at=AT, **here)) == 1
    assert accept_order(order_id=order.pk, rider_id=other.pk, at=AT).status == "accepted"


def test_a_cancelled_order_is_offered_to_nobody_any_more(tenant: Tenant, clock: Any) -> None:
    order, rider = due(tenant), make_rider(north_m=300)
    drain(DELIVERIES)
    cancel_delivery(order_id=order.pk, reason="x", at=AT, actor=Actor.TENANT)
    assert offers_to(rider_id=rider.pk, at=AT) == []
    clock.shift(60)
    drain(DELIVERIES)
    order.refresh_from_db()
    assert (order.status, order.due_at) == ("cancelled", None)


def test_an_operator_may_have_any_order_offered() -> None:
    order, rider = make_delivery(TenantFactory()), make_rider(north_m=300)
    assert drain(DELIVERIES) == 0
    offer_now(order_id=order.pk, at=AT, user_id=9)
    drain(DELIVERIES)
    assert len(offers_to(rider_id=rider.pk, at=AT)) == 1


def test_an_order_without_coordinates_waits_for_an_operator(tenant: Tenant) -> None:
    order = due(tenant, merchant_lat=None, merchant_lng=None)
    make_rider(north_m=300)
    drain(DELIVERIES)
    order.refresh_from_db()
    assert (order.due_at, offered(order)) == (None, [])


def ended(order: DeliveryOrder) -> list[str]:
    """What its history says of the end of its offering."""
    steps = DeliveryStep.objects.filter(order_id=order.pk, actor=Actor.SYSTEM).order_by("id")
    return list(steps.values_list("note", flat=True))


def test_what_nobody_takes_is_not_offered_for_ever(tenant: Tenant, clock: Any) -> None:
    order = due(tenant)
    dispatch_as(tenant, offer_minutes=3, offer_seconds=50)
    for minutes in range(4):
        make_rider(north_m=300 + minutes, at=AT)
        make_rider(north_m=400 + minutes, at=AT)
        assert drain(DELIVERIES) == 1
        clock.shift(60)
    order.refresh_from_db()
    assert (order.status, order.due_at) == ("pending", None)
    assert ended(order) == ["推送给骑手 3 分钟，无人接单，已停止推送，等待人工派单"]
    assert [status for *_, status in offered(order)] == ["expired"] * 6
    assert drain(DELIVERIES) == 0
    assert told(order) == []


def test_with_nobody_near_it_ends_to_the_minute(tenant: Tenant, clock: Any) -> None:
    order = due(tenant, at=AT - timedelta(minutes=29, seconds=30))
    drain(DELIVERIES)
    order.refresh_from_db()
    assert order.due_at == AT + timedelta(seconds=30)
    clock.shift(30)
    drain(DELIVERIES)
    assert len(ended(order)) == 1


def test_an_operator_may_have_it_offered_again(tenant: Tenant, clock: Any) -> None:
    order = due(tenant, at=AT - timedelta(minutes=30))
    drain(DELIVERIES)
    assert len(ended(order)) == 1
    rider = make_rider(north_m=300)
    offer_now(order_id=order.pk, at=AT, user_id=9)
    drain(DELIVERIES)
    assert len(offers_to(rider_id=rider.pk, at=AT)) == 1


def test_handed_back_its_time_begins_anew(tenant: Tenant, clock: Any) -> None:
    order, first = due(tenant), make_rider(north_m=300)
    accept_order(order_id=order.pk, rider_id=first.pk, at=AT)
    clock.shift(3600)
    later = AT + timedelta(hours=1)
    hand_back(order_id=order.pk, reason="x", at=later, actor=Actor.RIDER, rider_id=first.pk)
    drain(DELIVERIES)
    order.refresh_from_db()
    assert (order.due_at, ended(order)) == (later + timedelta(minutes=1), [])


def test_switched_off_it_ends_at_the_next_turn(tenant: Tenant, clock: Any) -> None:
    order, asked_for = due(tenant), due(tenant)
    rider = make_rider(north_m=300)
    drain(DELIVERIES)
    offer_now(order_id=asked_for.pk, at=AT, user_id=9)
    save_settings(tenant_id=tenant.pk, values={"auto_offer": False})
    (offer, _other) = offers_to(rider_id=rider.pk, at=AT)
    assert offer.status == "open"
    clock.shift(30)
    drain(DELIVERIES)
    order.refresh_from_db()
    asked_for.refresh_from_db()
    assert (order.due_at, ended(order)) == (None, ["自动推送已关闭，等待人工派单"])
    assert (asked_for.due_at is None, ended(asked_for)) == (False, [])


def test_what_an_operator_offers_while_it_is_due_stays_his_wish(tenant: Tenant) -> None:
    order = due(tenant)
    offer_now(order_id=order.pk, at=AT, user_id=9)
    save_settings(tenant_id=tenant.pk, values={"auto_offer": False})
    rider = make_rider(north_m=300)
    drain(DELIVERIES)
    assert len(offers_to(rider_id=rider.pk, at=AT)) == 1


@pytest.mark.parametrize(
    ("then", "now"),
    [({"auto_offer": False}, {"auto_offer": True}), ({"offer_minutes": 1}, {"offer_minutes": 30})],
    ids=["switched_on", "longer"],
)
def test_a_worker_ends_nothing_by_settings_that_hold_no_more(
    tenant: Tenant, clock: Any, then: dict[str, Any], now: dict[str, Any]
) -> None:
    order = due(tenant)
    for north in (300, 500, 1500):
        make_rider(north_m=north)
    drain(DELIVERIES)
    clock.shift(90)
    save_settings(tenant_id=tenant.pk, values=then)
    settings_of(tenant_id=tenant.pk)
    DeliverySettings.objects.filter(tenant=tenant).update(**now)  # as another process saves them
    drain(DELIVERIES)
    assert (offered(order)[-1], ended(order)) == ((2000, 1501, "open"), [])


def test_where_no_worker_ran_it_is_offered_before_it_ends(tenant: Tenant, clock: Any) -> None:
    order = due(tenant, at=AT - timedelta(minutes=31))
    make_rider(north_m=300)
    drain(DELIVERIES)
    assert (offered(order), ended(order)) == ([(1000, 300, "open")], [])
    clock.shift(30)
    drain(DELIVERIES)
    order.refresh_from_db()
    assert order.due_at is None
    assert ended(order) == ["推送给骑手 30 分钟，无人接单，已停止推送，等待人工派单"]


def test_offers_of_an_earlier_run_do_not_end_this_one(tenant: Tenant, clock: Any) -> None:
    order, _first = due(tenant), make_rider(north_m=300)
    drain(DELIVERIES)
    offer_now(order_id=order.pk, at=AT + timedelta(seconds=30), user_id=9)
    clock.shift(3600)
    make_rider(north_m=500, at=AT + timedelta(hours=1))
    drain(DELIVERIES)
    assert [status for *_, status in offered(order)] == ["expired", "open"]
    assert ended(order) == []


def test_where_nobody_was_near_nobody_is_said_to_have_been_asked(
    tenant: Tenant, clock: Any
) -> None:
    order = due(tenant)
    for _ in range(30):
        assert drain(DELIVERIES) == 1
        clock.shift(60)
    assert ended(order) == []
    drain(DELIVERIES)
    order.refresh_from_db()
    assert (order.due_at, offered(order)) == (None, [])
    assert ended(order) == ["等待 30 分钟，附近没有找到空闲骑手，已停止推送，等待人工派单"]


def test_switched_off_what_was_never_offered_is_not_offered_late(tenant: Tenant) -> None:
    order = due(tenant, at=AT - timedelta(minutes=31))
    make_rider(north_m=300)
    save_settings(tenant_id=tenant.pk, values={"auto_offer": False})
    drain(DELIVERIES)
    assert (offered(order), ended(order)) == ([], ["自动推送已关闭，等待人工派单"])

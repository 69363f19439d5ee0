"""Orders are handed back, assigned, given to another and failed, and the tenant hears of each."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import TenantEvent
from config.kernel.states import NotAllowed
from delivery.errors import NotYours, OrderTaken, RiderBusy
from delivery.models import DeliveryOrder, DeliveryStep, Rider
from delivery.queries.orders import delivery_steps
from delivery.services.cancelling import cancel_delivery
from delivery.services.dispatching import (
    accept_order,
    assign_order,
    fail_order,
    hand_back,
    reassign_order,
)
from delivery.services.riders import set_rider_enabled
from delivery.states import Actor, DeliveryStatus
from tests.delivery.making import (
    AT,
    dispatch_as,
    make_delivery,
    make_rider,
    nothing_moves,
    outcome,
)
from tests.factories import TenantFactory

pytestmark = pytest.mark.django_db
S = DeliveryStatus
LATER = AT + timedelta(minutes=1)


def test_handed_back_it_waits_again_and_another_may_take_it() -> None:
    order, first, second = make_delivery(TenantFactory()), make_rider(), make_rider()
    accept_order(order_id=order.pk, rider_id=first.pk, at=AT)
    given = hand_back(
        order_id=order.pk, reason="车坏了", at=LATER, actor=Actor.RIDER, rider_id=first.pk
    )
    assert (given.rider_name, given.rider_phone, given.accepted_at) == (None, None, None)
    assert given.due_at is None
    version = given.version
    again = hand_back(
        order_id=order.pk, reason="车坏了", at=LATER, actor=Actor.RIDER, rider_id=first.pk
    )
    assert again.version == version
    nothing_moves(
        order,
        NotYours,
        lambda: hand_back(
            order_id=order.pk, reason="?", at=LATER, actor=Actor.RIDER, rider_id=second.pk
        ),
    )
    accept_order(order_id=order.pk, rider_id=second.pk, at=LATER)
    assert outcome(order) == (
        "accepted", second.pk, 2,
        [(1, "delivery.accepted", 1), (2, "delivery.handed_back", 0), (3, "delivery.accepted", 1)],
    )  # fmt: skip


def test_handed_back_it_is_offered_again_where_its_tenant_wants_that() -> None:
    tenant = TenantFactory()
    dispatch_as(tenant, auto_offer=True)
    order, rider = make_delivery(tenant), make_rider()
    accept_order(order_id=order.pk, rider_id=rider.pk, at=AT)
    given = hand_back(order_id=order.pk, reason="x", at=LATER, actor=Actor.OPERATOR, user_id=7)
    assert given.due_at == LATER


def test_an_operator_assigns_and_gives_to_another_and_the_tenant_hears_of_both() -> None:
    order, first, second = make_delivery(TenantFactory()), make_rider(), make_rider()
    assign_order(order_id=order.pk, rider_id=first.pk, user_id=9, at=AT)
    assign_order(order_id=order.pk, rider_id=first.pk, user_id=9, at=AT)
    DeliveryOrder.objects.filter(pk=order.pk).update(arrived_at=AT)
    moved = reassign_order(order_id=order.pk, rider_id=second.pk, user_id=9, at=LATER, note="太远")
    assert (moved.rider_name, moved.arrived_at, moved.accepted_at) == (second.name, None, LATER)
    assert outcome(order) == (
        "accepted", second.pk, 2, [(1, "delivery.accepted", 1), (2, "delivery.reassigned", 1)]
    )  # fmt: skip
    third = make_rider(most_orders=0)
    nothing_moves(
        order,
        RiderBusy,
        lambda: reassign_order(order_id=order.pk, rider_id=third.pk, user_id=9, at=LATER),
    )
    nothing_moves(
        order,
        OrderTaken,
        lambda: assign_order(order_id=order.pk, rider_id=first.pk, user_id=9, at=LATER),
    )
    step = DeliveryStep.objects.get(order_id=order.pk, told=2)
    assert (step.actor, step.user_id, step.note) == (Actor.OPERATOR, 9, "太远")


def test_a_closed_order_fails_no_more_and_a_failed_one_fails_once() -> None:
    order = make_delivery(TenantFactory())
    for _ in range(2):
        fail_order(order_id=order.pk, reason="店关了", at=AT, actor=Actor.OPERATOR, user_id=9)
    assert outcome(order) == ("failed", None, 0, [(1, "delivery.failed", 4)])
    assert (order.reason, order.closed_at) == ("店关了", AT)
    done = make_delivery(TenantFactory(), status=S.CANCELLED)
    nothing_moves(
        done,
        NotAllowed,
        lambda: fail_order(order_id=done.pk, reason="x", at=AT, actor=Actor.OPERATOR),
    )


def test_who_waited_for_the_lock_with_an_older_time_comes_later_all_the_same() -> None:
    order, rider = make_delivery(TenantFactory()), make_rider()
    accept_order(order_id=order.pk, rider_id=rider.pk, at=LATER)
    cancelled = cancel_delivery(
        order_id=order.pk, reason="x", at=LATER - timedelta(seconds=2), actor=Actor.TENANT
    )
    assert [step.status for step in delivery_steps(cancelled)] == ["accepted", "cancelled"]
    times = TenantEvent.objects.order_by("sequence").values_list("occurred_at", flat=True)
    assert list(times) == [LATER, LATER]


@pytest.mark.parametrize(
    ("status", "word"),
    [("delivered", "已送达"), ("returning", "退回中"), ("failed", "配送失败")],
)
def test_who_comes_too_late_is_told_the_state_in_words(status: str, word: str) -> None:
    rider = make_rider()
    order = make_delivery(
        TenantFactory(), status=status, rider_id=rider.pk, rider_name="x", rider_phone="1"
    )
    with pytest.raises(NotAllowed, match=word):
        hand_back(order_id=order.pk, reason="x", at=AT, actor=Actor.RIDER, rider_id=rider.pk)
    if status == "delivered":
        with pytest.raises(NotAllowed, match=word):
            fail_order(order_id=order.pk, reason="x", at=AT, actor=Actor.OPERATOR)


def test_who_is_switched_off_keeps_his_orders_until_an_operator_moves_them() -> None:
    order, rider = make_delivery(TenantFactory()), make_rider()
    accept_order(order_id=order.pk, rider_id=rider.pk, at=AT)
    set_rider_enabled(rider_id=rider.pk, enabled=False, user_id=9)
    assert outcome(order)[:2] == ("accepted", rider.pk)
    assert Rider.objects.get(pk=rider.pk).on_duty is False
    reassign_order(order_id=order.pk, rider_id=make_rider().pk, user_id=9, at=LATER)

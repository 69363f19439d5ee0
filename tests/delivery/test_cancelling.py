"""Cancelling is free until the goods are picked up; whoever loses a race is told."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import TenantEvent
from delivery.errors import DeliveryCancelRefused, OrderTaken
from delivery.models import DeliveryOrder, DeliveryStep
from delivery.services.cancelling import cancel_delivery
from delivery.services.dispatching import accept_order
from delivery.services.riding import pick_up
from delivery.states import Actor
from tests.delivery.making import AT, make_delivery, make_rider, told
from tests.factories import TenantFactory
from tests.races import race


def cancel(order: DeliveryOrder, reason: str = "不要了") -> DeliveryOrder:
    return cancel_delivery(order_id=order.pk, reason=reason, at=AT, actor=Actor.TENANT)


@pytest.mark.django_db
def test_a_pending_order_is_cancelled_once_and_told_once() -> None:
    order = make_delivery(TenantFactory(), due_at=AT)
    for reason in ("不要了", "again"):
        done = cancel(order, reason)
        assert (done.status, done.cancelled_at, done.reason) == ("cancelled", AT, "不要了")
    order.refresh_from_db()
    assert (order.status, order.due_at, order.sequence) == ("cancelled", None, 1)
    assert told(order) == [(1, "delivery.cancelled", 4)]
    assert [(step.actor, step.note) for step in DeliveryStep.objects.all()] == [
        ("tenant", "不要了")
    ]


@pytest.mark.django_db
def test_a_cancelled_order_still_names_its_rider() -> None:
    order = make_delivery(TenantFactory())
    rider = make_rider()
    accept_order(order_id=order.pk, rider_id=rider.pk, at=AT)
    done = cancel(order)
    assert (done.rider_name, done.rider_phone) == (rider.name, rider.phone)
    last = TenantEvent.objects.order_by("-sequence")[0]
    assert (last.content["rider_name"], last.content["status"]) == (rider.name, 4)
    assert last.content["reason"] == "不要了"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("picked_up", "已取货"), ("delivered", "已送达"), ("returning", "退回中"),
        ("returned", "已退回"), ("failed", "配送失败"),
    ],
)  # fmt: skip
def test_from_pick_up_on_it_is_refused_and_nothing_moves(status: str, state: str) -> None:
    order = make_delivery(TenantFactory(), status=status, rider_name="李四")
    with pytest.raises(DeliveryCancelRefused) as refused:
        cancel(order)
    assert state in refused.value.text
    order.refresh_from_db()
    assert (order.status, order.version, order.reason) == (status, 0, None)
    assert not TenantEvent.objects.exists()


def _accept(order: DeliveryOrder, rider_id: int) -> Any:
    return accept_order(order_id=order.pk, rider_id=rider_id, at=AT)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(3))
def test_a_cancel_racing_an_acceptance_has_one_order_of_events(turn: int) -> None:
    order = make_delivery(TenantFactory())
    rider = make_rider()
    cancelled, accepted = race([lambda: cancel(order), lambda: _accept(order, rider.pk)])
    assert isinstance(cancelled, DeliveryOrder), cancelled
    order.refresh_from_db()
    assert order.status == "cancelled"
    if isinstance(accepted, OrderTaken):
        assert told(order) == [(1, "delivery.cancelled", 4)]
        assert order.rider_id is None
    else:
        assert told(order) == [(1, "delivery.accepted", 1), (2, "delivery.cancelled", 4)]
        assert order.rider_id == rider.pk


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(3))
def test_a_cancel_racing_a_pick_up_leaves_one_of_them_refused(turn: int) -> None:
    order = make_delivery(TenantFactory())
    rider = make_rider()
    accept_order(order_id=order.pk, rider_id=rider.pk, at=AT)
    cancelled, picked = race([
        lambda: cancel(order),
        lambda: pick_up(order_id=order.pk, rider_id=rider.pk, at=AT),
    ])  # fmt: skip
    order.refresh_from_db()
    won = [isinstance(each, DeliveryOrder) for each in (cancelled, picked)]
    assert sum(won) == 1, (cancelled, picked)
    assert order.status == ("cancelled" if won[0] else "picked_up")
    assert len(told(order)) == 2


@pytest.mark.django_db(transaction=True)
def test_of_eight_cancels_one_is_told() -> None:
    order = make_delivery(TenantFactory())
    outcomes = race([lambda: cancel(order)] * 8)
    assert {outcome.status for outcome in outcomes} == {"cancelled"}
    assert told(order) == [(1, "delivery.cancelled", 4)]

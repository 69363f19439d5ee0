"""Of all who take an order exactly one has it, and nobody has more than allowed."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from config.kernel.work import drain
from delivery.errors import OrderTaken, Rehearsed, RiderOff, RiderUnfit, TooManyOrders
from delivery.models import DeliveryOrder, DispatchOffer
from delivery.services.cancelling import cancel_delivery
from delivery.services.dispatching import accept_order, assign_order
from delivery.services.work import DELIVERIES
from delivery.states import Actor, DeliveryStatus, OfferStatus
from tests.delivery.making import AT, dispatch_as, make_delivery, make_rider, nothing_moves, outcome
from tests.factories import TenantFactory
from tests.races import race

S = DeliveryStatus
LATER = AT + timedelta(minutes=1)


@pytest.mark.django_db(transaction=True)
def test_of_32_riders_at_once_exactly_one_has_the_order() -> None:
    order = make_delivery(TenantFactory())
    riders = [make_rider() for _ in range(32)]
    results = race([partial(accept_order, order_id=order.pk, rider_id=r.pk, at=AT) for r in riders])
    won = [
        rider
        for rider, result in zip(riders, results, strict=True)
        if not isinstance(result, OrderTaken)
    ]
    assert len(won) == 1, results
    assert outcome(order) == ("accepted", won[0].pk, 1, [(1, "delivery.accepted", 1)])
    assert order.rider_name == won[0].name


@pytest.mark.django_db(transaction=True)
def test_a_rider_who_takes_many_at_once_has_no_more_than_allowed() -> None:
    tenant, rider = TenantFactory(), make_rider(most_orders=3)
    orders = [make_delivery(tenant) for _ in range(8)]
    results = race([partial(accept_order, order_id=o.pk, rider_id=rider.pk, at=AT) for o in orders])
    refused = [result for result in results if isinstance(result, Exception)]
    assert [type(result) for result in refused] == [TooManyOrders] * 5, results
    assert DeliveryOrder.objects.filter(rider_id=rider.pk, status=S.ACCEPTED).count() == 3


@pytest.mark.django_db(transaction=True)
def test_a_cancel_and_an_acceptance_at_once_end_in_one_story_told_in_order() -> None:
    tenant = TenantFactory()
    riders = [make_rider() for _ in range(3)]
    for _ in range(4):
        order = make_delivery(tenant)
        cancel = partial(
            cancel_delivery, order_id=order.pk, reason="不要了", at=AT, actor=Actor.TENANT
        )
        accept = partial(accept_order, order_id=order.pk, at=AT)
        results = race([cancel, *[partial(accept, rider_id=rider.pk) for rider in riders]])
        assert not isinstance(results[0], Exception), results
        took = [result for result in results[1:] if not isinstance(result, Exception)]
        assert all(isinstance(result, OrderTaken | DeliveryOrder) for result in results[1:])
        status, rider_id, attempt, events = outcome(order)
        assert (status, attempt) == ("cancelled", len(took))
        accepted = [(1, "delivery.accepted", 1)] * len(took)
        assert events == [*accepted, (len(took) + 1, "delivery.cancelled", 4)]
        assert (rider_id is not None) is bool(took)


@pytest.mark.django_db
def test_accepting_twice_is_accepting_once() -> None:
    order, rider = make_delivery(TenantFactory()), make_rider(most_orders=1)
    accept_order(order_id=order.pk, rider_id=rider.pk, at=AT)
    first = outcome(order)
    again = accept_order(order_id=order.pk, rider_id=rider.pk, at=LATER)
    assert (again.accepted_at, outcome(order)) == (AT, first)


@pytest.mark.django_db
@pytest.mark.parametrize("state", [{"on_duty": False}, {"enabled": False}])
def test_who_is_off_duty_or_switched_off_takes_nothing(state: dict[str, bool]) -> None:
    order, rider = make_delivery(TenantFactory()), make_rider(**state)
    nothing_moves(
        order, RiderOff, lambda: accept_order(order_id=order.pk, rider_id=rider.pk, at=AT)
    )
    nothing_moves(
        order,
        RiderUnfit,
        lambda: assign_order(order_id=order.pk, rider_id=rider.pk, user_id=1, at=AT),
    )


@pytest.mark.django_db
def test_a_test_order_reaches_no_rider() -> None:
    order, rider = make_delivery(TenantFactory(), is_test=True), make_rider()
    nothing_moves(
        order, OrderTaken, lambda: accept_order(order_id=order.pk, rider_id=rider.pk, at=AT)
    )
    nothing_moves(
        order,
        Rehearsed,
        lambda: assign_order(order_id=order.pk, rider_id=rider.pk, user_id=1, at=AT),
    )


@pytest.mark.django_db(transaction=True)
def test_taken_while_it_is_being_offered_it_is_offered_to_nobody_any_more() -> None:
    now, tenant = timezone.now(), TenantFactory()
    dispatch_as(tenant, auto_offer=True, riders_at_once=2)
    riders = [make_rider(at=now) for _ in range(3)]
    orders = [make_delivery(tenant, at=now, due_at=now) for _ in range(3)]
    takes = [
        partial(accept_order, order_id=order.pk, rider_id=rider.pk, at=now)
        for order in orders
        for rider in riders
    ]
    results = race([*[partial(drain, DELIVERIES, seconds=2)] * 2, *takes])
    took = [result for result in results if isinstance(result, DeliveryOrder)]
    assert len(took) == len({order.pk for order in took}) == 3, results
    assert not DispatchOffer.objects.filter(status=OfferStatus.OPEN).exists()
    left = DeliveryOrder.objects.exclude(due_at=None).values_list("status", flat=True)
    assert list(left) == []

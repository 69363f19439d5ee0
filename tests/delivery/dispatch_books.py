"""Whether an order, its history, its events, its offers and its positions tell one story."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from accounts.models import TenantEvent
from delivery.models import DeliveryOrder, DeliveryStep, DispatchOffer, Rider, RiderPosition
from delivery.services.settings import settings_of
from delivery.states import (
    CARRIED,
    DELIVERY_STATES,
    EVENT_KIND,
    OUTSIDE,
    TERMINAL,
    Actor,
    DeliveryStatus,
    OfferStatus,
)

S = DeliveryStatus


def written(keys: list[int]) -> list[Any]:
    """All that a refused move must leave alone."""
    rows = DeliveryOrder.objects.filter(pk__in=keys).order_by("pk")
    offers = DispatchOffer.objects.filter(order_id__in=keys).order_by("pk")
    return [
        *rows.values_list("status", "version", "sequence", "attempt", "rider_id", "due_at"),
        *offers.values_list("pk", "status"),
        DeliveryStep.objects.filter(order_id__in=keys).count(),
        RiderPosition.objects.filter(order_id__in=keys).count(),
    ]


def books_agree(keys: list[int], rider_ids: list[int]) -> None:
    """Six statements, however much there is."""
    found = DeliveryOrder.objects.in_bulk(keys)
    steps = _by_order(DeliveryStep.objects.filter(order_id__in=keys).order_by("created_at", "id"))
    events = _by_order(
        TenantEvent.objects.filter(kind=EVENT_KIND, subject_id__in=keys).order_by("sequence"),
        "subject_id",
    )
    offers = _by_order(DispatchOffer.objects.filter(order_id__in=keys))
    positions = _by_order(RiderPosition.objects.filter(order_id__in=keys))
    limits = dict(Rider.objects.filter(pk__in=rider_ids).values_list("pk", "most_orders"))
    held = Counter(order.rider_id for order in found.values() if order.status in CARRIED)
    assert all(held[rider_id] <= most for rider_id, most in limits.items())
    for key, order in found.items():
        _is_whole(order)
        _is_due(order, steps[key])
        _was_told(order, steps[key], events[key])
        _was_offered(order, offers[key])
        for place in positions[key]:
            assert order.status in CARRIED
            assert (place.attempt, place.rider_id) == (order.attempt, order.rider_id)


def _is_whole(order: DeliveryOrder) -> None:
    rider = (order.rider_id, order.rider_name, order.rider_phone, order.accepted_at)
    if order.status == S.PENDING:
        assert rider == (None, None, None, None)
        assert order.arrived_at is None
    if order.status in CARRIED or order.status == S.DELIVERED:
        assert None not in rider[1:]
        assert (order.rider_id is None) == order.is_test
    assert not (order.is_test and order.rider_id)
    closed = (order.delivered_at, order.cancelled_at, order.closed_at)
    where = {S.DELIVERED: 0, S.CANCELLED: 1, S.FAILED: 2, S.RETURNED: 2}
    is_closed = [at is not None for at in closed]
    assert is_closed == [where.get(S(order.status)) == place for place in range(3)]
    if order.status in {S.CANCELLED, S.FAILED, S.RETURNING, S.RETURNED}:
        assert order.reason


def _is_due(order: DeliveryOrder, steps: list[Any]) -> None:
    """Nobody works on what is closed or in a rider's hands, and nothing is forgotten."""
    if order.status in TERMINAL:
        assert order.due_at is None
    elif order.is_test:
        assert order.due_at is not None
    elif order.status != S.PENDING:
        assert order.due_at is None
    elif settings_of(tenant_id=order.tenant_id).auto_offer:
        # Unless nobody took it in time, which its history says last.
        is_over = bool(steps) and (steps[-1].actor, steps[-1].status) == (Actor.SYSTEM, S.PENDING)
        assert (order.due_at is None) == is_over


def _was_told(order: DeliveryOrder, steps: list[Any], events: list[Any]) -> None:
    assert [event.sequence for event in events] == list(range(1, order.sequence + 1))
    telling = [step for step in steps if step.told]
    assert [step.told for step in telling] == [event.sequence for event in events]
    statuses = [OUTSIDE[step.status] for step in telling]
    assert statuses == [event.content["status"] for event in events]
    assert [event.occurred_at for event in events] == sorted(e.occurred_at for e in events)
    assert (telling[-1].status if telling else S.PENDING) == order.status
    before = (S.PENDING, 0)
    for step, event in zip(telling, events, strict=True):
        if step.status == before[0]:
            assert (step.status, event.event_type) == (S.ACCEPTED, "delivery.reassigned")
        else:
            assert DELIVERY_STATES.allows(before[0], step.status)
        taken = step.status == S.ACCEPTED
        assert step.attempt == before[1] + taken
        before = step.status, step.attempt
    assert before[1] == order.attempt


def _was_offered(order: DeliveryOrder, offers: list[Any]) -> None:
    accepted = Counter(offer.attempt for offer in offers if offer.status == OfferStatus.ACCEPTED)
    assert set(accepted.values()) <= {1}
    standing = [offer for offer in offers if offer.status == OfferStatus.OPEN]
    if standing:
        assert (order.status, order.is_test) == (S.PENDING, False)
        assert {(offer.round, offer.attempt) for offer in standing} == {
            (order.offer_round, order.attempt + 1)
        }


def _by_order(rows: Any, name: str = "order_id") -> defaultdict[int, list[Any]]:
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[getattr(row, name)].append(row)
    return found

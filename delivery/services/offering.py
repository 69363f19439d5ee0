"""A pending order goes to the nearest free riders, a few at a time, wider from round to round.

Each round asks those nobody asked lately; it ends when its time is over or all have declined.
Where nobody is free within the radius the next one is tried at once; where nobody is within the
widest, it is tried again every minute. It goes on until somebody has the order, or it is over
(see `offer_runs`): then the order waits on the board for a dispatcher.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count

from config.kernel.errors import Missing
from delivery.models import DeliveryOrder, DeliveryStep, DispatchOffer, Rider
from delivery.queries.riders import near_riders
from delivery.services.attempts import open_offers
from delivery.services.locking import atomically, locked_order
from delivery.services.offer_runs import nobody_found, rules_of, run_of, why_over
from delivery.services.orders import change_delivery
from delivery.services.settings import TenantSettings
from delivery.services.waking import wake_work
from delivery.states import CARRIED, Actor, DeliveryStatus, OfferStatus

# A rider whose place is older is not known to be near.
LOCATED_WITHIN = timedelta(minutes=10)
# Whoever let an offer lapse, declined or handed the order back is not asked again for so long.
REST = timedelta(minutes=10)
NOBODY_PAUSE = timedelta(seconds=60)
_HEAD = 200


def offer_round(order: DeliveryOrder, at: datetime) -> datetime | None:
    """Do what is due of offering this order, under its lock; returns when to look again."""
    if order.status != DeliveryStatus.PENDING or order.is_test:
        return None
    if order.merchant_lat is None or order.merchant_lng is None:
        return None  # nobody is near an unknown place: the board has it
    offers = open_offers(order.pk)
    offers.filter(expires_at__lte=at).update(status=OfferStatus.EXPIRED)
    standing = offers.order_by("expires_at").values_list("expires_at", flat=True).first()
    if standing is not None:
        return standing
    run = run_of(order)
    rules = rules_of(run, order.tenant_id, at)
    over = why_over(order, run, rules, at)
    free = [] if over else _free_riders(order, rules.largest_radius_m, at)
    if not (over or free):
        over = nobody_found(run, rules, at)
    if over:
        change_delivery(order, at=at, actor=Actor.SYSTEM, note=over)
        return None
    if not free:
        return min(at + NOBODY_PAUSE, run.ends(rules))
    number = order.offer_round + 1
    while _radius(number, rules) < free[0][0]:
        number += 1
    radius, until = _radius(number, rules), at + timedelta(seconds=rules.offer_seconds)
    riders = [one for one in free if one[0] <= radius][: rules.riders_at_once]
    _ask(order, riders, number=number, radius=radius, until=until, at=at)
    return until


def decline_offer(*, offer_id: int, rider_id: int, at: datetime) -> DispatchOffer:
    """The rider does not want it; when nobody asked is left, the next are asked at once.

    Declining what is open no more changes nothing.

    :raises Missing: no such offer to this rider.
    """
    offer = DispatchOffer.objects.filter(pk=offer_id, rider_id=rider_id).first()
    if offer is None:
        raise Missing

    def act() -> DeliveryOrder:
        order = locked_order(offer.order_id)
        mine = open_offers(order.pk).filter(pk=offer_id)
        declined = mine.update(status=OfferStatus.DECLINED)
        waits = order.status == DeliveryStatus.PENDING
        if declined and waits and not open_offers(order.pk).exists():
            change_delivery(order, at=at, actor=Actor.RIDER, due_at=at)
            wake_work(order)
        return order

    atomically(act)
    offer.refresh_from_db()
    return offer


def _radius(number: int, rules: TenantSettings) -> int:
    wider = (number - 1) * (rules.radius_step_m or rules.largest_radius_m)
    return min(rules.first_radius_m + wider, rules.largest_radius_m)


def _free_riders(order: DeliveryOrder, radius_m: int, at: datetime) -> list[tuple[int, Rider]]:
    """The nearest that may be asked, with metres; of a crowd only those at its head."""
    if order.merchant_lat is None or order.merchant_lng is None:
        return []
    near = near_riders(
        lat=order.merchant_lat, lng=order.merchant_lng, radius_m=radius_m,
        located_after=at - LOCATED_WITHIN,
    )  # fmt: skip
    if not near:
        return []
    asked, gave_back = _asked_lately(order, at)
    fresh = [one for one in near if one[1].pk not in asked and one[1].user_id not in gave_back][
        :_HEAD
    ]
    full = DeliveryOrder.objects.filter(
        rider_id__in=[rider.pk for _, rider in fresh], status__in=CARRIED
    )
    held = dict(
        full.order_by()
        .values_list("rider_id")
        .annotate(orders=Count("pk"))
        .values_list("rider_id", "orders")
    )
    return [one for one in fresh if held.get(one[1].pk, 0) < one[1].most_orders]


def _asked_lately(order: DeliveryOrder, at: datetime) -> tuple[set[int], set[int | None]]:
    """Riders who were offered it, and users who handed it back, within the rest.

    Whoever's offer was withdrawn said neither yes nor no: somebody else was faster.
    """
    since = at - REST
    offers = DispatchOffer.objects.filter(order_id=order.pk, created_at__gt=since).exclude(
        status=OfferStatus.WITHDRAWN
    )
    steps = DeliveryStep.objects.filter(
        order_id=order.pk, created_at__gt=since, status=DeliveryStatus.PENDING, actor=Actor.RIDER
    )
    return set(offers.values_list("rider_id", flat=True)), set(
        steps.values_list("user_id", flat=True)
    )


def _ask(
    order: DeliveryOrder,
    riders: list[tuple[int, Rider]],
    *,
    number: int,
    radius: int,
    until: datetime,
    at: datetime,
) -> None:
    DispatchOffer.objects.bulk_create(
        DispatchOffer(
            order_id=order.pk, rider_id=rider.pk, round=number, attempt=order.attempt + 1,
            radius_m=radius, distance_m=far, expires_at=until, created_at=at,
        )
        for far, rider in riders
    )  # fmt: skip
    change_delivery(order, at=at, actor=Actor.SYSTEM, offer_round=number)

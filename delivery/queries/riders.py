"""Riders as doors and pages need them: who logs in, what is in hand, who is near, and where."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from math import cos, radians

from django.db.models import QuerySet

from config.kernel.errors import Missing
from delivery.models import DeliveryOrder, DispatchOffer, Rider
from delivery.places import EARTH_RADIUS_M, distance_m
from delivery.queries.orders import latest_position
from delivery.states import CARRIED, DeliveryStatus, OfferStatus

__all__ = [
    "AT_WORK",
    "latest_position",
    "near_orders",
    "near_riders",
    "offers_to",
    "order_key",
    "orders_in_hand",
    "rider_of_user",
    "rider_order",
]

MOST_NEAR = 50
# Pending orders of a neighbourhood that are looked at for the nearest ones, oldest first.
_MOST_LOOKED_AT = 2000
# An offer keeps an order from others only while its rider may take it; a join of a few rows.
AT_WORK = {"rider__on_duty__in": [True], "rider__enabled__in": [True]}
_DEGREE_M = EARTH_RADIUS_M * 3.141592653589793 / 180


def rider_of_user(user_id: int) -> Rider | None:
    """The profile of a user, if there is one."""
    return Rider.objects.filter(user_id=user_id).first()


def orders_in_hand(rider_id: int) -> list[DeliveryOrder]:
    """What the rider carries or is to fetch, the earliest promise first."""
    rows = DeliveryOrder.objects.filter(rider_id=rider_id, status__in=CARRIED)
    return sorted(rows, key=lambda order: (order.promised_at, order.pk))


def rider_order(*, rider_id: int, order_no: str) -> DeliveryOrder:
    """One order of this rider's, whatever its state.

    :raises Missing: no such order, or not his.
    """
    order = DeliveryOrder.objects.filter(order_no=order_no, rider_id=rider_id).first()
    if order is None:
        raise Missing
    return order


def order_key(order_no: str) -> int:
    """The key of a live order by its number.

    :raises Missing: no such order.
    """
    pks = DeliveryOrder.objects.filter(order_no=order_no, is_test__in=[False])
    pk = pks.values_list("pk", flat=True).first()
    if pk is None:
        raise Missing
    return pk


def near_orders(
    *, rider_id: int, lat: Decimal, lng: Decimal, radius_m: int, at: datetime
) -> list[tuple[int, DeliveryOrder]]:
    """Pending live orders whose shop is within the radius, nearest first, with metres; 50 at most.

    Those offered to other riders at work just now are left out.
    """
    rows = DeliveryOrder.objects.filter(
        is_test__in=[False],
        status=DeliveryStatus.PENDING,
        merchant_lat__range=_span(lat, radius_m, 1.0),
        merchant_lng__range=_span(lng, radius_m, cos(radians(lat))),
    ).order_by("created_at")
    places = rows.values_list("pk", "merchant_lat", "merchant_lng")[:_MOST_LOOKED_AT]
    metres = [
        (distance_m(lat, lng, shop_lat, shop_lng), pk)
        for pk, shop_lat, shop_lng in places
        if shop_lat is not None and shop_lng is not None
    ]
    near = sorted(one for one in metres if one[0] <= radius_m)[: 4 * MOST_NEAR]
    offers = _open_offers(at).filter(order_id__in=[pk for _, pk in near], **AT_WORK)
    asked = list(offers.values_list("order_id", "rider_id"))
    mine = {order_id for order_id, whom in asked if whom == rider_id}
    others = {order_id for order_id, _ in asked} - mine
    open_to_me = [(far, pk) for far, pk in near if pk not in others][:MOST_NEAR]
    found = DeliveryOrder.objects.in_bulk([pk for _, pk in open_to_me])
    return [(far, found[pk]) for far, pk in open_to_me if pk in found]


def offers_to(*, rider_id: int, at: datetime) -> list[DispatchOffer]:
    """What is offered to the rider now and still to be had, the soonest to lapse first."""
    offers = _open_offers(at).filter(rider_id=rider_id).select_related("order")
    pending = [offer for offer in offers if offer.order.status == DeliveryStatus.PENDING]
    return sorted(pending, key=lambda offer: (offer.expires_at, offer.pk))


def near_riders(
    *, lat: Decimal, lng: Decimal, radius_m: int, located_after: datetime
) -> list[tuple[int, Rider]]:
    """Enabled riders on duty, located since then within the radius, nearest first, with metres."""
    rows = Rider.objects.filter(
        on_duty__in=[True],
        enabled__in=[True],
        located_at__gte=located_after,
        lat__range=_span(lat, radius_m, 1.0),
        lng__range=_span(lng, radius_m, cos(radians(lat))),
    )
    near = [
        (distance_m(lat, lng, rider.lat, rider.lng), rider)
        for rider in rows
        if rider.lat is not None and rider.lng is not None
    ]
    within = [one for one in near if one[0] <= radius_m]
    return sorted(within, key=lambda one: (one[0], one[1].pk))


def _open_offers(at: datetime) -> QuerySet[DispatchOffer]:
    return DispatchOffer.objects.filter(status=OfferStatus.OPEN, expires_at__gt=at)


def _span(middle: Decimal, radius_m: int, shrink: float) -> tuple[Decimal, Decimal]:
    """Degrees around `middle` that hold a circle of this radius, a little more rather than less."""
    half = Decimal(repr(round(radius_m / (_DEGREE_M * shrink) * 1.01, 7)))
    return middle - half, middle + half

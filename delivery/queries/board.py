"""The dispatcher's board: every open live order stands in one column; read off one index, capped.

An order is at risk when nobody took it in time, when its rider does not get to the shop, or when
it was or soon will be promised. Of each state the oldest `LOOKED_AT` are looked at: what is at risk
is among the oldest.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count

from delivery.models import DeliveryOrder, DispatchOffer, Rider
from delivery.places import distance_m
from delivery.states import CARRIED, DeliveryStatus, OfferStatus

S = DeliveryStatus
UNTAKEN_FOR = timedelta(minutes=5)
NOT_PICKED_UP_FOR = timedelta(minutes=20)
PROMISED_WITHIN = timedelta(minutes=10)
LOOKED_AT = 1_000
MOST_CARDS = 50
MOST_RIDERS = 200
OPEN = (S.PENDING, S.ACCEPTED, S.PICKED_UP, S.RETURNING)
# Goods on their way back were promised to nobody.
PROMISED = frozenset({S.PENDING, S.ACCEPTED, S.PICKED_UP})
# Long, and not on any card.
HEAVY = ("goods_info", "remark", "content_hash", "receiver_phone_hash", "callback_url")
Place = tuple[Decimal, Decimal]


@dataclass(slots=True)
class Column:
    """Orders of one column, the most pressing first; `count` of all, capped where `capped`."""

    cards: list[DeliveryOrder] = field(default_factory=list)
    count: int = 0
    capped: bool = False


@dataclass(frozen=True, slots=True)
class OnDuty:
    """A rider who may be given orders; `distance_m` from where was asked, None where not known."""

    rider: Rider
    load: int
    distance_m: int | None

    @property
    def is_free(self) -> bool:
        """Whether another order may be given."""
        return self.load < self.rider.most_orders


@dataclass(frozen=True, slots=True)
class Board:
    """What a dispatcher sees at one moment; `asked` counts open offers by order."""

    unassigned: Column
    at_risk: Column
    under_way: Column
    riders: list[OnDuty]
    asked: dict[int, int]


def board(*, at: datetime) -> Board:
    """Eight statements at most, whatever there is: keys, then the rows of the cards."""
    waiting: list[tuple[Any, int]] = []
    risky: list[tuple[Any, int]] = []
    moving: list[tuple[Any, int]] = []
    capped = dict.fromkeys(("unassigned", "at_risk", "under_way"), False)
    for status in OPEN:
        rows = _open_orders(status)
        for key, created_at, accepted_at, promised_at in rows[:LOOKED_AT]:
            if is_at_risk(status, created_at, accepted_at, promised_at, at):
                risky.append((promised_at, key))
            elif status == S.PENDING:
                waiting.append((created_at, key))
            else:
                moving.append((promised_at, key))
        if len(rows) > LOOKED_AT:
            capped["at_risk"] = True
            capped["unassigned" if status == S.PENDING else "under_way"] = True
    picked = {
        name: [key for _when, key in sorted(found)[:MOST_CARDS]]
        for name, found in (("unassigned", waiting), ("at_risk", risky), ("under_way", moving))
    }
    cards = _cards({key for keys in picked.values() for key in keys})
    counts = {"unassigned": len(waiting), "at_risk": len(risky), "under_way": len(moving)}
    columns = {
        # A key read before a change may be gone from its column with the next statement.
        name: Column([cards[key] for key in keys if key in cards], counts[name], capped[name])
        for name, keys in picked.items()
    }
    pending = [key for key, order in cards.items() if order.status == S.PENDING]
    return Board(**columns, riders=riders_on_duty(), asked=_asked(pending, at))


def is_at_risk(
    status: str,
    created_at: datetime,
    accepted_at: datetime | None,
    promised_at: datetime,
    at: datetime,
) -> bool:
    """Whether a person should look at an open order."""
    if status in PROMISED and promised_at <= at + PROMISED_WITHIN:
        return True
    if status == S.PENDING:
        return created_at < at - UNTAKEN_FOR
    since = accepted_at or created_at
    return status == S.ACCEPTED and since < at - NOT_PICKED_UP_FOR


def riders_on_duty(*, near: Place | None = None) -> list[OnDuty]:
    """Who may be given orders, with what each has in hand; the nearest first, or by name."""
    rows = Rider.objects.filter(on_duty__in=[True], enabled__in=[True])
    riders = list(rows.order_by("pk")[:MOST_RIDERS])
    in_hand = _loads(rider.pk for rider in riders)
    found = [OnDuty(rider, in_hand.get(rider.pk, 0), _away(rider, near)) for rider in riders]
    far = 10**9
    return sorted(
        found,
        key=lambda one: (far if one.distance_m is None else one.distance_m, one.rider.name),
    )


def _open_orders(status: str) -> list[Any]:
    # Not `is_test=False`: that is `NOT is_test` on SQLite, for which it uses no index.
    rows = DeliveryOrder.objects.filter(is_test__in=[False], status=status).order_by("created_at")
    return list(rows.values_list("pk", "created_at", "accepted_at", "promised_at")[: LOOKED_AT + 1])


def _cards(keys: set[int]) -> dict[int, DeliveryOrder]:
    rows = DeliveryOrder.objects.filter(pk__in=keys).defer(*HEAVY) if keys else ()
    return {order.pk: order for order in rows}


def _asked(keys: list[int], at: datetime) -> dict[int, int]:
    if not keys:
        return {}
    rows = DispatchOffer.objects.filter(
        order_id__in=keys, status=OfferStatus.OPEN, expires_at__gt=at
    )
    return dict(rows.values_list("order_id").annotate(Count("pk")).order_by())


def _loads(riders: Iterable[int]) -> dict[int, int]:
    keys = list(riders)
    if not keys:
        return {}
    rows = DeliveryOrder.objects.filter(rider_id__in=keys, status__in=sorted(CARRIED))
    return dict(rows.values_list("rider_id").annotate(Count("pk")).order_by())


def _away(rider: Rider, near: Place | None) -> int | None:
    if near is None or rider.lat is None or rider.lng is None:
        return None
    return distance_m(*near, rider.lat, rider.lng)

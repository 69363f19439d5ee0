"""The states of a delivery order: one table, and what of it is told outside.

    pending ─► accepted ─► picked_up ─┬► delivered
       ▲          │            │      └► returning ─► returned
       └──────────┘            └► failed ◄───┘
        handed back
    pending | accepted ─► cancelled | failed

Outside (S000) there are five: 0 pending, 1 accepted, 2 picked_up, 3 delivered, 4 all the rest,
with a reason. From picked_up on nothing is cancelled: goods in a rider's hands come back by
`returning`. delivered, cancelled, failed and returned are terminal.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from config.kernel.states import StateTable

# What an event for the tenant, and a public link, call such an order.
EVENT_KIND = "delivery_order"
LINK_KIND = "d"


class DeliveryStatus(models.TextChoices):
    """The five of the seed, and three that are shown outside as cancelled."""

    PENDING = "pending", _("waiting for a rider")
    ACCEPTED = "accepted", _("accepted")
    PICKED_UP = "picked_up", _("on the way")
    DELIVERED = "delivered", _("delivered")
    CANCELLED = "cancelled", _("cancelled")
    FAILED = "failed", _("failed")
    RETURNING = "returning", _("going back")
    RETURNED = "returned", _("returned")


class OfferStatus(models.TextChoices):
    """An order offered to one rider, for some seconds."""

    OPEN = "open", _("open")
    ACCEPTED = "accepted", _("accepted")
    DECLINED = "declined", _("declined")
    EXPIRED = "expired", _("expired")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Vehicle(models.TextChoices):
    """What a rider rides."""

    BIKE = "bike", _("bicycle")
    EBIKE = "ebike", _("electric bicycle")
    MOTORBIKE = "motorbike", _("motorcycle")
    CAR = "car", _("car")
    WALK = "walk", _("on foot")


class Actor(models.TextChoices):
    """Who made a change."""

    TENANT = "tenant", _("tenant")
    RIDER = "rider", _("rider")
    OPERATOR = "operator", _("operator")
    SYSTEM = "system", _("system")


S = DeliveryStatus
DELIVERY_STATES = StateTable(
    {
        S.PENDING: (S.ACCEPTED, S.CANCELLED, S.FAILED),
        S.ACCEPTED: (S.PENDING, S.PICKED_UP, S.CANCELLED, S.FAILED),
        S.PICKED_UP: (S.DELIVERED, S.RETURNING, S.FAILED),
        S.RETURNING: (S.RETURNED, S.FAILED),
        S.DELIVERED: (),
        S.CANCELLED: (),
        S.FAILED: (),
        S.RETURNED: (),
    }
)
TERMINAL = DELIVERY_STATES.terminal
# In a rider's hands.
CARRIED = frozenset({S.ACCEPTED, S.PICKED_UP, S.RETURNING})
CANCELLABLE = frozenset({S.PENDING, S.ACCEPTED})
OUTSIDE: dict[str, int] = {
    S.PENDING: 0, S.ACCEPTED: 1, S.PICKED_UP: 2, S.DELIVERED: 3,
    S.CANCELLED: 4, S.FAILED: 4, S.RETURNING: 4, S.RETURNED: 4,
}  # fmt: skip
OUTSIDE_TEXTS = ("待接单", "已接单", "已取货", "已送达", "已取消")
# What riders and operators are told: outside words would call what goes back cancelled.
INSIDE_TEXTS: dict[str, str] = {
    S.PENDING: "待接单", S.ACCEPTED: "已接单", S.PICKED_UP: "配送中", S.DELIVERED: "已送达",
    S.CANCELLED: "已取消", S.FAILED: "配送失败", S.RETURNING: "退回中", S.RETURNED: "已退回",
}  # fmt: skip


def outside_text(status: str) -> str:
    """The seed's word for a state of ours."""
    return OUTSIDE_TEXTS[OUTSIDE[status]]

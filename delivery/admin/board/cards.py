"""One card of the board: what a dispatcher must know of an order, people masked, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.queries import TenantInfo
from config.kernel.masking import mask_address, mask_name, mask_phone
from delivery.admin.distances import distance_text
from delivery.admin.orders.acting import ACTIONS
from delivery.models import DeliveryOrder
from delivery.places import within_city
from delivery.queries.board import NOT_PICKED_UP_FOR, PROMISED_WITHIN, UNTAKEN_FOR, Board, Column
from delivery.states import DeliveryStatus

S = DeliveryStatus


@dataclass(frozen=True, slots=True)
class Card:
    """An order as the board shows it; `worries` say why it is at risk."""

    order: DeliveryOrder
    url: str
    tenant: str
    from_where: str
    to_where: str
    far: str
    people: str
    age: str
    promised: str
    is_late: bool
    asked: int
    worries: list[str]
    actions: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Lane:
    """A column with its heading; `more` when it has more orders than cards."""

    name: str
    title: str
    hint: str
    count: str
    cards: list[Card]
    more: bool


def lanes_of(
    found: Board, tenants: Mapping[int, TenantInfo], user: Any, *, at: datetime
) -> list[Lane]:
    """The three columns, in the order in which they are looked at."""
    minutes = {
        "untaken": UNTAKEN_FOR.seconds // 60, "stuck": NOT_PICKED_UP_FOR.seconds // 60,
        "promised": PROMISED_WITHIN.seconds // 60,
    }  # fmt: skip
    risk = _(
        "Untaken for %(untaken)d min, not picked up %(stuck)d min after acceptance, or promised "
        "within %(promised)d min."
    )
    given: list[tuple[str, str, str, Column]] = [
        ("unassigned", _("Unassigned"), _("The oldest first."), found.unassigned),
        ("at-risk", _("At risk"), risk % minutes, found.at_risk),
        ("under-way", _("Under way"), _("The soonest promised first."), found.under_way),
    ]
    return [
        Lane(
            name, title, hint, f"{column.count}+" if column.capped else str(column.count),
            [_card(order, found, tenants, user, at) for order in column.cards],
            column.capped or column.count > len(column.cards),
        )
        for name, title, hint, column in given
    ]  # fmt: skip


def _card(
    order: DeliveryOrder,
    found: Board,
    tenants: Mapping[int, TenantInfo],
    user: Any,
    at: datetime,
) -> Card:
    tenant = tenants.get(order.tenant_id)
    return Card(
        order=order,
        url=reverse("admin:delivery_deliveryorder_change", args=[order.pk]),
        tenant=tenant.name if tenant else f"#{order.tenant_id}",
        from_where=f"{order.merchant_name} {mask_address(within_city(order.merchant_address))}",
        to_where=mask_address(within_city(order.receiver_address)),
        far="" if order.distance_m is None else distance_text(order.distance_m),
        people=f"{mask_name(order.receiver_name)} {mask_phone(order.receiver_phone)}",
        age=lasting(at - order.created_at),
        promised=_promised(order, at),
        is_late=order.status != S.RETURNING and order.promised_at <= at,
        asked=found.asked.get(order.pk, 0),
        worries=_worries(order, at),
        actions=_actions(order, user),
    )


def lasting(span: Any) -> str:
    """Minutes, and hours where there are some."""
    minutes = max(0, int(span.total_seconds() // 60))
    if minutes < 60:
        return _("%(minutes)d min") % {"minutes": minutes}
    if minutes < 24 * 60:
        parts = {"hours": minutes // 60, "minutes": minutes % 60}
        return _("%(hours)d h %(minutes)d min") % parts
    return _("%(days)d days") % {"days": minutes // (24 * 60)}


def _promised(order: DeliveryOrder, at: datetime) -> str:
    if order.promised_at <= at:
        return _("%(span)s late") % {"span": lasting(at - order.promised_at)}
    return _("%(span)s left") % {"span": lasting(order.promised_at - at)}


def _worries(order: DeliveryOrder, at: datetime) -> list[str]:
    worries = []
    if order.status == S.PENDING and order.created_at < at - UNTAKEN_FOR:
        worries.append(_("nobody has taken it for %(span)s") % _span(at - order.created_at))
    accepted_at = order.accepted_at or order.created_at
    if order.status == S.ACCEPTED and accepted_at < at - NOT_PICKED_UP_FOR:
        worries.append(_("not picked up %(span)s after acceptance") % _span(at - accepted_at))
    return worries


def _span(span: Any) -> dict[str, str]:
    return {"span": lasting(span)}


def _actions(order: DeliveryOrder, user: Any) -> list[dict[str, Any]]:
    """The buttons that work now, for this operator; whoever has acted comes back to the board."""
    name, back = "admin:delivery_deliveryorder_act", f"?next={reverse('admin:dispatch_board')}"
    return [
        {
            "label": action.label,
            "url": reverse(name, args=[order.pk, action.name]) + back,
            "danger": action.danger,
        }
        for action in ACTIONS
        if action.on_page and action.applies(order) and _may(user, action.permission)
    ]


def _may(user: Any, verb: str) -> bool:
    codename = verb if "_" in verb else f"{verb}_deliveryorder"
    return bool(user.has_perm(f"delivery.{codename}"))

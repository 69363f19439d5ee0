"""A parcel as anybody may see it who holds its link: people masked, no address but the city."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from config.kernel.masking import KnownValues
from logistics.models import ExpressOrder
from logistics.queries.known_values import PEOPLE, known_of
from logistics.states import TERMINAL, OrderStatus

MOST_EVENTS = 100
# What masking leaves of an address, or of what nobody can read: a telephone has four stars.
_HIDDEN = re.compile(r"(?<!\*)\*{3}(?!\*)")
# What the page needs, the people who must not show in prose included.
COLUMNS = (
    "order_no", "is_test", "status", "cp_code", "cp_name", "waybill_no", "created_at",
    "track_info", "sign_time", "cancel_time", "last_track_time", "updated_at", *PEOPLE,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TrackedEvent:
    """One line of the timeline: our word for it, if any, and the carrier's text, masked.

    A text that tells of an address is left out: masked, it would still name the street.
    """

    at: datetime
    status: OrderStatus | None
    text: str


@dataclass(frozen=True, slots=True)
class TrackedParcel:
    """`closed_at` is when nothing more could happen; events newest first."""

    order_no: str
    is_test: bool
    status: OrderStatus
    carrier: str
    waybill_no: str
    from_city: str
    to_city: str
    to_district: str
    receiver_name: str
    receiver_phone: str
    courier_name: str
    created_at: datetime
    closed_at: datetime | None
    events: tuple[TrackedEvent, ...]


def tracked_parcel(pk: int) -> TrackedParcel | None:
    """The parcel with this key; names and phones as they stand, to be masked where they are shown.

    The texts of its events are masked already. None where there is none.
    """
    order = ExpressOrder.objects.filter(pk=pk).only(*COLUMNS).first()
    if order is None:
        return None
    known = known_of(order)
    told = (order.track_info or [])[-MOST_EVENTS:]
    events = [_event(one, known) for one in told]
    return TrackedParcel(
        order_no=order.order_no,
        is_test=order.is_test,
        status=OrderStatus(order.status),
        carrier=order.cp_name or order.cp_code,
        waybill_no=order.waybill_no or "",
        from_city=order.sender_city or "",
        to_city=order.receiver_city or "",
        to_district=order.receiver_district or "",
        receiver_name=order.receiver_name,
        receiver_phone=order.receiver_phone,
        courier_name=order.courier_name or "",
        created_at=order.created_at,
        closed_at=_closed_at(order),
        events=tuple(reversed(events)),
    )


def _event(told: dict[str, Any], known: KnownValues) -> TrackedEvent:
    text = str(known.hide_kept(told["desc"]) or "")
    status = told["status"]
    return TrackedEvent(
        at=datetime.fromisoformat(told["time"]),
        status=OrderStatus(status) if status in OrderStatus.values else None,
        text="" if _HIDDEN.search(text) else text,
    )


def _closed_at(order: ExpressOrder) -> datetime | None:
    if order.status not in TERMINAL:
        return None
    ends = {OrderStatus.SIGNED: order.sign_time, OrderStatus.CANCELLED: order.cancel_time}
    return ends.get(OrderStatus(order.status)) or order.last_track_time or order.updated_at

"""What the address library and the branch search say; a text is never guessed at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from config.kernel.http import Outcome
from config.kernel.text import clip
from logistics import divisions
from logistics.carriers.base import Branch, Place, Reply
from logistics.services.orders import change_order, fail_order
from logistics.services.outcomes.pacing import due_now, later, refusal_text
from logistics.services.questions import full_text

if TYPE_CHECKING:
    from logistics.models import ExpressOrder

# ADDRLIB is asked this often before the division table answers in its place.
ADDRESS_TRIES = 2
LABELS = {"receiver": "收件地址无法识别", "sender": "寄件地址无法识别"}


def _address(side: str) -> Callable[[ExpressOrder, Reply[Place], datetime], datetime | None]:
    label = LABELS[side]

    def handle(order: ExpressOrder, reply: Reply[Place], at: datetime) -> datetime | None:
        if reply.outcome == Outcome.REFUSED:
            fail_order(order, reason=refusal_text(reply, label), at=at)
            return None
        if reply.outcome == Outcome.DONE and reply.value is not None:
            return _place_found(order, side, reply.value, at)
        if reply.error_type == "auth" or order.attempts < ADDRESS_TRIES:
            return later(order, at)
        try:
            parsed = divisions.parse(full_text(order, side))
        except divisions.Ambiguous as exc:
            names = "、".join(exc.candidates[:5])
            fail_order(order, reason=clip(f"{label}：同名地区有 {names}，请补全省市", 500), at=at)
            return None
        except divisions.Unparsable:
            fail_order(order, reason=f"{label}：请补全省、市、区", at=at)
            return None
        place = Place(
            province=parsed.province or "",
            city=parsed.city or "",
            district=parsed.district or "",
            town=parsed.town or "",
            detail=parsed.detail,
        )
        return _place_found(order, side, place, at, address_fallback=True)

    return handle


def _place_found(
    order: ExpressOrder, side: str, place: Place, at: datetime, **more: Any
) -> datetime | None:
    place = _completed(order, side, place)
    if not (place.province and place.city):
        fail_order(order, reason=f"{LABELS[side]}：请补全省、市、区", at=at)
        return None
    changes: dict[str, Any] = {
        f"{side}_province": clip(place.province, 50),
        f"{side}_city": clip(place.city, 50),
        f"{side}_district": clip(place.district, 50) or None,
        f"{side}_town": clip(place.town, 50) or None,
        f"{side}_address": clip(place.detail, 500) or getattr(order, f"{side}_address"),
    }
    if side == "receiver":
        kept = order.receiver_address_text or order.receiver_address
        changes["receiver_address_text"] = kept
    change_order(order, at=at, attempts=0, **changes, **more)
    return due_now(order, at)


def _completed(order: ExpressOrder, side: str, place: Place) -> Place:
    """An answer without province or city (municipalities, mostly), completed by our table."""
    if place.province and place.city:
        return place
    try:
        ours = divisions.parse(full_text(order, side))
    except (divisions.Ambiguous, divisions.Unparsable):
        return place
    return replace(
        place,
        province=place.province or ours.province or "",
        city=place.city or ours.city or "",
        district=place.district or ours.district or "",
    )


def branch(order: ExpressOrder, reply: Reply[tuple[Branch, ...]], at: datetime) -> datetime | None:
    if reply.outcome == Outcome.REFUSED:
        fail_order(order, reason=refusal_text(reply, "网点查询被拒"), at=at)
        return None
    if reply.outcome != Outcome.DONE or reply.value is None:
        return later(order, at)
    if not reply.value:
        fail_order(order, reason="寄件地址附近没有可用网点，请更换快递公司或寄件地址", at=at)
        return None
    branch = reply.value[0]
    change_order(
        order,
        at=at,
        attempts=0,
        branch_code=clip(branch.code, 50),
        branch_name=clip(branch.name, 100) or None,
        branch_phone=clip(branch.phone, 50) or None,
    )
    return due_now(order, at)


receiver_address = _address("receiver")
sender_address = _address("sender")

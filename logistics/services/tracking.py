"""A scan joins the timeline, and moves the order only forward (law 3).

A duplicate has no second effect; a late or unmapped one is kept and moves nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from config.kernel.text import clip
from logistics.carriers.base import Scan
from logistics.services.former_people import with_former_people
from logistics.services.freight_words import settle_freight
from logistics.services.orders import change_order, draw_unit_again, is_metered, return_unit
from logistics.states import CANCELLABLE, RANK, TERMINAL, Asking, OrderStatus, WaybillStatus
from quotas.services.reservation import note_waybill

if TYPE_CHECKING:
    from logistics.models import ExpressOrder

S = OrderStatus
# A carrier's clock may run ahead of ours by this much; beyond it the receipt time counts.
CLOCK_AHEAD = timedelta(minutes=10)
MOST_EVENTS = 500
MOMENTS: dict[str, str] = {
    S.DISPATCHED: "dispatch_time", S.PICKED: "pick_time", S.SIGNED: "sign_time",
}  # fmt: skip


def apply_scan(
    order: ExpressOrder,
    scan: Scan,
    *,
    source: str,
    at: datetime,
    received_at: datetime | None = None,
) -> bool:
    """Take a scan in, inside the caller's transaction, its last writes; whether it moved a state.

    `source` names what told us, once per order; `order` was read under lock. An event time too
    far ahead of `received_at` (default: `at`) is not believed.
    """
    happened = min(scan.at, (received_at or at) + CLOCK_AHEAD)
    track = list(order.track_info or [])
    key = _key(happened, scan)
    same = next((e for e in track if (e["time"], e["code"], e["desc"]) == key), None)
    known = same is not None and same["status"] == scan.status
    if same is not None and not known:
        track.remove(same)  # replayed after the status map learned its code
    new = None if known else _target(order, scan, happened, track)
    changes: dict[str, Any] = _facts(order, scan, happened, at)
    left_exception = new is not None and order.status == S.EXCEPTION and new in RANK
    changes["news_at"] = at
    if not known and len(track) < MOST_EVENTS:
        track.append(_event(happened, scan, applied=new is not None))
        track.sort(key=lambda event: datetime.fromisoformat(event["time"]))
        changes["track_info"] = track
        if order.last_track_time is None or happened >= order.last_track_time:
            changes["last_track_time"] = happened
            changes["last_track_desc"] = clip(scan.desc or scan.code, 500)
    if new is not None:
        changes |= _move(order, new, scan, happened, at)
    elif not known:
        changes |= _truer_time(order, scan, happened) | _worse(order, scan, happened)
    changes |= settle_freight(order, scan, happened, source, at)
    change_order(order, at=at, **changes)
    if new == S.CANCELLED:
        return_unit(order, at=at)
    if left_exception and not draw_unit_again(order, at=at):
        change_order(order, at=at, status_desc="包裹已在途，但配额不足未能占用，请核对")
    return new is not None


def _key(happened: datetime, scan: Scan) -> tuple[str, str, str]:
    return happened.isoformat(), scan.code, clip(scan.desc, 500)


def _event(happened: datetime, scan: Scan, *, applied: bool) -> dict[str, Any]:
    time, code, desc = _key(happened, scan)
    return {"time": time, "status": scan.status, "code": code, "desc": desc, "applied": applied}


def _target(
    order: ExpressOrder, scan: Scan, happened: datetime, track: list[dict[str, Any]]
) -> str | None:
    """The state this scan moves the order to, None when it moves nothing."""
    new = scan.status
    if new is None or order.status in TERMINAL or new == order.status:
        return None
    if new == S.CANCELLED:
        if order.status == S.EXCEPTION:
            return S.CANCELLED if order.dispatch_time is None else None
        if order.status in CANCELLABLE:
            return S.CANCELLED
        return S.EXCEPTION if not _overtaken(happened, track) else None
    if new == S.EXCEPTION:
        return S.EXCEPTION if not _overtaken(happened, track) else None
    if order.status == S.EXCEPTION:
        since, ahead_of = order.exception_at, str(order.exception_from)
        later = since is None or happened > since
        return new if later and RANK[new] > RANK[ahead_of] else None
    return new if RANK[new] > RANK[order.status] else None


def _overtaken(happened: datetime, track: list[dict[str, Any]]) -> bool:
    """Whether a state was applied that happened after this."""
    return any(
        event["applied"] and datetime.fromisoformat(event["time"]) > happened for event in track
    )


def _move(
    order: ExpressOrder, new: str, scan: Scan, happened: datetime, at: datetime
) -> dict[str, Any]:
    """The columns that go with a new state."""
    changes: dict[str, Any] = {
        "status": new,
        "status_desc": clip(scan.desc, 200) or None,
        "exception_reason": None,
        "exception_from": None,
        "exception_at": None,
    }
    if new == S.EXCEPTION:
        changes |= {
            "exception_from": order.status,
            "exception_at": happened,
            "exception_reason": clip(scan.desc or scan.code, 500),
        }
        if scan.status == S.CANCELLED:
            changes["exception_reason"] = clip(f"承运方取消：{scan.desc or scan.code}", 500)
        return changes
    if new == S.CANCELLED:
        return changes | {
            "cancel_time": at,
            "cancel_reason": order.cancel_reason or clip(f"承运方取消：{scan.desc}", 500),
            "waybill_status": WaybillStatus.INVALID,
            "asking": None,
        }
    rank = RANK[new]
    for reached, column in MOMENTS.items():
        passed = rank >= RANK[reached] and (reached != S.SIGNED or new == S.SIGNED)
        if passed and getattr(order, column) is None:
            changes[column] = happened
    if rank >= RANK[S.PICKED]:
        changes["waybill_status"] = WaybillStatus.USED
    if new in TERMINAL and order.asking == Asking.CANCEL:
        # Whether the wish to cancel arrived no longer matters, and nobody would ask any more.
        changes |= {"asking": None, "absent_at": None, "cancel_requested_at": None}
    return changes


def _truer_time(order: ExpressOrder, scan: Scan, happened: datetime) -> dict[str, Any]:
    """A scan overtaken by a later one still knows best when its own state was reached."""
    column = MOMENTS.get(scan.status or "")
    known = getattr(order, column) if column else None
    return {column: happened} if column and known is not None and happened < known else {}


def _worse(order: ExpressOrder, scan: Scan, happened: datetime) -> dict[str, Any]:
    """A second, later exception: what left the first no longer leaves this one."""
    if not scan.status == order.status == S.EXCEPTION:
        return {}
    if order.exception_at is not None and happened <= order.exception_at:
        return {}
    reason = clip(scan.desc or scan.code, 500)
    return {"exception_at": happened, "exception_reason": reason}


def _facts(order: ExpressOrder, scan: Scan, happened: datetime, at: datetime) -> dict[str, Any]:
    """Numbers and names a scan brings along; an overtaken one's courier is a former one."""
    changes: dict[str, Any] = {}
    if scan.waybill_no and not order.mail_no:
        changes["mail_no"] = scan.waybill_no
    if scan.waybill_no and not order.waybill_no:
        changes |= {
            "waybill_no": scan.waybill_no, "waybill_time": at, "waybill_get_time": at,
        }  # fmt: skip
        if is_metered(order):
            note_waybill(order_id=order.pk, waybill_no=scan.waybill_no)
    couriers = {
        name: clip(value, 50)
        for name in ("courier_name", "courier_phone")
        if (value := getattr(scan, name))
    }
    if order.last_track_time is not None and happened < order.last_track_time:
        former = {name: value for name, value in couriers.items() if getattr(order, name)}
        couriers = {name: value for name, value in couriers.items() if name not in former}
        return changes | with_former_people(order, couriers, former)
    return changes | with_former_people(order, couriers)

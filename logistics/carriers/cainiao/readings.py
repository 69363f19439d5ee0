"""An answer that says success is believed only as far as it carries what was asked for.

Every function takes the readable content and raises `Unreadable` where that is missing: the
question may have been carried out all the same, so this is doubt and never a refusal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from config.kernel.text import unstorable
from logistics.carriers.base import Branch, Found, Pickup, Place, Scan, Waybill
from logistics.carriers.cainiao import tables, values
from logistics.carriers.cainiao.contents import Content, Unreadable
from logistics.carriers.cainiao.fields import Step, find, has, items
from logistics.carriers.cainiao.profile import Profile

_BRANCH_CODE, _BRANCH_NAME, _BRANCH_PHONE = 50, 100, 50
_LEVEL, _DETAIL, _STATUS, _DESC = 50, 500, 50, 200


class Declined(Exception):
    """A readable no inside an answer that says success."""


def place(content: Content, profile: Profile, kind: str) -> Place:
    """The levels found; at least one above the detail."""
    table = profile.answers[kind]
    levels = {
        name: values.text(find(content.fields, table.get(name))[0], _LEVEL)
        for name in ("province", "city", "district", "town")
    }
    if not any(levels.values()):
        msg = "no level of the address in the answer"
        raise Unreadable(msg)
    detail = values.text(find(content.fields, table.get("detail"))[0], _DETAIL)
    return Place(**levels, detail=detail)


def branches(content: Content, profile: Profile) -> tuple[Branch, ...]:
    """The branches that have a code; an empty list is an answer too, a missing one is not."""
    table = profile.answers[tables.FIND_BRANCH]
    listed = [item for _, item in _listed(content, table)]
    found = tuple(
        Branch(
            code=code,
            name=values.text(find(item, table.get("name"))[0], _BRANCH_NAME),
            phone=values.text(find(item, table.get("phone"))[0], _BRANCH_PHONE),
        )
        for item in listed
        if (code := values.identifier(find(item, table.get("code"))[0], _BRANCH_CODE))
    )
    if listed and not found:
        msg = "branches without a code in the answer"
        raise Unreadable(msg)
    return found


def waybill(content: Content, profile: Profile, order_no: str) -> Waybill:
    """The number issued for `order_no`, told by its objectId: another object's is not ours."""
    table = profile.answers[tables.GET_WAYBILL]
    found: dict[str, str] = {}
    for way, item in _listed(content, table):
        if "object_id" in table and _number(item, table, "object_id") != order_no:
            continue
        number = _number(item, table, "waybill_no")
        if number:
            found[number] = _print_data(content, way, item, table.get("print_data"))
    if len(found) != 1:
        msg = "several waybill numbers" if found else "no waybill number"
        msg = f"{msg} for this order in the answer"
        raise Unreadable(msg)
    [(number, print_data)] = found.items()
    return Waybill(number, print_data)


def pickup(content: Content, profile: Profile, order_no: str) -> Pickup:
    """The carrier's order, and the waybill number where it comes with it."""
    table = profile.answers[tables.CREATE_PICKUP]
    _require_ours(content, table, order_no)
    order_id = _number(content.fields, table, "carrier_order_id")
    if not order_id:
        msg = "no order number of the carrier in the answer"
        raise Unreadable(msg)
    return Pickup(order_id, _number(content.fields, table, "waybill_no"))


def cancelled(content: Content, profile: Profile) -> None:
    """It was called off, says the field that the account names for it; else `Declined`."""
    table = profile.answers[tables.CANCEL_PICKUP]
    told = values.truth(find(content.fields, table.get("success", "success"))[0])
    if told is None:
        msg = "the answer does not say whether it was cancelled"
        raise Unreadable(msg)
    if not told:
        raise Declined


def state(content: Content, profile: Profile, order_no: str) -> Found:
    """What is known under our number: one of the carrier's numbers or a status at least."""
    table = profile.answers[tables.QUERY]
    _require_ours(content, table, order_no)
    code = values.text(find(content.fields, table.get("code"))[0], _STATUS)
    found = Found(
        carrier_order_id=_number(content.fields, table, "carrier_order_id"),
        waybill_no=_number(content.fields, table, "waybill_no"),
        status=profile.status_map.get(code),
        code=code,
    )
    if not (found.carrier_order_id or found.waybill_no or found.code):
        msg = "neither a number nor a status in the answer"
        raise Unreadable(msg)
    return found


def scans(content: Content, profile: Profile, waybill_no: str) -> tuple[Scan, ...]:
    """The scans with a readable time, oldest first, whichever way round they came."""
    table = profile.answers[tables.TRACK]
    found = []
    for _, item in _listed(content, table):
        at = values.moment(find(item, table.get("at"))[0])
        code = values.text(find(item, table.get("code"))[0], _STATUS)
        desc = values.text(find(item, table.get("desc"))[0], _DESC)
        if at is not None and (code or desc):
            status = profile.status_map.get(code)
            found.append(Scan(at=at, code=code, desc=desc, status=status, waybill_no=waybill_no))
    if found and found[0].at > found[-1].at:
        # So that two of one second keep their order.
        found.reverse()
    return tuple(sorted(found, key=lambda scan: scan.at))


def _listed(
    content: Content, table: Mapping[str, str]
) -> Iterator[tuple[tuple[Step, ...], Mapping[str, object]]]:
    path = table.get("list", "")
    value, way = find(content.fields, path)
    if not way and not has(content.fields, path):
        msg = f"no {path} in the answer"
        raise Unreadable(msg)
    for steps, item in items(value):
        yield (*way, *steps), item


def _number(holder: Mapping[str, object], table: Mapping[str, str], name: str) -> str:
    return values.identifier(find(holder, table.get(name))[0])


def _require_ours(content: Content, table: Mapping[str, str], order_no: str) -> None:
    """Few answers repeat our number; one that names another is not the answer to our question."""
    echoed = find(content.fields, table.get("order_no"))[0]
    if echoed is not None and values.text(echoed, len(order_no) + 1) != order_no:
        msg = "the answer is about another order"
        raise Unreadable(msg)


def _print_data(
    content: Content, way: tuple[Step, ...], item: Mapping[str, object], path: str | None
) -> str:
    value, steps = find(item, path)
    if value is None:
        return ""
    text = content.verbatim((*way, *steps), value)
    # The number is good all the same, and print data can be asked for again.
    return "" if unstorable(text) else text

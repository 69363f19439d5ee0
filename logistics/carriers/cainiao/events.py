"""What Cainiao tells us is verified on its bytes first, then read into a `Scan`, or `Unreadable`.

In order: `unwrap` the request, find the account whose secrets `verify` it, `callback_id` its
record, and `read` it (CONTRACT section 4, `POST /callback`; fields: `tables.ANSWERS`). Only the
content is signed; `msg_type`, `msg_id` and the codes beside it decide nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from logistics.carriers.base import Scan
from logistics.carriers.cainiao import contents, tables, values
from logistics.carriers.cainiao.contents import Content, Unreadable
from logistics.carriers.cainiao.fields import find
from logistics.carriers.cainiao.profile import Profile
from logistics.carriers.cainiao.wire import verify

__all__ = ["Pushed", "Told", "Unreadable", "callback_id", "read", "unwrap", "verify"]

_NUMBER, _ORDER_NO, _STATUS, _DESC, _COURIER = 100, 32, 50, 200, 50
# Ten tonnes and a million yuan are no parcel's; both leave room in the columns.
_FREIGHT_BELOW: Final = Decimal(1_000_000)
_WEIGHT_BELOW: Final = Decimal(10_000)
_HASH_DIGITS = 32


@dataclass(frozen=True, slots=True)
class Pushed:
    """A request as posted: the signed bytes and their digest; `others` nobody vouches for."""

    content: bytes = field(repr=False)
    digest: bytes
    others: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told(Scan):
    """A scan that was pushed. `notes` say what of it was unusable and left out.

    `at` is the time of receipt where no readable time came; `at_given` tells.
    """

    notes: tuple[str, ...] = ()
    at_given: bool = True


def unwrap(posted: Mapping[str, bytes] | bytes) -> Pushed:
    """The envelope of a form's fields, or of a JSON body with the same members.

    Fields come as `kernel.callbacks.form_fields` gives them.
    Content that a JSON body holds as an object instead of a text is taken as its very characters.

    :raises Unreadable: no content, or no digest.
    """
    fields = posted if isinstance(posted, Mapping) else _members(posted)
    content, digest = fields.get("logistics_interface"), fields.get("data_digest")
    if not content or not digest:
        msg = "logistics_interface and data_digest are both needed"
        raise Unreadable(msg)
    others = {
        name: values.text(value.decode("utf-8", "replace"), _NUMBER)
        for name, value in fields.items()
        if name in ("msg_type", "msg_id", "from_code", "partner_code", "to_code")
    }
    return Pushed(content, digest, others)


def read(content: bytes | str, profile: Profile, *, received_at: datetime) -> Told:
    """What verified content tells. Texts are clipped to the columns, an unknown status moves none.

    :raises Unreadable: not a JSON or XML object, or with neither a number nor a status.
    """
    told = contents.read(content)
    table = profile.answers[tables.CALLBACK]

    def given(name: str) -> Any:
        return find(told.fields, table.get(name))[0]

    def text(name: str, length: int) -> str:
        return values.text(given(name), length)

    at, code = values.moment(given("at")), text("code", _STATUS)
    freight = values.amount(given("freight_yuan"), 2, _FREIGHT_BELOW)
    weight = values.amount(given("weight_kg"), 3, _WEIGHT_BELOW)
    unusable = {
        "time: none readable, the time of receipt stands in": at is None,
        "freight: no usable amount": freight is None and given("freight_yuan") is not None,
        "weight: no usable amount": weight is None and given("weight_kg") is not None,
        "status: not on the map": code != "" and code not in profile.status_map,
    }
    scan = Told(
        at=at or received_at,
        at_given=at is not None,
        code=code,
        desc=text("desc", _DESC),
        status=profile.status_map.get(code),
        order_no=text("order_no", _ORDER_NO),
        carrier_order_id=text("carrier_order_id", _NUMBER),
        waybill_no=text("waybill_no", _NUMBER),
        courier_name=text("courier_name", _COURIER),
        courier_phone=text("courier_phone", _COURIER),
        freight_yuan=freight,
        weight_kg=weight,
        notes=tuple(note for note, holds in unusable.items() if holds),
    )
    if not (scan.code or scan.order_no or scan.carrier_order_id or scan.waybill_no):
        msg = "neither a number nor a status"
        raise Unreadable(msg)
    return scan


def callback_id(content: bytes, scan: Scan | None = None) -> str:
    """The id of a callback's record (D1), at most 184 characters.

    Two pushes of one status differ in content, the same push repeated does not. What is not there
    (or not readable: `scan` None) has `-` in its place.
    """
    whose = (scan.carrier_order_id or scan.order_no) if scan else ""
    what = scan.code if scan else ""
    digest = hashlib.sha256(content).hexdigest()[:_HASH_DIGITS]
    return f"{whose[:_NUMBER] or '-'}:{what[:_STATUS] or '-'}:{digest}"


def _members(body: bytes) -> dict[str, bytes]:
    envelope = contents.read(body)
    if not envelope.source:
        msg = "neither a form nor JSON"
        raise Unreadable(msg)
    return {
        name: _bytes(envelope, name, value)
        for name, value in envelope.fields.items()
        if isinstance(value, str | Mapping)
    }


def _bytes(envelope: Content, name: str, value: object) -> bytes:
    return envelope.verbatim((name,), value).encode("utf-8", "replace")

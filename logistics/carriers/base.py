"""The port every carrier adapter fills: frozen questions and replies, no tables, no framework.

An adapter never raises for what the outside world does: whatever happens becomes a `Reply` whose
`outcome` says what is certain. It calls out through `config.kernel.http` only, once per method
unless the method says otherwise, and never decides about repeating a call: services do, by law 2.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Generic, Protocol, TypeVar

from config.kernel.http import CallRecord, Outcome

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Place:
    """An address in its levels; a level that does not exist is an empty text."""

    province: str = ""
    city: str = ""
    district: str = ""
    town: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Party:
    """Who sends or receives."""

    name: str
    phone: str
    place: Place


@dataclass(frozen=True, slots=True)
class Shipment:
    """What a waybill or a pick-up is asked for.

    `order_no` is ours and the number every call about this parcel carries; `weight_kg` in kg and
    `volume_m3` in m³ (adapters convert), None when not declared.
    """

    order_no: str
    cp_code: str
    sender: Party
    receiver: Party
    goods_name: str = ""
    goods_count: int = 1
    weight_kg: Decimal | None = None
    volume_m3: Decimal | None = None
    remark: str = ""
    service_type: str = ""
    pay_method: str = ""
    branch_code: str = ""
    waybill_no: str = ""


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch that would pick up."""

    code: str
    name: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Waybill:
    """A waybill number and the carrier's print data, the very text it sent."""

    waybill_no: str
    print_data: str = ""


@dataclass(frozen=True, slots=True)
class Pickup:
    """The carrier's own order; `waybill_no` where it is given only now."""

    carrier_order_id: str
    waybill_no: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What the carrier says of our number. `status` is ours, None when it maps to nothing."""

    carrier_order_id: str = ""
    waybill_no: str = ""
    status: str | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class Scan:
    """One thing the carrier tells: a state, or an event that moves none (`status` None).

    `at` is the carrier's event time, aware. `freight_yuan` and `weight_kg` when it settles them.
    `code` is the carrier's own word, `desc` its text.
    """

    at: datetime
    code: str
    desc: str = ""
    status: str | None = None
    order_no: str = ""
    carrier_order_id: str = ""
    waybill_no: str = ""
    courier_name: str = ""
    courier_phone: str = ""
    freight_yuan: Decimal | None = None
    weight_kg: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Reply(Generic[T]):
    """What became of a question.

    DONE: `value` holds. REFUSED: a final no, `code` and `message` are the carrier's.
    RETRY: certainly nothing happened, ask again later. UNKNOWN: it may have happened; only a
    query under the same number tells. `error_type` is the seed's word (network, auth, business,
    system) or empty. `absent` on a query: the carrier knows no such number.
    """

    outcome: Outcome
    value: T | None = None
    code: str = ""
    message: str = ""
    error_type: str = ""
    absent: bool = False
    calls: tuple[CallLine, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class CallLine:
    """One call for the call log: what was asked by name, and the masked record of it."""

    api_method: str
    request_id: str
    record: CallRecord
    code: str = ""
    message: str = ""
    success: bool = False
    error_type: str = ""


class Carrier(Protocol):
    """One account of one carrier.

    Every method is called outside of database transactions, in a thread that has no database.
    Repeatable: `parse_address`, `find_branch`, `query`, `track` (they change nothing) and
    `get_waybill` (the same number under the same `order_no`). Never to be repeated on an unknown
    outcome: `create_pickup`, `cancel_pickup`.
    """

    can_query: bool
    waybill_at_order: bool

    def parse_address(self, text: str) -> Reply[Place]:
        """Turn one text into levels; a refusal says the text cannot be understood."""

    def find_branch(self, cp_code: str, place: Place) -> Reply[tuple[Branch, ...]]:
        """The branches that serve the sender's place; an empty tuple when there is none."""

    def get_waybill(self, shipment: Shipment) -> Reply[Waybill]:
        """Get the waybill number of `order_no`."""

    def create_pickup(self, shipment: Shipment) -> Reply[Pickup]:
        """Have a courier sent; the intent under `order_no` is committed before."""

    def cancel_pickup(self, order_no: str, carrier_order_id: str, reason: str) -> Reply[None]:
        """Call the courier off; refused once the parcel was picked up."""

    def query(self, order_no: str) -> Reply[Found]:
        """What became of our number: DONE with `value`, or DONE with `absent`."""

    def track(self, cp_code: str, waybill_no: str) -> Reply[tuple[Scan, ...]]:
        """The carrier's scans of a waybill, oldest first."""

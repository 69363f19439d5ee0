"""The port `Carrier` over Cainiao's gateway: one call per method, classified, logged masked.

Nothing the other side does makes a method raise. An account is one client; clients are cheap and
share the connections of their gateway.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Self, TypeVar
from uuid import uuid4

from config.kernel.http import CallRecord, Outcome, Partner
from logistics.carriers.base import (
    Branch,
    CallLine,
    Found,
    Pickup,
    Place,
    Reply,
    Scan,
    Shipment,
    Waybill,
)
from logistics.carriers.cainiao import classification, fields, readings, sources, tables, wire
from logistics.carriers.cainiao.classification import Finding
from logistics.carriers.cainiao.contents import Content, Unreadable
from logistics.carriers.cainiao.partners import DEADLINE_S, partner_at
from logistics.carriers.cainiao.profile import Profile
from logistics.carriers.cainiao.sources import Plain

T = TypeVar("T")


class CainiaoClient:
    """One account of Cainiao (S001 4.3, CONTRACT section 4)."""

    def __init__(
        self, profile: Profile, *, partner: Partner | None = None, deadline: float = DEADLINE_S
    ) -> None:
        """`deadline` bounds each call, connecting included; a lease must be twice as long."""
        self.profile = profile
        self.can_query = bool(profile.messages[tables.QUERY].name)
        self.waybill_at_order = profile.waybill_at_order
        self._partner = partner or partner_at(profile.endpoint_url)
        self._deadline = deadline

    @classmethod
    def from_account(cls, *, deadline: float = DEADLINE_S, **columns: Any) -> Self:
        """The client of an account's columns (`Profile.from_account`).

        :raises BadAccount: a ValueError that names the column.
        """
        return cls(Profile.from_account(**columns), deadline=deadline)

    def parse_address(self, text: str) -> Reply[Place]:
        """ADDRLIB_DIV_FULLPARSE: the levels of a text."""
        return self._parse(tables.PARSE_ADDRESS, text)

    def parse_levels(self, text: str) -> Reply[Place]:
        """ADDRLIB_DIV_PARSE: levels only; not of the port, a light call to try an account with."""
        return self._parse(tables.PARSE_LEVELS, text)

    def find_branch(self, cp_code: str, place: Place) -> Reply[tuple[Branch, ...]]:
        """TMS_DISPATCH_FIND_SEND_BRANCH."""
        values = {**sources.of_place(place), "cp_code": cp_code}
        return self._ask(
            tables.FIND_BRANCH, values, lambda content: readings.branches(content, self.profile)
        )

    def get_waybill(self, shipment: Shipment) -> Reply[Waybill]:
        """TMS_WAYBILL_GET under objectId = `order_no`, which gives one number however often.

        Ask with the same shipment again: another under the same number may be refused.
        """
        return self._ask(
            tables.GET_WAYBILL,
            sources.of_shipment(shipment),
            lambda content: readings.waybill(content, self.profile, shipment.order_no),
        )

    def create_pickup(self, shipment: Shipment) -> Reply[Pickup]:
        """TMS_CREATE_ORDER_OFFLINE_NOTIFY; UNKNOWN is resolved by `query`, never by repeating."""
        return self._ask(
            tables.CREATE_PICKUP,
            sources.of_shipment(shipment),
            lambda content: readings.pickup(content, self.profile, shipment.order_no),
        )

    def cancel_pickup(self, order_no: str, carrier_order_id: str, reason: str) -> Reply[None]:
        """TMS_ORDER_CANCEL."""
        values: dict[str, Plain] = {
            "order_no": order_no,
            "carrier_order_id": carrier_order_id,
            "reason": reason,
        }
        return self._ask(
            tables.CANCEL_PICKUP, values, lambda content: readings.cancelled(content, self.profile)
        )

    def query(self, order_no: str) -> Reply[Found]:
        """The order query that the account names (D19)."""
        return self._ask(
            tables.QUERY,
            {"order_no": order_no},
            lambda content: readings.state(content, self.profile, order_no),
        )

    def track(self, cp_code: str, waybill_no: str) -> Reply[tuple[Scan, ...]]:
        """CNTECH_LV_LOGISTICS_DETAIL_GET; an unknown number is DONE, `absent`, no scans."""
        asked = self._ask(
            tables.TRACK,
            {"cp_code": cp_code, "waybill_no": waybill_no},
            lambda content: readings.scans(content, self.profile, waybill_no),
        )
        return replace(asked, value=()) if asked.absent else asked

    def _parse(self, kind: str, text: str) -> Reply[Place]:
        return self._ask(
            kind, {"text": text}, lambda content: readings.place(content, self.profile, kind)
        )

    def _ask(self, kind: str, values: dict[str, Plain], read: Callable[[Content], T]) -> Reply[T]:
        message = self.profile.messages[kind]
        if not message.name:
            missing = f"the account names no message for {kind}"
            return Reply(Outcome.REFUSED, code="NOT_CONFIGURED", message=missing)
        known = {
            **values,
            "app_key": self.profile.app_key,
            "provider_id": self.profile.provider_id,
        }
        question = wire.serialise(fields.build(self.profile.questions[kind], known))
        now = datetime.fromtimestamp(time.time(), UTC)
        form = wire.envelope(self.profile, message, question, now)
        result, record = self._partner.call_recorded(
            "POST",
            self.profile.endpoint_url,
            data=wire.encode(form),
            headers={"Content-Type": wire.CONTENT_TYPE},
            deadline=self._deadline,
            mask=self.profile.hidden_fields(kind),
        )
        finding = classification.classify(kind, result, self.profile)
        value, content = None, finding.content
        if content is not None:
            try:
                value = read(content)
            except Unreadable as exc:
                finding = classification.doubt(kind, str(exc))
            except readings.Declined:
                finding = classification.refusal(content)
        return Reply(
            finding.outcome,
            value,
            finding.code,
            finding.message,
            finding.error_type,
            finding.absent,
            (_line(message.name, record, finding),),
        )


def _line(api_method: str, record: CallRecord, finding: Finding) -> CallLine:
    """The line with what the call came to: the transport only knew that an answer arrived."""
    detail = record.error_detail or finding.message
    return CallLine(
        api_method=api_method,
        request_id=str(uuid4()),
        record=replace(record, outcome=finding.outcome, error_detail=detail),
        code=finding.code,
        message=finding.message,
        success=finding.outcome is Outcome.DONE,
        error_type=finding.error_type,
    )

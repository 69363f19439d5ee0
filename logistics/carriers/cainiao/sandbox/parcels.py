"""What the sandbox knows of one parcel: what was asked, what it is, what happened to it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from logistics.carriers.cainiao.sandbox.callbacks import Callback
from logistics.carriers.cainiao.sandbox.journeys import Step
from logistics.carriers.cainiao.sandbox.statuses import (
    CREATED,
    EXCEPTION,
    PICKED,
    RANK,
    TERMINAL,
)


@dataclass
class Received:
    """One verified request, and what became of it."""

    at: datetime
    message: str
    trade_order_no: str
    fault: str
    outcome: str = "not handled"


@dataclass(frozen=True)
class Waybill:
    """One issued number; asked for again it is answered as it stands here, byte for byte."""

    code: str
    app_key: str
    cp_code: str
    object_id: str
    trade_order_nos: tuple[str, ...]
    asked: str
    print_data: str


@dataclass(frozen=True)
class Event:
    """One scan, as the trace shows it."""

    time: datetime
    said: str
    desc: str


@dataclass
class Parcel:
    """Begins with the first request that names it; is an order once `order_code` is set."""

    app_key: str
    trade_order_no: str
    received: list[Received] = field(default_factory=list)
    waybills: list[str] = field(default_factory=list)
    order_code: str = ""
    mail_no: str = ""
    cp_code: str = ""
    status: str = CREATED
    was_picked: bool = False
    ending: str = ""
    plan: deque[Step] = field(default_factory=deque)
    # Raised whenever the journey is stopped or begun: steps planned before then do nothing.
    journey_number: int = 0
    held: bool = False
    due_while_held: bool = False
    couriers: tuple[tuple[str, str], ...] = ()
    courier: int | None = None
    freight: str | None = None
    weight: str | None = None
    events: list[Event] = field(default_factory=list)
    last_scan: datetime | None = None
    callbacks: list[Callback] = field(default_factory=list)

    @property
    def key(self) -> str:
        """What its actions and callbacks follow each other by."""
        return f"{self.app_key}/{self.trade_order_no}"

    def move(self, status: str) -> None:
        """Take on a status that lies ahead; a late or repeated one leaves it where it is."""
        if self.status in TERMINAL:
            return
        if status == EXCEPTION:
            self.status = status
            return
        if self.status == EXCEPTION or RANK[status] >= RANK[self.status]:
            self.status = status
        self.was_picked = self.was_picked or RANK[status] >= RANK[PICKED]

    def stamp(self, now: datetime) -> datetime:
        """Return the moment of a scan made now: whole seconds, later than the scan before.

        In a short journey several scans fall into one second; carriers' clocks never do that.
        """
        moment = now.replace(microsecond=0)
        if self.last_scan is not None:
            moment = max(moment, self.last_scan + timedelta(seconds=1))
        self.last_scan = moment
        return moment

    def row(self) -> dict[str, object]:
        """Return what control shows."""

        def asked(message: str, *, accepted: bool = False) -> int:
            return sum(
                r.message == message and (not accepted or r.outcome == "success")
                for r in self.received
            )

        return {
            "app_key": self.app_key,
            "tradeOrderNo": self.trade_order_no,
            "orderCode": self.order_code or None,
            "mailNo": self.mail_no or None,
            "cpCode": self.cp_code or None,
            "status": self.status if self.order_code else None,
            "creates_received": asked("TMS_CREATE_ORDER_OFFLINE_NOTIFY"),
            "creates_accepted": asked("TMS_CREATE_ORDER_OFFLINE_NOTIFY", accepted=True),
            "cancels_received": asked("TMS_ORDER_CANCEL"),
            "cancels_accepted": asked("TMS_ORDER_CANCEL", accepted=True),
            "waybill_requests": asked("TMS_WAYBILL_GET"),
            "waybills": list(self.waybills),
            "queries": asked("GUOGUO_QUERY_SEND_ORDER_FULL_DETAIL"),
            "requests": [
                {
                    "at": r.at.isoformat(),
                    "message": r.message,
                    "fault": r.fault or None,
                    "outcome": r.outcome,
                }
                for r in self.received
            ],
            "journey": self.ending or None,
            "steps_left": [step.status for step in self.plan],
            "held": self.held,
            "freight": self.freight,
            "weight": self.weight,
            "events": [
                {"time": event.time.isoformat(), "status": event.said, "desc": event.desc}
                for event in self.events
            ],
            "callbacks": [callback.row() for callback in self.callbacks],
        }

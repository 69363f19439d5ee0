"""The gateway: prove the sender, then answer one message; what is not proven leaves no trace."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final
from wsgiref.types import StartResponse, WSGIEnvironment

from logistics.carriers.cainiao.sandbox import (
    addresses,
    branches,
    callbacks,
    notation,
    orders,
    traces,
    waybills,
)
from logistics.carriers.cainiao.sandbox.accounts import Account, Accounts
from logistics.carriers.cainiao.sandbox.book import Book
from logistics.carriers.cainiao.sandbox.desk import Desk, Handler
from logistics.carriers.cainiao.sandbox.envelope import Message, open_envelope
from logistics.carriers.cainiao.sandbox.fields import TRADE_NUMBER
from logistics.carriers.cainiao.sandbox.parcels import Received
from logistics.carriers.cainiao.sandbox.refusals import Refusal, bad_signature, unknown_message
from logistics.carriers.cainiao.sandbox.rounds import Rounds
from logistics.carriers.cainiao.sandbox.steering import Steering
from logistics.carriers.cainiao.sandbox.world import Fault, World

PATH = "/gateway/link.do"
CREATE = "TMS_CREATE_ORDER_OFFLINE_NOTIFY"
MESSAGES: dict[str, Handler] = {
    "ADDRLIB_DIV_PARSE": addresses.parse_divisions,
    "ADDRLIB_DIV_FULLPARSE": addresses.parse_fully,
    "TMS_DISPATCH_FIND_SEND_BRANCH": branches.find_send_branch,
    "TMS_WAYBILL_GET": waybills.get_waybills,
    CREATE: orders.create,
    "TMS_ORDER_CANCEL": orders.cancel,
    "GUOGUO_QUERY_SEND_ORDER_FULL_DETAIL": orders.query,
    "CNTECH_LV_LOGISTICS_DETAIL_GET": traces.detail,
}
REQUEST_FAULTS = frozenset({"refuse", "bad_auth", "xml", "string_success", "huge"})
# After these the client cannot know whether its question was handled.
UNREADABLE = frozenset(
    {
        "drop",
        "timeout_before",
        "accept_then_timeout",
        "error_500",
        "accept_then_500",
        "malformed",
        "malformed_accept",
    }
)


class CainiaoSandbox:
    """The other side of Cainiao's wire; `accounts` are those it knows from the start."""

    name: Final = "cainiao"
    request_faults: Final = REQUEST_FAULTS
    callback_faults: Final = callbacks.FAULTS

    def __init__(self, world: World, accounts: Iterable[Account] = ()) -> None:
        """Answer within this world."""
        self._world = world
        self._accounts = Accounts(tuple(accounts))
        self._book = Book(world.now)
        rounds = Rounds(world, self._book, self._accounts)
        self._desk = Desk(world, self._book, rounds)
        self._steering = Steering(self._book, self._accounts, rounds)

    # --- the wire -----------------------------------------------------------------------------
    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request to the gateway."""
        if environ["PATH_INFO"] != PATH:
            lost = notation.Answer(b"not found", "text/plain", "404 Not Found")
            return self._world.respond(start_response, None, lambda: lost)
        body: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        try:
            message = open_envelope(
                method=str(environ["REQUEST_METHOD"]),
                content_type=str(environ.get("CONTENT_TYPE", "")),
                body=body,
                find_account=self._accounts.find,
                now=datetime.now(UTC),
            )
            if message.name not in MESSAGES:
                raise unknown_message(message.name)
        except Refusal as refusal:
            # S001's envelope says format=json; LINK's answers as it was asked.
            xml = b"data_digest=" in body and b"logistics_interface=%3C" in body
            refused = self._refused(refusal, xml=xml)
            return self._world.respond(start_response, None, lambda: refused)
        fields = _matchable(message)
        fault = self._world.fault(self.name, message.name, fields)
        received = self._receive(message, fields, fault)
        return self._world.respond(
            start_response, fault, lambda: self._answer(message, fault, received)
        )

    def _refused(self, refusal: Refusal, *, xml: bool) -> notation.Answer:
        with self._book.lock:
            self._book.refusals[refusal.code] += 1
        return notation.render(_refusal_content(refusal), xml=xml)

    def _receive(
        self, message: Message, fields: Mapping[str, str], fault: Fault | None
    ) -> Received:
        kind = fault.kind if fault else ""
        app_key, book = message.account.app_key, self._book
        trade_order_no = fields.get("tradeOrderNo", "")
        with book.lock:
            if not trade_order_no and (coded := fields.get("orderCode")):
                order = book.order(app_key, order_code=coded)
                trade_order_no = order.trade_order_no if order else ""
            if not TRADE_NUMBER.fullmatch(trade_order_no):
                trade_order_no = ""
            received = book.receive(app_key, message.name, trade_order_no, kind)
            if message.name == CREATE and trade_order_no:
                asked = orders.essence(message.content)
                book.check_other_number(book.parcel(app_key, trade_order_no), asked)
                if kind in UNREADABLE:
                    book.leave_unsettled(app_key, asked, trade_order_no)
            return received

    def _answer(self, message: Message, fault: Fault | None, received: Received) -> notation.Answer:
        kind = fault.kind if fault else ""
        try:
            if fault is not None:
                _refuse_on_demand(fault)
            content = {"success": True, **MESSAGES[message.name](self._desk, message)}
            outcome = "success"
        except Refusal as refusal:
            content, outcome = _refusal_content(refusal), refusal.code
        with self._book.lock:
            received.outcome = outcome
            told = kind not in UNREADABLE and (outcome == "success" or message.name == CREATE)
            if told and received.trade_order_no and message.name != "TMS_WAYBILL_GET":
                self._book.settle(message.account.app_key, received.trade_order_no)
            if outcome != "success":
                self._book.refusals[outcome] += 1
        if kind == "string_success":
            content["success"] = str(content["success"]).lower()
        return notation.render(content, xml=message.xml or kind == "xml")

    # --- how it is hosted ------------------------------------------------------------------------
    def control(self, verb: str, fields: Mapping[str, object]) -> Mapping[str, object]:
        """Do what `/_control/<verb>` asks; raise ValueError with a sentence."""
        return self._steering.do(verb, fields)

    def state(self, filters: Mapping[str, str]) -> Mapping[str, object]:
        """Return parcels, counters and violations, JSON-ready."""
        return self._steering.state(filters)

    def reset(self) -> None:
        """Forget everything but the accounts known from the start."""
        self._accounts.reset()
        self._book.clear()


def _refusal_content(refusal: Refusal) -> dict[str, object]:
    return {"success": False, "errorCode": refusal.code, "errorMsg": refusal.message}


def _refuse_on_demand(fault: Fault) -> None:
    match fault.kind:
        case "refuse":
            raise Refusal(fault.error_code or "BUSINESS_REFUSED", fault.error_msg or "业务暂不受理")
        case "bad_auth":
            raise bad_signature()
        case "huge":
            # About 10 kB of UTF-8, far beyond any column.
            raise Refusal(fault.error_code or "BUSINESS_REFUSED", "系统繁忙,请稍后再试。" * 330)


def _matchable(message: Message) -> dict[str, str]:
    """Return what a fault's `match` may name; a batch of waybills is known by its first one."""
    fields = {"app_key": message.account.app_key}
    content = message.content
    fields.update({name: value for name, value in content.items() if isinstance(value, str)})
    info = _first(content.get("tradeOrderInfoDtos"))
    if isinstance(info, Mapping):
        fields["objectId"] = str(info.get("objectId"))
        order = info.get("orderInfo")
        number = _first(order.get("tradeOrderList")) if isinstance(order, Mapping) else None
        fields["tradeOrderNo"] = str(number or "")
    asked = content.get("arg0")
    if isinstance(asked, Mapping):
        fields.update({name: value for name, value in asked.items() if isinstance(value, str)})
    return fields


def _first(value: object) -> object:
    """Return a list's first item; in XML the list is an element around its items."""
    if isinstance(value, Mapping) and len(value) == 1:
        value = next(iter(value.values()))
    return value[0] if isinstance(value, list) and value else value

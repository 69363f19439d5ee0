"""Everything the sandbox remembers, under one lock: parcels, numbers, counts, and violations.

A violation is something a careful client never does: create an order again that it knows or must
suppose to exist, take a second waybill number for one order, use one number for two orders.
Nobody calls out while holding the lock.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime

from logistics.carriers.cainiao.sandbox import numbers
from logistics.carriers.cainiao.sandbox.callbacks import Callback
from logistics.carriers.cainiao.sandbox.express_companies import Company
from logistics.carriers.cainiao.sandbox.parcels import Parcel, Received, Waybill


def fingerprint(content: object) -> str:
    """Return a text equal for equal content, whatever the order of its members."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True)


class Book:
    """The caller holds `lock` around every method but `keep_attempt`, which takes it itself."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        """Begin empty."""
        self.lock = threading.RLock()
        self._now = now
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        with self.lock:
            self.parcels: dict[tuple[str, str], Parcel] = {}
            self._by_order_code: dict[str, Parcel] = {}
            self._by_mail_no: dict[str, Parcel] = {}
            self.waybills: dict[tuple[str, str], Waybill] = {}
            self._by_code: dict[str, Waybill] = {}
            self._number_owners: dict[str, tuple[str, ...]] = {}
            self._unsettled: dict[tuple[str, str], str] = {}
            self.violations: list[dict[str, object]] = []
            self.requests: Counter[str] = Counter()
            self.refusals: Counter[str] = Counter()
            self.callbacks: Counter[str] = Counter()
            self.endings: dict[str, str] = {}

    # --- parcels ----------------------------------------------------------------------------
    def parcel(self, app_key: str, trade_order_no: str) -> Parcel:
        """Return the parcel of this number, beginning it if it is new."""
        key = (app_key, trade_order_no)
        return self.parcels.setdefault(key, Parcel(app_key, trade_order_no))

    def order(
        self, app_key: str, *, trade_order_no: str = "", order_code: str = ""
    ) -> Parcel | None:
        """Return the account's accepted order that all the given numbers mean."""
        found = self.parcels.get((app_key, trade_order_no)) if trade_order_no else None
        if order_code:
            coded = self._by_order_code.get(order_code)
            if trade_order_no and coded is not found:
                return None
            found = coded
        if found is None or not found.order_code or found.app_key != app_key:
            return None
        return found

    def mailed(self, app_key: str, cp_code: str, mail_no: str) -> Parcel | None:
        """Return the account's order that travels under this number."""
        found = self._by_mail_no.get(mail_no)
        if found is None or found.app_key != app_key or found.cp_code != cp_code:
            return None
        return found

    def accept(self, parcel: Parcel, *, order_code: str, mail_no: str, cp_code: str) -> None:
        """Make an order of it."""
        parcel.order_code, parcel.mail_no, parcel.cp_code = order_code, mail_no, cp_code
        self._by_order_code[order_code] = parcel
        self._by_mail_no[mail_no] = parcel

    # --- numbers ----------------------------------------------------------------------------
    def number(self, company: Company, *owner: str) -> str:
        """Return the owner's waybill number; no two owners get the same."""
        salt: tuple[str, ...] = ()
        while True:
            code = numbers.waybill_code(company, *owner, *salt)
            if self._number_owners.setdefault(code, owner) == owner:
                return code
            salt = (*salt, "again")

    def issue(self, waybill: Waybill) -> None:
        """Keep a waybill and note it on the orders it is for."""
        self.waybills[(waybill.app_key, waybill.object_id)] = waybill
        self._by_code[waybill.code] = waybill
        for trade_order_no in waybill.trade_order_nos:
            parcel = self.parcel(waybill.app_key, trade_order_no)
            if waybill.code not in parcel.waybills:
                parcel.waybills.append(waybill.code)
            if len(parcel.waybills) > 1:
                self.violate("second_waybill", parcel, f"numbers: {parcel.waybills}")

    def waybill(self, code: str) -> Waybill | None:
        """Return the waybill of this number."""
        return self._by_code.get(code)

    def user_of(self, mail_no: str) -> Parcel | None:
        """Return the order that already travels under this number."""
        return self._by_mail_no.get(mail_no)

    # --- what was asked ---------------------------------------------------------------------
    def receive(self, app_key: str, message: str, trade_order_no: str, fault: str) -> Received:
        """Note a verified request before anything is done about it."""
        received = Received(self._now(), message, trade_order_no, fault)
        self.requests[message] += 1
        if trade_order_no:
            self.parcel(app_key, trade_order_no).received.append(received)
        return received

    def leave_unsettled(self, app_key: str, asked: str, trade_order_no: str) -> None:
        """Note that the client cannot know whether this order was created."""
        self._unsettled.setdefault((app_key, asked), trade_order_no)

    def settle(self, app_key: str, trade_order_no: str) -> None:
        """Note that the client has learnt what became of this order."""
        self._unsettled = {
            key: number
            for key, number in self._unsettled.items()
            if (key[0], number) != (app_key, trade_order_no)
        }

    def check_other_number(self, parcel: Parcel, asked: str) -> None:
        """Note a violation if this very order may exist already under another number."""
        earlier = self._unsettled.get((parcel.app_key, asked))
        if earlier is not None and earlier != parcel.trade_order_no:
            self.violate("created_under_another_number", parcel, f"unsettled: {earlier}")

    def violate(self, kind: str, parcel: Parcel, detail: str) -> None:
        """Note something that a careful client never does."""
        self.violations.append(
            {
                "kind": kind,
                "app_key": parcel.app_key,
                "tradeOrderNo": parcel.trade_order_no,
                "at": self._now().isoformat(),
                "detail": detail,
            }
        )

    def keep_attempt(self, callback: Callback, attempt: Mapping[str, object]) -> None:
        """Keep an attempt on a callback."""
        with self.lock:
            callback.attempts.append(attempt)
            self.callbacks["attempts"] += 1
            if attempt["acknowledged"]:
                self.callbacks["acknowledged"] += 1
                app_key = callback.fields["app_key"]
                self.settle(app_key, callback.fields.get("tradeOrderNo", ""))

"""Parcels travel: each step of a journey becomes a scan, and each scan a callback, in order.

Steps of one parcel share a key of the world's schedule: the next never begins before the last
one's callback was tried. The book's lock is held while a parcel changes, never while sending.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from datetime import datetime
from decimal import ROUND_CEILING, Decimal
from random import Random

from logistics.carriers.cainiao.sandbox import journeys, numbers, statuses
from logistics.carriers.cainiao.sandbox.accounts import Account, Accounts
from logistics.carriers.cainiao.sandbox.book import Book
from logistics.carriers.cainiao.sandbox.callbacks import Callback
from logistics.carriers.cainiao.sandbox.envelope import BEIJING
from logistics.carriers.cainiao.sandbox.parcels import Event, Parcel
from logistics.carriers.cainiao.sandbox.world import World

GRAM = Decimal("0.001")
FEN = Decimal("0.01")
SURNAMES = "王李张刘陈杨黄赵周吴"
GIVEN_NAMES = ("建国", "志强", "海峰", "晓明", "永康", "小军", "文杰", "国庆")


def wire_time(moment: datetime) -> str:
    """Return a moment as the wire writes it: Beijing's wall clock."""
    return moment.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def said_time(said: object) -> datetime | None:
    """Return the moment that the wire's writing means; None for anything else."""
    try:
        return datetime.strptime(str(said), "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING)
    except ValueError:
        return None


class Rounds:
    """Begins, holds and ends journeys, and tells the account of every scan."""

    def __init__(self, world: World, book: Book, accounts: Accounts) -> None:
        """Nothing is on the road yet."""
        self._world = world
        self._book = book
        self._accounts = accounts

    def dice(self, parcel: Parcel) -> Random:
        """Return the parcel's own dice: the same parcel rolls the same numbers every time."""
        return Random(f"{self._world.seed}:{parcel.key}")  # noqa: S311

    # --- with the book's lock held ------------------------------------------------------------
    def begin(
        self, parcel: Parcel, *, ending: str, origin: str, destination: str, grams: int | None
    ) -> None:
        """Plan the journey and let its first step come due."""
        dice = self.dice(parcel)
        parcel.ending = ending
        parcel.couriers = tuple(
            (
                dice.choice(SURNAMES) + dice.choice(GIVEN_NAMES),
                f"13{dice.randrange(10**9):09d}",
            )
            for _ in range(3)
        )
        declared = Decimal(grams) * GRAM if grams else Decimal(dice.randint(300, 3000)) * GRAM
        # The courier's scale is the one that counts, and it seldom agrees with the sender's.
        self._weigh(parcel, declared * dice.choice((Decimal(1), Decimal("1.08"), Decimal("1.2"))))
        parcel.plan = deque(
            journeys.plan(
                ending,
                origin=origin,
                destination=destination,
                dice=dice,
                journey=self._world.journey,
            )
        )
        self._await_next(parcel)

    def cancel(self, parcel: Parcel) -> None:
        """Stop the journey; the account is told a little later, as of every other change."""
        self._stop(parcel)
        parcel.status = statuses.CANCELLED
        number = parcel.journey_number

        def tell() -> None:
            with self._book.lock:
                if parcel.journey_number != number:
                    return
                callback = self._scan(parcel, statuses.CANCELLED, "订单已取消")
            self._world.send(callback)

        wait = journeys.shortened(journeys.CANCEL_TOLD_AFTER, self._world.journey)
        self._world.later(wait, tell, key=parcel.key)

    def hold(self, parcel: Parcel) -> None:
        """Let nothing happen to it by itself."""
        parcel.held = True

    def release(self, parcel: Parcel) -> None:
        """Go on; a step that came due meanwhile happens at once."""
        parcel.held = False
        if parcel.due_while_held:
            parcel.due_while_held = False
            self._await_next(parcel, at_once=True)

    # --- without the lock ---------------------------------------------------------------------
    def push(
        self, account: Account, parcel: Parcel, status: str, given: Mapping[str, object]
    ) -> Callback:
        """Send a scan now, its content replaced by what is given (None leaves a member out).

        An order moves too where the status leads forward.
        """
        with self._book.lock:
            meaning = statuses.meaning(status)
            if meaning is not None and parcel.order_code:
                parcel.move(meaning)
                if parcel.status in statuses.TERMINAL:
                    self._stop(parcel)
            moment = said_time(given.get("eventTime")) or parcel.stamp(self._world.now())
            desc = str(given.get("statusDesc") or f"状态更新:{meaning or status}")
            content = {**self._content(parcel, status, desc, moment), **given}
            content = {name: value for name, value in content.items() if value is not None}
            parcel.events.append(Event(moment, status, desc))
            callback = self._callback(account, content, parcel.key)
            parcel.callbacks.append(callback)
        self._world.send(callback)
        return callback

    def _content(
        self, parcel: Parcel, status: str, desc: str, moment: datetime
    ) -> dict[str, object]:
        # Of a parcel not (yet) ordered here: the numbers it would have.
        order_code = parcel.order_code or numbers.order_code(parcel.app_key, parcel.trade_order_no)
        told: dict[str, object] = {"orderCode": order_code, "tradeOrderNo": parcel.trade_order_no}
        if mail_no := parcel.mail_no or next(iter(parcel.waybills), ""):
            told["mailNo"] = mail_no
        told |= {"status": status, "statusDesc": desc, "eventTime": wire_time(moment)}
        if parcel.courier is not None:
            told["courierName"], told["courierPhone"] = parcel.couriers[parcel.courier]
        # Weight and freight are known from the courier's scale on.
        if parcel.was_picked:
            told["freight"], told["weight"] = parcel.freight, parcel.weight
        return told

    def said(self, account: Account, status: str) -> str:
        """Return a status in the account's dialect."""
        return statuses.VOCABULARIES[account.status_words][status]

    def _advance(self, parcel: Parcel, number: int) -> None:
        with self._book.lock:
            if parcel.journey_number != number or not parcel.plan:
                return
            if parcel.held:
                parcel.due_while_held = True
                return
            step = parcel.plan.popleft()
            if step.courier is not None:
                parcel.courier = step.courier
            if step.reweighs and parcel.weight:
                self._weigh(parcel, Decimal(parcel.weight) + Decimal("1.5"))
            callback = self._scan(parcel, step.status, step.desc)
            if parcel.plan:
                self._await_next(parcel)
        self._world.send(callback)

    def _await_next(self, parcel: Parcel, *, at_once: bool = False) -> None:
        if not parcel.plan:
            return
        number = parcel.journey_number
        wait = 0.0 if at_once else parcel.plan[0].after
        self._world.later(wait, lambda: self._advance(parcel, number), key=parcel.key)

    def _scan(self, parcel: Parcel, status: str, desc: str) -> Callback:
        account = self._accounts.find(parcel.app_key) or Account(parcel.app_key, "gone")
        parcel.move(status)
        said = self.said(account, status)
        moment = parcel.stamp(self._world.now())
        content = self._content(parcel, said, desc, moment)
        parcel.events.append(Event(moment, said, desc))
        callback = self._callback(account, content, parcel.key)
        parcel.callbacks.append(callback)
        return callback

    def _callback(self, account: Account, content: Mapping[str, object], key: str) -> Callback:
        journey = self._world.journey
        return Callback(
            account,
            content,
            key=key,
            retry_after=[journeys.shortened(wait, journey) for wait in journeys.RETRY_AFTER],
            keep=self._book.keep_attempt,
        )

    @staticmethod
    def _stop(parcel: Parcel) -> None:
        parcel.journey_number += 1
        parcel.plan.clear()
        parcel.due_while_held = False

    @staticmethod
    def _weigh(parcel: Parcel, kilograms: Decimal) -> None:
        kilograms = kilograms.quantize(GRAM)
        begun = kilograms.to_integral_value(ROUND_CEILING)
        parcel.weight = str(kilograms)
        parcel.freight = str(
            (Decimal(8) + Decimal("2.5") * max(begun - 1, Decimal(0))).quantize(FEN)
        )

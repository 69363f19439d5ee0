"""Deliveries moved at random by tenants, riders, operators and the clock; looked at each time.

Every move may be refused, kindly, and then nothing moved. Requests' times lie up to two seconds
back: what waited for a lock knows an older time than what went before it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import time_machine
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from accounts.models import Tenant
from accounts.services.outbox.owing import endpoint_for
from config.kernel.errors import Refusal
from config.kernel.work import drain
from delivery.models import DeliveryOrder, DispatchOffer
from delivery.services.cancelling import cancel_delivery
from delivery.services.dispatching import (
    accept_order,
    assign_order,
    fail_order,
    hand_back,
    offer_now,
    reassign_order,
)
from delivery.services.offering import decline_offer
from delivery.services.positions import record_position
from delivery.services.riders import set_duty, set_rider_enabled
from delivery.services.riding import arrive, deliver, finish_return, pick_up, start_return
from delivery.services.waking import due_when_pending
from delivery.services.work import DELIVERIES
from delivery.states import Actor, OfferStatus
from tests.delivery.dispatch_books import books_agree, written
from tests.delivery.making import AT, METRE, SHOP, dispatch_as, make_delivery, make_rider
from tests.factories import TenantFactory

CODE = "0427"
PHOTO = b"\xff\xd8\xff\xe0photo"
orders = st.integers(0, 3)
# None: whoever has the order.
riders = st.sampled_from([None, None, None, 0, 1, 2])
anybody = st.integers(0, 2)
back = st.sampled_from([0, 0, 0, 1, 2])
codes = st.sampled_from([CODE, CODE, "0000", None])
TAKING = (accept_order, assign_order, reassign_order)
ANYTHING = (hand_back, arrive, pick_up, deliver, start_return, finish_return)


class Life(RuleBasedStateMachine):
    """Four orders: offered by itself, with codes, waiting for anybody, and a test order."""

    tenants: tuple[Tenant, Tenant]
    rider_ids: list[int]

    def __init__(self) -> None:
        super().__init__()
        self.block: Any = None
        self.clock: Any = None

    @initialize(remark=st.sampled_from(["", "[取消]", "[退回]", "[改派]"]))
    def begin(self, remark: str) -> None:
        """All of it is rolled back at the end."""
        cache.clear()
        self.travel = time_machine.travel(AT, tick=False)
        self.clock = self.travel.start()
        self.block = transaction.atomic()
        self.block.__enter__()
        offering, plain = self.tenants
        kinds: list[tuple[Tenant, dict[str, Any]]] = [
            (offering, {}),
            (plain, {"pickup_code": CODE, "delivery_code": CODE}),
            (plain, {}),
            (plain, {"is_test": True, "remark": remark}),
        ]
        self.orders: list[int] = []
        for tenant, columns in kinds:
            is_test = columns.get("is_test", False)
            due = due_when_pending(tenant_id=tenant.pk, is_test=is_test, at=AT)
            self.orders.append(make_delivery(tenant, due_at=due, **columns).pk)

    def teardown(self) -> None:
        """The next life finds what this one found."""
        if self.block is not None:
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)
        if self.clock is not None:
            self.travel.stop()

    def attempt(self, act: Callable[..., Any], order: int, late: int, **said: Any) -> None:
        """Try it; a refusal says so in Chinese, and changed nothing."""
        before = written(self.orders)
        at = timezone.now() - timedelta(seconds=late)
        told = ""
        try:
            act(order_id=self.orders[order], at=at, **said)
        except Refusal as refusal:
            told = str(refusal)
        if told:
            assert written(self.orders) == before
            assert not any(char.isascii() and char.isalpha() for char in told)

    @rule(order=orders, rider=anybody, late=back, how=st.sampled_from(TAKING))
    def take(self, order: int, rider: int, late: int, how: Callable[..., Any]) -> None:
        """A rider takes it; an operator gives it to one, or to another."""
        said = {} if how is accept_order else {"user_id": 9}
        self.attempt(how, order, late, rider_id=self.rider_ids[rider], **said)

    @rule(order=orders, late=back, given=codes, way=st.integers(0, 5))
    def go_on(self, order: int, late: int, given: str | None, way: int) -> None:
        """What its rider, or an operator, does next; most often towards its end."""
        status = DeliveryOrder.objects.values_list("status", flat=True).get(pk=self.orders[order])
        if status == "pending":
            self.attempt(accept_order, order, late, rider_id=self.rider_ids[way % 3])
            return
        acts = {
            "accepted": (hand_back, arrive, pick_up),
            "picked_up": (start_return, deliver, deliver),
            "returning": (finish_return,),
        }.get(status, ANYTHING)
        self._say(acts[way % len(acts)], order, None, late, given, operator=way > 2)

    @rule(order=orders, rider=riders, late=back, given=codes, act=st.sampled_from(ANYTHING),
          operator=st.booleans())  # fmt: skip
    def say_out_of_turn(
        self, order: int, rider: int | None, late: int, given: str | None,
        act: Callable[..., Any], *, operator: bool,
    ) -> None:  # fmt: skip
        """Whatever is next, whoever has it."""
        self._say(act, order, rider, late, given, operator=operator)

    @rule(order=orders, late=back, fails=st.booleans(), often=st.integers(0, 2))
    def close(self, order: int, late: int, often: int, *, fails: bool) -> None:
        """Its tenant cancels or an operator fails it; not so often that nothing else happens."""
        if often:
            return
        act, actor = (fail_order, Actor.OPERATOR) if fails else (cancel_delivery, Actor.TENANT)
        self.attempt(act, order, late, reason="不要了", actor=actor)

    @rule(order=orders, late=back)
    def offer(self, order: int, late: int) -> None:
        """An operator has it offered."""
        self.attempt(offer_now, order, late, user_id=9)

    @rule(rider=anybody)
    def decline(self, rider: int) -> None:
        """The rider wants none of what is offered."""
        mine = DispatchOffer.objects.filter(rider_id=self.rider_ids[rider], status=OfferStatus.OPEN)
        for offer in mine:
            decline_offer(offer_id=offer.pk, rider_id=offer.rider_id, at=timezone.now())

    @rule(rider=anybody, on=st.booleans(), shut=st.integers(0, 5))
    def change_duty(self, rider: int, shut: int, *, on: bool) -> None:
        """On or off duty; some are switched off, and on again."""
        rider_id = self.rider_ids[rider]
        set_rider_enabled(rider_id=rider_id, enabled=shut > 0, user_id=9)
        if shut > 0:
            place = (SHOP[0] + 100 * METRE, SHOP[1])
            set_duty(rider_id=rider_id, on_duty=on, at=timezone.now(), place=place)

    @rule(rider=anybody, north=st.integers(-3000, 3000))
    def ride(self, rider: int, north: int) -> None:
        """Somewhere around the shop."""
        record_position(
            rider_id=self.rider_ids[rider], lat=SHOP[0] + north * METRE, lng=SHOP[1],
            at=timezone.now(),
        )  # fmt: skip

    @rule(seconds=st.sampled_from([1, 3, 3, 30, 60, 600]))
    def wait(self, seconds: int) -> None:
        """A worker works off what comes due."""
        self.clock.shift(seconds)
        drain(DELIVERIES)

    @invariant()
    def agrees(self) -> None:
        """Orders, history, events, offers and positions tell one story."""
        if self.block is not None:
            books_agree(self.orders, self.rider_ids)

    def _rider(self, order: int, rider: int | None) -> int:
        rows = DeliveryOrder.objects.filter(pk=self.orders[order], rider_id__isnull=False)
        own = rows.values_list("rider_id", flat=True).first() if rider is None else None
        return own or self.rider_ids[rider or 0]

    def _say(
        self, act: Callable[..., Any], order: int, rider: int | None, late: int,
        given: str | None, *, operator: bool,
    ) -> None:  # fmt: skip
        said: dict[str, Any] = {"rider_id": self._rider(order, rider)}
        if act in {hand_back, start_return, finish_return}:
            by = {"actor": Actor.OPERATOR, "user_id": 9}
            said = by if operator else {**said, "actor": Actor.RIDER}
        if act in {hand_back, start_return}:
            said["reason"] = "车坏了"
        if act in {pick_up, deliver}:
            said["code"] = given
        if act is deliver and operator:
            said["photo"] = PHOTO
        self.attempt(act, order, late, **said)


def prepare() -> None:
    """What is the same in every life, and outlives its rollback."""
    Life.tenants = (TenantFactory(), TenantFactory())
    dispatch_as(Life.tenants[0], auto_offer=True, riders_at_once=2)
    for tenant in Life.tenants:
        for is_test in (False, True):
            endpoint_for(tenant_id=tenant.pk, is_test=is_test)
    Life.rider_ids = [
        make_rider(north_m=north, most_orders=most).pk
        for north, most in ((100, 1), (200, 2), (900, 3))
    ]

"""A tenant's life, played by hypothesis on the product and on `calendar_model` at once.

Any reset day, zones with and without summer time, years of downtime, the reset run never, twice
or beside a draw, operators changing their minds; after each step the books of both agree.
"""

from __future__ import annotations

import functools
import itertools
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from accounts.models import Tenant
from quotas import errors
from quotas.money import to_yuan
from quotas.services.closing import close_all_elapsed, close_elapsed, reset_now
from quotas.services.reservation import holds_unit, look, release, reserve
from quotas.services.settings import save_quota
from tests.factories import TenantFactory
from tests.quotas.calendar_books import books_agree, shows_as_of
from tests.quotas.calendar_model import Line, Model
from tests.races import race

ZONES = (
    "Asia/Shanghai", "America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Kathmandu",
    "Pacific/Kiritimati", "Pacific/Pago_Pago", "America/St_Johns", "Asia/Beirut",
)  # fmt: skip
SLUGS = {
    errors.QuotaDisabled: "disabled",
    errors.QuotaSuspended: "suspended",
    errors.QuotaExhausted: "exhausted",
}
zones = st.sampled_from(ZONES)
reset_days = st.one_of(st.sampled_from([1, 28, 29, 30, 31]), st.integers(1, 31))
limits = st.integers(0, 4)
prices = st.one_of(st.integers(0, 500), st.sampled_from([5_000_000_000, 9_999_999_999]))
days = st.one_of(
    st.sampled_from([date(2024, 2, 29), date(2028, 2, 28), date(2027, 12, 31), date(2100, 2, 27)]),
    st.dates(date(2019, 1, 1), date(2101, 1, 1)),
)
quotas = st.fixed_dictionaries(
    {
        "zone": zones, "reset_day": reset_days, "free": limits, "overage": st.booleans(),
        "fen": prices,
    }
)  # fmt: skip
changes = st.one_of(
    st.fixed_dictionaries({"reset_day": reset_days}),
    st.fixed_dictionaries({"free": limits}),
    st.fixed_dictionaries({"overage": st.just(True), "fen": prices}),
    st.fixed_dictionaries({"overage": st.booleans()}),
    st.fixed_dictionaries({"status": st.sampled_from(["enabled", "enabled", "disabled"])}),
    st.fixed_dictionaries({"status": st.sampled_from(["enabled", "suspended"])}),
    st.fixed_dictionaries({"zone": zones}),
)
COLUMNS = {
    "reset_day": "quota_reset_day", "free": "monthly_free_quota", "overage": "overage_enabled",
    "fen": "overage_price", "status": "status",
}  # fmt: skip
pauses = st.one_of(st.integers(0, 3 * 86_400), st.integers(20 * 86_400, 400 * 86_400))
orders = itertools.count(1)


class Life(RuleBasedStateMachine):
    """One tenant, one clock that never goes back."""

    @initialize(quota=quotas, day=days, hour=st.times())
    def begin(self, quota: dict[str, Any], day: date, hour: time) -> None:
        self.at = datetime.combine(day, hour, tzinfo=UTC)
        self.tenant: Tenant = TenantFactory(time_zone=quota["zone"])
        self.model = Model(opened=self.at, **quota)
        self.known: list[int] = []
        self.moved = False
        self.save(
            monthly_free_quota=self.model.free,
            overage_enabled=self.model.overage,
            overage_price=to_yuan(self.model.fen),
            quota_reset_day=self.model.reset_day,
        )

    def save(self, **changes: Any) -> None:
        save_quota(tenant_id=self.tenant.pk, at=self.at, **changes)

    def attempt(self, order_id: int, *, again: bool = False) -> None:
        allowance = look(tenant_id=self.tenant.pk, at=self.at)
        with transaction.atomic():
            reserve(allowance=allowance, order_id=order_id, at=self.at, again=again)

    def give_back_one(self, order_id: int) -> bool:
        with transaction.atomic():
            return release(tenant_id=self.tenant.pk, order_id=order_id, at=self.at)

    def expect_draw(self, order_id: int, drawing: Any) -> None:
        """Both draw, or both refuse for the same reason."""
        expected = self.model.draw(order_id)
        if isinstance(expected, str):
            with pytest.raises(tuple(SLUGS)) as caught:
                drawing()
            assert SLUGS[caught.type] == expected
            return
        drawing()
        self.known.append(order_id)
        self.within_the_limit(expected)

    def within_the_limit(self, line: Line) -> None:
        units, over, _ = self.model.sums(self.model.number)
        assert line.kind == "overage" or units - over <= self.model.free
        assert line.kind == "normal" or self.model.overage
        today = self.model.today(self.at)
        assert today < self.model.end
        assert self.moved or self.model.start <= today

    # --- the clock ---------------------------------------------------------------------------

    @rule(seconds=pauses)
    def nothing_runs_for_a_while(self, seconds: int) -> None:
        self.at += timedelta(seconds=seconds)

    @rule(seconds=st.sampled_from([-1, 0, 1]))
    def the_clock_stands_at_the_local_midnight(self, seconds: int) -> None:
        zone = ZoneInfo(self.model.zone)
        midnight = datetime.combine(self.model.end, time.min, tzinfo=zone).astimezone(UTC)
        self.at = max(self.at, midnight + timedelta(seconds=seconds))

    # --- the tenant --------------------------------------------------------------------------

    @rule(units=st.integers(1, 3))
    def draw(self, units: int) -> None:
        self.model.close(self.at)
        for order_id in itertools.islice(orders, units):
            self.expect_draw(order_id, functools.partial(self.attempt, order_id))

    @precondition(lambda self: self.known)
    @rule(which=st.integers(0, 50))
    def give_back(self, which: int) -> None:
        order_id = self.known[which % len(self.known)]
        assert self.give_back_one(order_id) == self.model.give_back(order_id)

    @precondition(lambda self: self.known)
    @rule(which=st.integers(0, 50))
    def draw_again(self, which: int) -> None:
        order_id = self.known[which % len(self.known)]
        if not holds_unit(order_id=order_id):
            self.model.close(self.at)
            self.expect_draw(order_id, lambda: self.attempt(order_id, again=True))

    @precondition(lambda self: self.known)
    @rule(which=st.integers(0, 50))
    def two_give_one_back_at_once(self, which: int) -> None:
        order_id = self.known[which % len(self.known)]
        returned = race([lambda: self.give_back_one(order_id)] * 2)
        assert returned.count(True) == int(self.model.give_back(order_id)), returned

    # --- the reset ---------------------------------------------------------------------------

    @rule(times=st.integers(1, 2))
    def the_reset_runs(self, times: int) -> None:
        for _ in range(times):
            written = list(close_all_elapsed(at=self.at, tenant_id=self.tenant.pk))
            assert len(written) == self.model.close(self.at)

    @rule()
    def the_reset_runs_twice_beside_a_draw(self) -> None:
        self.model.close(self.at)
        order_id = next(orders)

        def together() -> None:
            closing = [lambda: close_elapsed(tenant_id=self.tenant.pk, at=self.at)] * 2
            *_, drawn = race([*closing, lambda: self.attempt(order_id)])
            if isinstance(drawn, Exception):
                raise drawn

        self.expect_draw(order_id, together)

    @rule()
    def an_operator_resets_by_hand(self) -> None:
        done = reset_now(tenant_id=self.tenant.pk, at=self.at)
        assert (done is not None) == self.model.reset(self.at)

    # --- operators ---------------------------------------------------------------------------

    @rule(change=changes)
    def an_operator_changes_something(self, change: dict[str, Any]) -> None:
        for name, value in change.items():
            setattr(self.model, name, value)
        if "zone" in change:
            Tenant.objects.filter(pk=self.tenant.pk).update(time_zone=change["zone"])
            self.moved = True
            return
        columns = {
            COLUMNS[name]: to_yuan(value) if name == "fen" else value
            for name, value in change.items()
        }
        self.save(**columns)

    # --- what holds after each ---------------------------------------------------------------

    @invariant()
    def the_books_are_those_of_the_model(self) -> None:
        books_agree(self.model, self.tenant)

    @invariant()
    def the_quota_shows_as_of_now_before_any_reset(self) -> None:
        shows_as_of(self.model, self.tenant, self.at)

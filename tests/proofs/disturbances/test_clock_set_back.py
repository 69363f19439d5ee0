"""A clock set back an hour doubles nothing; what waits for its time waits that hour at most."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from logistics.models import ExpressOrder
from quotas.models import QuotaDetail, QuotaStatement, TenantQuota
from tests.factories import QuotaFactory, TenantFactory, issue
from tests.logistics.conftest import PARCEL, URL
from tests.proofs.disturbances.ending import check_ending, still_due, wait_for_rest
from tests.proofs.disturbances.house import BEAT, WORKER, House, until
from tests.proofs.disturbances.tenants import Tenants
from tests.signing import TenantClient

HERE = Path(__file__).parent
BRANCH = "TMS_DISPATCH_FIND_SEND_BRANCH"
TOKEN = "/api/platform/auth/token"
JSON = {"Content-Type": "application/json"}
HOUR = 3600.0
# Ten minutes into a new period: set back, it is the old one's last day again.
NEW_PERIOD = date(2027, 3, 1)
MOMENT = datetime(2027, 3, 1, 0, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
PARCELS = 16


class Clock:
    """What every program of the house takes for the time."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.set(MOMENT.timestamp() - time.time())

    def set(self, offset: float) -> None:
        self.offset = offset
        draft = self._file.with_suffix(".new")
        draft.write_text(str(offset))
        draft.rename(self._file)

    def now(self) -> float:
        return time.time() + self.offset


@pytest.fixture
def clock(house: House, short: Path) -> Clock:
    clock = Clock(short / "clock")
    house.environment |= {"PYTHONPATH": str(HERE / "clock"), "TONGLU_CLOCK": str(short / "clock")}
    return clock


@pytest.fixture
def keys(house: House) -> list[tuple[str, str]]:
    month = {"period_start": date(2027, 2, 1), "period_end": NEW_PERIOD, "last_reset_at": None}
    plenty = QuotaFactory(monthly_free_quota=10_000, **month)
    few = QuotaFactory(tenant=TenantFactory(), monthly_free_quota=4, overage_enabled=True,
                       overage_price="1.50", **month)  # fmt: skip
    return [issue(plenty.tenant), issue(few.tenant)]


@pytest.mark.timeout(240)
def test_a_clock_that_is_set_back_an_hour_delays_and_doubles_nothing_else(
    house: House, clock: Clock, keys: list[tuple[str, str]], send: Callable[..., Tenants]
) -> None:
    house.start(journey=8)
    house.slow_carrier("TMS_WAYBILL_GET", 0.2)
    doubtful(house)
    first = send(PARCELS, pause=0.1, now=clock.now)
    first.finish(60)
    proofs = Proofs(house, clock, keys[0])
    # These wait for their time, which the step puts an hour off.
    until(lambda: waiting(clock), "no order waits for its time", 20)

    clock.set(clock.offset - HOUR)
    stepped = clock.now()
    until(lambda: accepted(house, clock, keys), "the website kept the old time", 10)
    proofs.check_after_the_step(first)
    doubtful(house)
    second = send(PARCELS, first=PARCELS, pause=0.1, now=clock.now)
    second.finish(60)
    assert set(second.statuses) == {201}
    later = ExpressOrder.objects.filter(tenant_order_no__in=list(second.acknowledged))
    # Some are asked about again after seconds, and only the clock wakes whoever asks.
    until(lambda: not later.filter(cainiao_order_id=None).exists(), stuck(later), 40)
    assert min(later.values_list("created_at", flat=True)).timestamp() >= stepped - 1

    for program in (WORKER, BEAT):
        assert said_last(house, program) < stepped + HOUR / 2, f"{program} kept the old time"
    left = ExpressOrder.objects.exclude(due_at=None)
    assert set(left.values_list("tenant_order_no", flat=True)) <= set(first.acknowledged)
    assert waiting(clock), "nothing waited: the step disturbed nobody"
    for due in left.values_list("due_at", flat=True):
        assert due.timestamp() < stepped + HOUR + 60

    clock.set(clock.offset + HOUR)  # the hour passes
    until(lambda: accepted(house, clock, keys), "the website kept the old time", 10)
    assert proofs.used_again() == "nonce_reused"
    wait_for_rest(house)
    check_ending(house, first, second)
    check_periods()


class Proofs:
    """A signature and a token that were good before the clock was set."""

    def __init__(self, house: House, clock: Clock, key: tuple[str, str]) -> None:
        self.house, self.clock, self.client = house, clock, TenantClient(*key)
        self.used = self.client.headers("GET", URL, b"", stamp=int(clock.now()))
        assert house.ask("GET", URL, self.used)[0] == 200
        operator = ("--username", "night", "--role", "support", "--token")
        issued = house.manage("create_operator", *operator, TONGLU_PASSWORD="the-night-shift-1")
        self.token = {"Authorization": f"Token {issued['token']}"}

    def used_again(self) -> str:
        """What is said of the used signature."""
        status, said = self.house.ask("GET", URL, self.used)
        assert status == 401
        return str(said["error"])

    def check_after_the_step(self, first: Tenants) -> None:
        """Neither nonce nor idempotency key is good for a second time, the token for its first."""
        assert self.used_again() == "timestamp_stale"
        name = "P-0"
        body = json.dumps({**PARCEL, "tenant_order_no": name}).encode()
        headers = self.client.headers("POST", URL, body, stamp=int(self.clock.now()))
        headers |= JSON | {"Idempotency-Key": f"key-{name}"}
        status, said = self.house.ask("POST", URL, headers, body)
        assert (status, said["data"]["order_no"]) == (201, first.acknowledged[name])
        assert self.house.ask("DELETE", TOKEN, self.token)[0] == 200
        assert self.house.ask("DELETE", TOKEN, self.token)[0] == 401


def doubtful(house: House) -> None:
    """Let some questions fail, so that they are asked again some seconds later."""
    house.sandbox("POST", "faults", {"on": BRANCH, "kind": "error_500", "times": 6})


def waiting(clock: Clock) -> int:
    """Orders that nobody works on until their time comes."""
    connection.close()
    now = datetime.fromtimestamp(clock.now(), UTC)
    return ExpressOrder.objects.filter(due_at__gt=now, lease_token=None).count()


def accepted(house: House, clock: Clock, keys: list[tuple[str, str]]) -> bool:
    """Whether the website takes a signature of this very time."""
    headers = TenantClient(*keys[0]).headers("GET", URL, b"", stamp=int(clock.now()))
    return house.ask("GET", URL, headers)[0] == 200


def said_last(house: House, program: str) -> float:
    """The time of a program's last line."""
    line = [line for line in house.words(program).splitlines() if " INFO " in line][-1]
    said = datetime.strptime(line[:19], "%Y-%m-%d %H:%M:%S").replace(tzinfo=MOMENT.tzinfo)
    return said.timestamp()


def check_periods() -> None:
    """The old period was closed once, when its time was over first, and stayed closed."""
    assert QuotaStatement.objects.count() == TenantQuota.objects.count() == 2
    for quota in TenantQuota.objects.all():
        assert (quota.period_no, quota.period_start) == (2, NEW_PERIOD)
    assert set(QuotaDetail.objects.values_list("period_no", flat=True)) == {2}


def stuck(orders: Any) -> str:
    return f"an order booked after the step is stuck ({orders.count()} in all, {still_due()} due)"

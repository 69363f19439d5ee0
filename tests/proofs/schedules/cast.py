"""Who takes part: tenants with quotas that run out, accounts, a rule, and the carrier's sandbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from config.sandbox.posting import Answer
from config.sandbox.systems import populate
from config.sandbox.world import World
from logistics.carriers.cainiao.sandbox.book import Book
from logistics.carriers.cainiao.sandbox.parcels import Parcel
from logistics.models import CainiaoAccount
from logistics.services.accounts import built_in_account
from quotas.services.hot_row import PLENTY
from quotas.services.settings import save_quota
from tests.factories import AccountFactory, RuleFactory, TenantFactory, issue
from tests.proofs.schedules.clock import Clock
from tests.proofs.schedules.door import Door
from tests.proofs.schedules.trace import Trace
from tests.proofs.schedules.wire import Wire
from tests.signing import TenantClient

SYSTEM = "cainiao"
APP_KEY, APP_SECRET = "live-app", "the-live-account's-secret"
BASE = "http://localhost"
ZONES = ("Asia/Shanghai", "America/Los_Angeles", "Asia/Kathmandu")
# The third has so many that they are foreseen from memory.
FREE = ((1, 4), (0, 2), (5 * PLENTY, 5 * PLENTY))


@dataclass(frozen=True)
class Owner:
    """Who books: a tenant's system in one mode, or the platform for itself (no client)."""

    name: str
    tenant_id: int | None
    client: TenantClient | None
    is_test: bool = False

    @property
    def metered(self) -> bool:
        return self.tenant_id is not None and not self.is_test


@dataclass(frozen=True)
class Cast:
    """Everybody and everything that a schedule moves."""

    owners: tuple[Owner, ...]
    account: CainiaoAccount
    world: World
    wire: Wire
    door: Door

    @property
    def book(self) -> Book:
        return self.world.systems[SYSTEM]._book  # type: ignore[attr-defined]

    @property
    def can_query(self) -> bool:
        return "query" not in self.account.message_names

    def parcel(self, order_no: str, *, is_test: bool) -> Parcel | None:
        """The carrier's accepted order of this number, if there is one."""
        key = built_in_account().profile.app_key if is_test else APP_KEY
        return self.book.order(key, trade_order_no=order_no)

    def control(self, method: str, verb: str, **fields: object) -> Any:
        return self.world.command(method, verb, {"system": SYSTEM, **fields})


def gather(seed: int, dice: Random, clock: Clock, trace: Trace) -> Cast:
    """Set the stage of one seed in an empty database."""
    built_in = built_in_account().profile
    door = Door(clock, trace, dice, (APP_SECRET, built_in.app_secret))
    world = World(manual=True, seed=seed, post=lambda *what: _answer(door, what))
    world._pause = clock.pause  # type: ignore[method-assign]
    clock.world = world
    populate(world, secret_key=settings.SECRET_KEY, callback_base=BASE)
    _count_faults(world, trace, clock)
    account = _account(world, dice)
    RuleFactory()
    wire = Wire(world, clock, trace)
    return Cast(tuple(_owners(dice, clock.start)), account, world, wire, door)


def _account(world: World, dice: Random) -> CainiaoAccount:
    signing = dice.choice(("link", "link", "md5", "hmac"))
    words = dice.choice(("names", "words", "numbers"))
    fields: dict[str, object] = {
        "system": SYSTEM,
        "app_key": APP_KEY,
        "app_secret": APP_SECRET,
        "callback_url": f"{BASE}/api/platform/cainiao/callback",
        "sign_method": signing,
        "status_words": words,
    }
    world.command("POST", "accounts", fields)
    return AccountFactory(
        app_key=APP_KEY,
        app_secret=APP_SECRET,
        endpoint_url=f"{settings.SANDBOX_URL}/cainiao/gateway/link.do",
        sign_method=signing,
        # The two older dialects have a word for cancelled that our map learns by account.
        status_map={} if words == "names" else {"CANCEL": "cancelled"},
        waybill_at_order=dice.random() < 0.2,
        # One carrier in ten cannot be asked: there a person decides.
        message_names={"query": ""} if dice.random() < 0.1 else {},
    )


def _owners(dice: Random, start: datetime) -> list[Owner]:
    owners = []
    for number, (zone, free) in enumerate(zip(ZONES, FREE, strict=True)):
        tenant = TenantFactory(platform_code=f"t{number}", name=f"租户{number}", time_zone=zone)
        soon = start.astimezone(ZoneInfo(zone)) + timedelta(days=dice.randint(1, 3))
        save_quota(
            tenant_id=tenant.pk,
            at=start,
            monthly_free_quota=dice.randint(*free),
            overage_enabled=number == 1,
            overage_price=Decimal(dice.randint(0, 300)) / 100,
            quota_reset_day=soon.day,
        )
        owners.append(Owner(f"t{number}", tenant.pk, TenantClient(*issue(tenant))))
        if number == 0:
            client = TenantClient(*issue(tenant, "test"))
            owners.append(Owner("t0-test", tenant.pk, client, is_test=True))
    return [*owners, Owner("platform", None, None)]


def _answer(door: Door, what: tuple[Any, ...]) -> Any:
    return Answer(*door.deliver(*what))


def _count_faults(world: World, trace: Trace, clock: Clock) -> None:
    take = world.faults.take

    def counted(system: str, point: str, fields: Any) -> Any:
        fault = take(system, point, fields)
        if fault is not None:
            where = "callback" if point == "callback" else "request"
            trace.count(f"{where} fault {fault.kind}")
            trace.say(clock.seconds(), f"fault: {point} {fault.kind}")
        return fault

    world.faults.take = counted  # type: ignore[method-assign]

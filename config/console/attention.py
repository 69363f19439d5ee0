"""What needs a person first: each matter a count, a word for how bad it is, and where to go."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.queries import attention as accounts
from config.kernel import days
from config.kernel.keeping import Kept
from config.kernel.work import due
from delivery.queries import attention as delivery
from logistics.queries import attention as logistics
from quotas.queries import quotas_shown
from quotas.states import QuotaStatus

KEPT_SECONDS = 10
LATE_MINUTES, VERY_LATE_MINUTES = 2, 15

_counts: Kept[Any] = Kept(KEPT_SECONDS)


@dataclass(frozen=True, slots=True)
class Severity:
    """A colour by its class, and the word beside it."""

    tone: str
    word: Any
    rank: int


URGENT = Severity("urgent", gettext_lazy("urgent"), 0)
SOON = Severity("soon", gettext_lazy("soon"), 1)
NOTE = Severity("note", gettext_lazy("for information"), 2)


@dataclass(frozen=True, slots=True)
class Matter:
    """One line of the home page."""

    severity: Severity
    count: str
    text: str
    url: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Counted:
    """A kind of matter that is a list of rows: what counts it, and the look-ups that list it."""

    severity: Severity
    text: Any
    permission: str
    page: str
    lookups: Mapping[str, Any]
    count: Callable[[], int]


ORDERS = "admin:logistics_expressorder_changelist"
CALLBACKS = "admin:logistics_callbackrecord_changelist"
QUOTAS = "admin:quotas_tenantquota_changelist"
SEE_ORDERS, SEE_CALLBACKS = "logistics.view_expressorder", "logistics.view_callbackrecord"
EVENTS = "admin:accounts_tenantevent_changelist"
ENDPOINTS = "admin:accounts_callbackendpoint_changelist"
# An event is given up 72 hours after it was made, at the latest.
GIVEN_UP_DAYS = 6
DRAWN = {"status__exact": QuotaStatus.ENABLED, "overage_enabled__exact": 0}
GONE, NEARLY = {"left": "gone", **DRAWN}, {"left": "nearly", **DRAWN}
SUSPENDED = {"status__exact": QuotaStatus.SUSPENDED}
COUNTED = (
    Counted(
        URGENT, gettext_lazy("orders with an unknown outcome wait for a decision"),
        SEE_ORDERS, ORDERS, {"needs": "undecided"}, lambda: len(logistics.undecided_orders()),
    ),
    Counted(
        URGENT, gettext_lazy("orders are in exception: correct and resume, or cancel"),
        SEE_ORDERS, ORDERS, {"needs": "exception"}, logistics.orders_in_exception,
    ),
    Counted(
        SOON, gettext_lazy("orders were tried many times without a result"),
        SEE_ORDERS, ORDERS, {"needs": "struggling"}, lambda: len(logistics.struggling_orders()),
    ),
    Counted(
        SOON, gettext_lazy("callbacks could not be handled and are not tried again"),
        SEE_CALLBACKS, CALLBACKS, logistics.GIVEN_UP, lambda: len(logistics.callbacks_given_up()),
    ),
    Counted(
        NOTE, gettext_lazy("callbacks were tried many times and are tried on"),
        SEE_CALLBACKS, CALLBACKS, logistics.STRUGGLING,
        lambda: len(logistics.struggling_callbacks()),
    ),
)  # fmt: skip


def matters_for(user: Any, *, at: datetime) -> list[Matter]:
    """What this operator may see of it, the worst first."""
    matters = [*_counted(user), *_accounts(user), *_quotas(user, at)]
    matters += [*_callbacks(user, at), *_deliveries(user, at), *_late(user, at)]
    return sorted(matters, key=lambda matter: matter.severity.rank)


def minutes_late(due_at: datetime | None, at: datetime) -> int:
    """Whole minutes since a row was due."""
    return int((at - due_at).total_seconds() // 60) if due_at else 0


def shown(count: int) -> str:
    """A capped count as it is written: 12, or 1000+."""
    return f"{due.CAP}+" if count > due.CAP else str(count)


def listed(page: str, lookups: Mapping[str, Any]) -> str:
    """The list of exactly the rows that the look-ups find."""
    pairs = {
        name: ",".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
        for name, value in lookups.items()
    }
    return f"{reverse(page)}?{urlencode(pairs)}"


def _counted(user: Any) -> Iterator[Matter]:
    for place, kind in enumerate(COUNTED):
        if not user.has_perm(kind.permission):
            continue
        count = _counts.get(place, kind.count)
        if count:
            url = listed(kind.page, kind.lookups)
            yield Matter(kind.severity, shown(count), str(kind.text), url)


def _accounts(user: Any) -> Iterator[Matter]:
    if not user.has_perm("logistics.view_cainiaoaccount"):
        return
    for row in _counts.get("accounts", logistics.accounts_in_trouble):
        name = "admin:logistics_cainiaoaccount_"
        url = reverse(f"{name}change", args=[row.id]) if row.id else reverse(f"{name}changelist")
        severity = URGENT if row.mode == "live" else NOTE
        if row.id is None:
            text = _("There is no live Cainiao account: nothing can be sent.")
            yield Matter(severity, "!", text, url)
        elif row.failing:
            text = _("Cainiao account %(name)s fails") % {"name": row.name}
            yield Matter(severity, "!", text, url, row.error)
        else:
            text = _("Cainiao account %(name)s is disabled") % {"name": row.name}
            yield Matter(severity, "!", text, url)


def _quotas(user: Any, at: datetime) -> Iterator[Matter]:
    if not user.has_perm("quotas.view_tenantquota"):
        return
    counts = _counts.get("quotas", lambda: _quota_counts(at))
    for severity, text, lookups, count in (
        (URGENT, _("tenants have no free unit left, and overage is off"), GONE, counts[0]),
        (SOON, _("tenants have used 90 percent or more, and overage is off"), NEARLY, counts[1]),
        (NOTE, _("quotas are suspended"), SUSPENDED, counts[2]),
    ):
        if count:
            yield Matter(severity, shown(count), text, listed(QUOTAS, lookups))


def _quota_counts(at: datetime) -> tuple[int, int, int]:
    """How many have nothing left, little (or nothing) left, and are suspended."""
    # The quotas' pages register on the site that this module is part of.
    from quotas.admin.levels import Level, with_level  # noqa: PLC0415

    drawn = quotas_shown().filter(status=QuotaStatus.ENABLED, overage_enabled=False)
    low = (with_level(drawn, level, at) for level in (Level.GONE, Level.NEARLY))
    suspended = quotas_shown().filter(status=QuotaStatus.SUSPENDED)
    found = [rows.order_by()[: due.CAP + 1].count() for rows in (*low, suspended)]
    return found[0], found[1], found[2]


def _callbacks(user: Any, at: datetime) -> Iterator[Matter]:
    """What tenants were to be told and could not be."""
    if not user.has_perm("accounts.view_callbackendpoint"):
        return
    failing = _counts.get("failing", lambda: accounts.failing_endpoints(at=at))
    if failing:
        text = _("servers of tenants have answered nothing but failures for 24 hours")
        yield Matter(URGENT, shown(failing), text, listed(ENDPOINTS, {"state": "lasting"}))
    paused = _counts.get("paused", accounts.paused_endpoints)
    if paused:
        text = _("servers of tenants are paused: nothing is sent there")
        yield Matter(SOON, shown(paused), text, listed(ENDPOINTS, {"state": "paused"}))
    zone = timezone.get_default_timezone()
    first = days.local_date(at, zone) - timedelta(days=GIVEN_UP_DAYS)
    since = days.start_of(first, zone)
    given_up = _counts.get("exhausted", lambda: accounts.exhausted_events(since=since))
    if given_up:
        text = _("callbacks to tenants of the last days were given up: send them again")
        lookups = {"status__exact": "exhausted", "created_at_from": first}
        yield Matter(SOON, shown(given_up), text, listed(EVENTS, lookups))


def _deliveries(user: Any, at: datetime) -> Iterator[Matter]:
    if not user.has_perm("delivery.view_deliveryorder"):
        return
    risky = _counts.get("risky", lambda: delivery.deliveries_at_risk(at=at))
    if risky:
        text = _("deliveries are at risk of coming too late")
        yield Matter(URGENT, shown(risky), text, reverse("admin:dispatch_board"))


def _oldest_due(at: datetime) -> datetime | None:
    firsts = (
        logistics.oldest_due(at=at),
        accounts.oldest_due_endpoint(at=at),
        delivery.oldest_due_delivery(at=at),
    )
    return min((first for first in firsts if first is not None), default=None)


def _late(user: Any, at: datetime) -> Iterator[Matter]:
    if not user.has_perm("logistics.view_expressorder"):
        return
    (oldest,) = _counts.get("oldest", lambda: (_oldest_due(at),))
    minutes = minutes_late(oldest, at)
    if minutes >= LATE_MINUTES:
        severity = URGENT if minutes >= VERY_LATE_MINUTES else SOON
        text = _("minutes the oldest due work is late: are the workers running?")
        yield Matter(severity, str(minutes), text, reverse("admin:due_work"))

"""What needs a person: each kind by one index, never counted further than a thousand and one.

An index is named by asking for nothing else in the statement; what else must hold is compared
here. SQLite without statistics would rather walk through every order that is not due.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from accounts.states import Mode
from config.kernel.work import WorkRow
from config.kernel.work.due import CAP, DueWork, count_capped, due_work_of, oldest_of
from logistics.models import CainiaoAccount, CallbackRecord, ExpressOrder, OrderImport
from logistics.states import TERMINAL, OrderStatus, SwitchStatus

# An order asked about this often without a result, a callback tried this often, is worth a look.
MANY_ATTEMPTS = 6
# So many of the rows that are due last are looked through for those: a retry's pause grows.
LOOKED_THROUGH = 2_000
# Rows that wait for an outcome or for their handling are few, but in an outage.
MOST_WAITING = 10_000

Lookups = Mapping[str, Any]
OPEN = tuple(status for status in OrderStatus.values if status not in TERMINAL)

#: Asked for under law 2 until nobody is to be asked any more: a person decides or resumes.
UNDECIDED: Lookups = {"asking__isnull": False, "due_at__isnull": True, "status__in": OPEN}
#: Still asked about, without a result for long: an outage, refused keys, an unknown outcome.
STRUGGLING: Lookups = {"due_at__isnull": False, "attempts__gte": MANY_ATTEMPTS}
#: No order was found for them within a day, and nobody tries again.
GIVEN_UP: Lookups = {"processed__exact": 0, "due_at__isnull": True, "order__isnull": True}


@dataclass(frozen=True, slots=True)
class AccountTrouble:
    """An account that carries no orders, and what it said last; `id` None where there is none."""

    id: int | None
    mode: str
    name: str
    failing: bool
    error: str


def undecided_orders() -> list[int]:
    """Orders whose outcome is unknown and about which nobody is asked any more: their keys."""
    # A range: with statistics SQLite takes any one value of a column mostly NULL to be frequent.
    asking = ExpressOrder.objects.filter(asking__gt="")
    rows = asking.values_list("pk", "due_at", "status")[:MOST_WAITING]
    keys = (pk for pk, due_at, status in rows if due_at is None and status in OPEN)
    return list(islice(keys, CAP + 1))


def struggling_orders() -> list[int]:
    """Orders that were tried many times and are still due: their keys."""
    return _struggling(ExpressOrder)


def orders_in_exception() -> int:
    """Orders that were refused for good: to be corrected and resumed, or cancelled."""
    return count_capped(ExpressOrder.objects.filter(status=OrderStatus.EXCEPTION))


def callbacks_given_up() -> list[int]:
    """Callbacks that were never handled and will not be tried again: their keys."""
    waiting = CallbackRecord.objects.filter(processed__in=[False])
    rows = waiting.values_list("pk", "due_at")[:MOST_WAITING]
    return list(islice((pk for pk, due_at in rows if due_at is None), CAP + 1))


def struggling_callbacks() -> list[int]:
    """Callbacks that were tried many times and are still due: their keys."""
    return _struggling(CallbackRecord)


def accounts_in_trouble() -> list[AccountTrouble]:
    """Enabled accounts that failed, disabled ones, and that there is no live one."""
    rows = CainiaoAccount.objects.order_by("mode").values(
        "id", "mode", "app_key", "status", "test_passed", "test_error"
    )
    found = []
    modes = set()
    for row in rows:
        modes.add(row["mode"])
        failing = row["status"] == SwitchStatus.ENABLED
        if failing and (row["test_passed"] or not row["test_error"]):
            continue
        error = row["test_error"] or ""
        found.append(AccountTrouble(row["id"], row["mode"], row["app_key"], failing, error))
    if Mode.LIVE not in modes:
        found.append(AccountTrouble(None, Mode.LIVE, "", failing=False, error=""))
    return found


def oldest_due(*, at: datetime) -> datetime | None:
    """Since when the work that waits longest has been due; None when nothing is."""
    firsts = [
        oldest_of(model._default_manager.all(), at)  # noqa: SLF001
        for model in (ExpressOrder, CallbackRecord, OrderImport)
    ]
    return min((first for first in firsts if first is not None), default=None)


def due_work(*, at: datetime) -> list[DueWork]:
    """Every kind of work, with its oldest rows."""
    return [
        due_work_of("orders", ExpressOrder.objects.defer("print_data", "track_info"), at),
        due_work_of("callbacks", CallbackRecord.objects.defer("raw_body", "raw_data"), at),
        due_work_of("imports", OrderImport.objects.all(), at),
    ]


def _struggling(model: type[WorkRow]) -> list[int]:
    due = model._default_manager.filter(due_at__isnull=False).order_by("-due_at")  # noqa: SLF001
    tries = due.values_list("pk", "attempts")[:LOOKED_THROUGH]
    return list(islice((pk for pk, attempts in tries if attempts >= MANY_ATTEMPTS), CAP + 1))

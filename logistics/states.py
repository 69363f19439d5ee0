"""The states of an express order: one table, its diagram, and what each state allows.

    created ─► waybill_created ─► dispatched ─► picked ─► in_transit ─► delivering ─┬► signed
       │             │                │            │           │            │       └► rejected
       │ cancel      │ cancel         └────────────┴─────┬─────┴────────────┘
       ▼             ▼                                   ▼
      cancelled ◄───┴───────── (never dispatched) ── exception ─► any state ahead; back by resume

Jumps forward are allowed (scans get lost), never back. `exception` is entered from any state that
is not terminal. signed, rejected and cancelled are terminal. (Seed 3.2.3, CONTRACT section 5.)
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from config.kernel.states import StateTable

# What an event for the tenant, and a public link, call such an order.
EVENT_KIND = "express_order"
LINK_KIND = "p"


class OrderStatus(models.TextChoices):
    """The ten words of the seed."""

    CREATED = "created", _("created")
    WAYBILL_CREATED = "waybill_created", _("waybill issued")
    DISPATCHED = "dispatched", _("dispatched")
    PICKED = "picked", _("picked up")
    IN_TRANSIT = "in_transit", _("in transit")
    DELIVERING = "delivering", _("out for delivery")
    SIGNED = "signed", _("signed for")
    REJECTED = "rejected", _("rejected")
    EXCEPTION = "exception", _("exception")
    CANCELLED = "cancelled", _("cancelled")


class WaybillStatus(models.TextChoices):
    """Unused at issue, used at pick-up, invalid at cancel or final refusal."""

    UNUSED = "unused", _("unused")
    USED = "used", _("used")
    INVALID = "invalid", _("void")


class SwitchStatus(models.TextChoices):
    """Accounts and rules are switched on or off."""

    ENABLED = "enabled", _("enabled")
    DISABLED = "disabled", _("disabled")


class Asking(models.TextChoices):
    """The outside call whose outcome we do not know yet."""

    WAYBILL = "waybill", _("waybill")
    CREATE = "create", _("pick-up order")
    CANCEL = "cancel", _("cancellation")


class ErrorType(models.TextChoices):
    """The seed's four kinds of failed calls (3.2.5)."""

    NETWORK = "network", _("network")
    AUTH = "auth", _("authentication")
    BUSINESS = "business", _("business")
    SYSTEM = "system", _("system")


class ImportStatus(models.TextChoices):
    """An uploaded file is looked at first, then booked; a stopped one books no more."""

    PREVIEWED = "previewed", _("to be confirmed")
    RUNNING = "running", _("being booked")
    DONE = "done", _("finished")
    STOPPED = "stopped", _("stopped")


class LineOutcome(models.TextChoices):
    """What became of a line of an imported file."""

    BAD = "bad", _("faulty")
    WAITING = "waiting", _("waiting")
    CREATED = "created", _("booked")
    EXISTING = "existing", _("booked before")
    REFUSED = "refused", _("refused")


S = OrderStatus
# How far along a state is; `exception` and `cancelled` have no place of their own.
RANK: dict[str, int] = {
    S.CREATED: 0, S.WAYBILL_CREATED: 1, S.DISPATCHED: 2, S.PICKED: 3,
    S.IN_TRANSIT: 4, S.DELIVERING: 5, S.SIGNED: 6, S.REJECTED: 6,
}  # fmt: skip
CANCELLABLE = frozenset({S.CREATED, S.WAYBILL_CREATED})


def _ahead(state: str) -> set[str]:
    return {other for other, rank in RANK.items() if rank > RANK[state]}


ORDER_STATES = StateTable(
    {state: _ahead(state) | {S.EXCEPTION} for state in RANK if RANK[state] < RANK[S.SIGNED]}
    | {state: _ahead(state) | {S.EXCEPTION, S.CANCELLED} for state in CANCELLABLE}
    | {S.EXCEPTION: {*RANK, S.CANCELLED}}
    | {S.SIGNED: (), S.REJECTED: (), S.CANCELLED: ()}
)
TERMINAL = ORDER_STATES.terminal
IMPORT_STATES = StateTable(
    {
        ImportStatus.PREVIEWED: (ImportStatus.RUNNING,),
        ImportStatus.RUNNING: (ImportStatus.DONE, ImportStatus.STOPPED),
        ImportStatus.DONE: (),
        ImportStatus.STOPPED: (),
    }
)

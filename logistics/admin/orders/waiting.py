"""What an order waits for, in words: the system, the carrier, or a person and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from logistics.models import ExpressOrder
from logistics.services.steps import QUIET, Step, next_step
from logistics.states import CANCELLABLE, TERMINAL, Asking, OrderStatus, SwitchStatus

PERSON, SYSTEM, CARRIER, NOBODY = "person", "system", "carrier", "nobody"
_STEPS: dict[str, Any] = {
    Step.RECEIVER: gettext_lazy("have the receiver's address read"),
    Step.SENDER: gettext_lazy("have the sender's address read"),
    Step.BRANCH: gettext_lazy("look the branch up"),
    Step.WAYBILL: gettext_lazy("get the waybill"),
    Step.CREATE: gettext_lazy("order the pick-up"),
    Step.QUERY: gettext_lazy("ask the carrier what became of it"),
    Step.CANCEL: gettext_lazy("cancel at the carrier's"),
    Step.DROP: gettext_lazy("cancel"),
    Step.LOOK: gettext_lazy("ask the carrier for news"),
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """Whose turn it is, what for, and what a person may do about it."""

    turn: str
    text: str
    advice: str = ""


def waiting_for(order: ExpressOrder, *, at: datetime) -> Waiting:
    """Read off the order's columns, as the workers do."""
    if order.status in TERMINAL:
        return Waiting(NOBODY, _("Finished: nothing more is to be done."))
    if order.lease_token is not None:
        return Waiting(SYSTEM, _("Being worked on right now."), _("Reload the page in a moment."))
    if order.due_at is not None:
        return _due(order, order.due_at, at)
    if order.status == OrderStatus.EXCEPTION:
        return _exception(order)
    if order.asking is not None:
        return _undecided(order)
    if order.cainiao_order_id:
        text = _(
            "The carrier's next push is awaited; without news for %(hours)d hours it is asked."
        )
        return Waiting(CARRIER, text % {"hours": QUIET.total_seconds() // 3600})
    return Waiting(PERSON, _("Nothing is due."), _("Resume it, or cancel it."))


def _due(order: ExpressOrder, due_at: datetime, at: datetime) -> Waiting:
    account = order.account
    if account is not None and account.status != SwitchStatus.ENABLED:
        text = _("The Cainiao account is switched off: nothing is asked until it is enabled.")
        return Waiting(PERSON, text, _("Enable the account; the order then goes on by itself."))
    step = next_step(
        order, waybill_at_order=account is not None and account.waybill_at_order, at=at
    )
    what = str(_STEPS[step]) if step else _("look at it")
    if order.asking is not None:
        text = _(
            "Whether “%(asked)s” has happened is unknown; never asked for twice. Next: %(step)s"
        )
        what = text % {"asked": order.get_asking_display(), "step": what}
    else:
        what = _("Next: %(step)s") % {"step": what}
    if due_at <= at and not order.attempts:
        return Waiting(SYSTEM, what + _("; due now."))
    moment = date_format(localtime(due_at), "m-d H:i:s")
    tail = _("; due at %(moment)s, tried %(attempts)d times so far.")
    return Waiting(SYSTEM, what + tail % {"moment": moment, "attempts": order.attempts})


def _exception(order: ExpressOrder) -> Waiting:
    text = _("In exception: a person must look at it.")
    if not order.waybill_no:
        return Waiting(PERSON, text, _("Correct what is wrong and resume, or cancel it."))
    if order.exception_from in CANCELLABLE:
        advice = _("The waybill is printed as it is: resume, or cancel and book anew.")
        return Waiting(PERSON, text, advice)
    advice = _("A later scan takes it out of the exception; call the carrier, or resume it.")
    return Waiting(PERSON, text, advice)


def _undecided(order: ExpressOrder) -> Waiting:
    text = _("The carrier gives no answer about “%(asked)s”: whether it happened is unknown.") % {
        "asked": order.get_asking_display()
    }
    if order.asking == Asking.WAYBILL:
        return Waiting(PERSON, text, _("Resume: the same number is asked for again."))
    return Waiting(
        PERSON,
        text,
        _("Ask the carrier by phone, then decide the outcome; or resume to have it asked again."),
    )

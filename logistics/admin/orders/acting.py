"""What operators may do to orders, one by one or many at once; who comes second is told so."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.kernel.console import ReasonedAction, ReasonForm
from config.kernel.errors import Refusal
from logistics.errors import CancelAskedBefore, CancelRefused, NothingToResume, WaybillUnavailable
from logistics.models import ExpressOrder
from logistics.services.cancelling import cancel_order
from logistics.services.carrying import get_waybill
from logistics.services.deciding import decide_outcome
from logistics.services.pushing import push_order, sync_order
from logistics.services.resuming import resume_order
from logistics.states import CANCELLABLE, TERMINAL, Asking, OrderStatus, WaybillStatus

Values = dict[str, Any]
YES, NO = "yes", "no"


class PassedOnForm(ReasonForm):
    """The reason goes to the carrier as well."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 60}),
        help_text=gettext_lazy("Sent to the carrier, and kept in the history with your name."),
    )


class DecideForm(ReasonForm):
    """What the carrier said on the telephone, and about what it was asked."""

    # Another call may be the unknown one by the time that the answer is in.
    asked = forms.ChoiceField(choices=Asking.choices, required=False, widget=forms.HiddenInput)
    happened = forms.ChoiceField(
        label=gettext_lazy("Did it happen at the carrier's?"),
        choices=[(YES, gettext_lazy("yes")), (NO, gettext_lazy("no"))],
        widget=forms.RadioSelect,
    )
    carrier_order_id = forms.CharField(
        label=gettext_lazy("Cainiao order"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("Needed where a pick-up order did happen."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = self["asked"].value()
        self.fields["happened"].help_text = dict(Asking.choices).get(asked or "", "")


def _get_waybill(order: ExpressOrder, _values: Values, _user: Any) -> str:
    try:
        done = get_waybill(order_id=order.pk, at=timezone.now())
    except WaybillUnavailable as exc:
        raise WaybillUnavailable(**{**exc.data, "state": _state(exc)}) from None
    return _("waybill %(number)s") % {"number": done.waybill_no}


def _push(order: ExpressOrder, _values: Values, _user: Any) -> str:
    done = push_order(order_id=order.pk, at=timezone.now())
    if done.waybill_no:
        return _("it has waybill %(number)s already") % {"number": done.waybill_no}
    return _("the workers get its waybill")


def _resume(order: ExpressOrder, _values: Values, _user: Any) -> str:
    try:
        resume_order(order_id=order.pk, at=timezone.now())
    except NothingToResume as exc:
        raise NothingToResume(state=_state(exc)) from None
    return _("resumed: it goes on where it stopped")


def _sync(order: ExpressOrder, _values: Values, _user: Any) -> str:
    asked = sync_order(order_id=order.pk, at=timezone.now())
    return _("the carrier is being asked") if asked else _("a worker has it in hand already")


def _cancel(order: ExpressOrder, values: Values, _user: Any) -> str:
    at = timezone.now()
    try:
        done = cancel_order(order_id=order.pk, reason=values["reason"], at=at)
    except CancelRefused as exc:
        raise CancelRefused(state=_state(exc)) from None
    if at not in {done.cancel_time, done.cancel_requested_at}:
        closed = done.status == OrderStatus.CANCELLED
        why = "订单已经取消" if closed else "已有人申请取消，正在等待承运方确认"
        raise CancelAskedBefore(why=why)
    if done.status == OrderStatus.CANCELLED:
        return _("cancelled")
    return _("the carrier is being asked to cancel")


def _decide(order: ExpressOrder, values: Values, _user: Any) -> str:
    happened = values["happened"] == YES
    decide_outcome(
        order_id=order.pk,
        happened=happened,
        at=timezone.now(),
        carrier_order_id=values["carrier_order_id"],
        asked=values["asked"],
    )
    return _("decided: it happened") if happened else _("decided: it did not happen")


def _state(refusal: Refusal) -> str:
    """The state in words, which a refusal names by its value."""
    return str(OrderStatus(refusal.data["state"]).label)


def _lacks_waybill(order: ExpressOrder) -> bool:
    has = order.waybill_no and order.waybill_status != WaybillStatus.INVALID
    return not has and order.status in CANCELLABLE and order.cancel_requested_at is None


def _is_resumable(order: ExpressOrder) -> bool:
    waits = order.asking is not None and order.due_at is None and order.status not in TERMINAL
    return order.status == OrderStatus.EXCEPTION or waits


def _is_askable(order: ExpressOrder) -> bool:
    known = bool(order.cainiao_order_id) and order.asking is None
    return known and order.status not in TERMINAL


def _is_cancellable(order: ExpressOrder) -> bool:
    early = order.status == OrderStatus.EXCEPTION and order.dispatch_time is None
    return (order.status in CANCELLABLE or early) and order.cancel_requested_at is None


def _is_undecided(order: ExpressOrder) -> bool:
    asked = order.asking in {Asking.CREATE, Asking.CANCEL}
    return asked and order.status not in TERMINAL


ACTIONS: tuple[ReasonedAction, ...] = (
    ReasonedAction(
        name="get_waybill", label=gettext_lazy("Get waybill"), run=_get_waybill,
        applies=_lacks_waybill, in_bulk=False, asks_outside=True,
        note=gettext_lazy("Carries the order on now, for ten seconds at most."),
    ),
    ReasonedAction(
        name="get_waybills", label=gettext_lazy("Get waybills"), run=_push, on_page=False,
        note=gettext_lazy("The workers carry these orders on at once; the page does not wait."),
    ),
    ReasonedAction(
        name="resume", label=gettext_lazy("Resume"), run=_resume, applies=_is_resumable,
        note=gettext_lazy("The order goes on where it stopped, as it is."),
    ),
    ReasonedAction(
        name="sync", label=gettext_lazy("Sync now"), run=_sync, applies=_is_askable,
        note=gettext_lazy("Asks the carrier where the parcel is, without waiting for its word."),
    ),
    ReasonedAction(
        name="decide", label=gettext_lazy("Decide the outcome"), run=_decide, form=DecideForm,
        applies=_is_undecided, in_bulk=False, danger=True,
        opened_on=lambda order: {"asked": order.asking},
        note=gettext_lazy(
            "Only after asking the carrier otherwise: what is decided here is not asked again."
        ),
    ),
    ReasonedAction(
        name="cancel", label=gettext_lazy("Cancel order"), run=_cancel, form=PassedOnForm,
        applies=_is_cancellable, danger=True,
        note=gettext_lazy("A dispatched parcel cannot be cancelled any more."),
    ),
)  # fmt: skip

"""What operators may do to deliveries; who comes second is told so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.kernel.console import PlainForm, ReasonedAction, ReasonForm
from delivery.admin.orders.choosing import AssignForm, RiderForm, opened_on
from delivery.models import DeliveryOrder
from delivery.services.cancelling import cancel_delivery
from delivery.services.dispatching import (
    assign_order,
    fail_order,
    hand_back,
    offer_now,
    reassign_order,
)
from delivery.services.riding import finish_return, start_return
from delivery.states import CANCELLABLE, TERMINAL, Actor, DeliveryStatus

Values = dict[str, Any]
S = DeliveryStatus
DISPATCH = "dispatch_deliveryorder"


class ToldForm(ReasonForm):
    """The reason goes to the tenant as well."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 60}),
        help_text=gettext_lazy("Told to the tenant, and kept in the history with your name."),
    )


def _assign(order: DeliveryOrder, values: Values, user: Any) -> str:
    done = assign_order(
        order_id=order.pk, rider_id=values["rider"], user_id=user.pk, at=timezone.now(),
        note=values["reason"],
    )  # fmt: skip
    return _("assigned to %(rider)s") % {"rider": done.rider_name}


def _reassign(order: DeliveryOrder, values: Values, user: Any) -> str:
    before = order.rider_name or "—"
    done = reassign_order(
        order_id=order.pk, rider_id=values["rider"], user_id=user.pk, at=timezone.now(),
        note=values["reason"],
    )  # fmt: skip
    names = {"before": before, "rider": done.rider_name}
    return _("reassigned: %(before)s → %(rider)s") % names


def _hand_back(order: DeliveryOrder, values: Values, user: Any) -> str:
    hand_back(
        order_id=order.pk, reason=values["reason"], at=timezone.now(), actor=Actor.OPERATOR,
        user_id=user.pk,
    )  # fmt: skip
    return _("waits for a rider again")


def _offer(order: DeliveryOrder, _values: Values, user: Any) -> str:
    offer_now(order_id=order.pk, at=timezone.now(), user_id=user.pk)
    return _("is being offered to near riders")


def _closing(service: Callable[..., Any], told: Any) -> Callable[[Any, Values, Any], str]:
    """An action that ends something for a reason."""

    def run(order: DeliveryOrder, values: Values, user: Any) -> str:
        service(
            order_id=order.pk, reason=values["reason"], at=timezone.now(), actor=Actor.OPERATOR,
            user_id=user.pk,
        )  # fmt: skip
        return str(told)

    return run


def _finish_return(order: DeliveryOrder, _values: Values, user: Any) -> str:
    finish_return(order_id=order.pk, at=timezone.now(), actor=Actor.OPERATOR, user_id=user.pk)
    return _("the shop has its goods again")


def _is(*states: str, live: bool = False) -> Callable[[DeliveryOrder], bool]:
    return lambda order: order.status in states and not (live and order.is_test)


ACTIONS: tuple[ReasonedAction, ...] = (
    ReasonedAction(
        name="assign", label=gettext_lazy("Assign"), run=_assign, permission=DISPATCH,
        form=AssignForm, opened_on=opened_on, in_bulk=False, applies=_is(S.PENDING, live=True),
    ),
    ReasonedAction(
        name="offer", label=gettext_lazy("Offer now"), run=_offer, permission=DISPATCH,
        form=PlainForm, applies=_is(S.PENDING, live=True),
        note=gettext_lazy(
            "The nearest free riders are asked, ever farther away, until somebody takes it or the "
            "tenant's time for it is over."
        ),
    ),
    ReasonedAction(
        name="reassign", label=gettext_lazy("Reassign"), run=_reassign, permission=DISPATCH,
        form=RiderForm, opened_on=opened_on, in_bulk=False, applies=_is(S.ACCEPTED, live=True),
        note=gettext_lazy("The rider who has it loses it; the tenant is told of the new one."),
    ),
    ReasonedAction(
        name="hand_back", label=gettext_lazy("Take back"), run=_hand_back, permission=DISPATCH,
        applies=_is(S.ACCEPTED),
        note=gettext_lazy("The order leaves its rider and waits for another one."),
    ),
    ReasonedAction(
        name="start_return", label=gettext_lazy("Send back"), permission=DISPATCH, form=ToldForm,
        run=_closing(start_return, gettext_lazy("goes back to the shop")),
        applies=_is(S.PICKED_UP),
        note=gettext_lazy("The rider brings the goods back; outside it counts as cancelled."),
    ),
    ReasonedAction(
        name="finish_return", label=gettext_lazy("Goods are back"), run=_finish_return,
        permission=DISPATCH, applies=_is(S.RETURNING),
    ),
    ReasonedAction(
        name="cancel", label=gettext_lazy("Cancel order"), form=ToldForm,
        run=_closing(cancel_delivery, gettext_lazy("cancelled")),
        applies=_is(*CANCELLABLE), danger=True,
        note=gettext_lazy("What was picked up cannot be cancelled any more: send it back."),
    ),
    ReasonedAction(
        name="fail", label=gettext_lazy("Mark as failed"), permission=DISPATCH, form=ToldForm,
        run=_closing(fail_order, gettext_lazy("failed")), danger=True,
        applies=lambda order: order.status not in TERMINAL,
        note=gettext_lazy("Ends the order for good; outside it counts as cancelled."),
    ),
)  # fmt: skip

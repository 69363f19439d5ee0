"""Which rider an order is given to: those on duty, nearest to the shop first, with their load."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config.kernel.console import ReasonForm
from delivery.models import DeliveryOrder
from delivery.queries.board import OnDuty, riders_on_duty


class RiderForm(ReasonForm):
    """A rider and why; opened on an order's place (see `opened_on`)."""

    rider = forms.TypedChoiceField(
        label=gettext_lazy("rider"), coerce=int, widget=forms.RadioSelect(),
        error_messages={"required": gettext_lazy("Choose a rider.")},
        help_text=gettext_lazy(
            "Riders on duty, the nearest to the shop first; whoever has as many as allowed is "
            "left out."
        ),
    )  # fmt: skip
    field_order = ("rider", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        at = timezone.now()
        riders = riders_on_duty(near=self.initial.get("near"))
        field: Any = self.fields["rider"]
        field.choices = [
            (one.rider.pk, described(one, at))
            for one in riders
            if one.is_free and one.rider.pk != self.initial.get("not_rider")
        ]
        if not field.choices:
            field.help_text = _("No rider on duty can take it: offer it, or ask riders to log in.")


class AssignForm(RiderForm):
    """Who gives an order to its first rider need not say why."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = False


def opened_on(order: DeliveryOrder) -> dict[str, Any]:
    """From where riders are measured, and who has the order now."""
    place = (order.merchant_lat, order.merchant_lng)
    return {"near": None if None in place else place, "not_rider": order.rider_id}


def described(one: OnDuty, at: datetime) -> str:
    """A rider in one line: name, vehicle, area, how far, how many in hand, how long ago seen."""
    rider = one.rider
    seen = ""
    if one.distance_m is not None and rider.located_at is not None:
        seen = _("%(metres)s m away") % {"metres": f"{one.distance_m:,}"}
        seen = f"{seen} ({ago(rider.located_at, at)})"
    load = _("%(load)d of %(most)d in hand") % {"load": one.load, "most": rider.most_orders}
    parts = (rider.name, rider.get_vehicle_display(), rider.area, seen or _("place unknown"), load)
    return " · ".join(str(part) for part in parts if part)


def ago(then: datetime, at: datetime) -> str:
    """How long ago, in whole minutes."""
    minutes = max(0, int((at - then).total_seconds() // 60))
    if minutes == 0:
        return _("just now")
    text = ngettext("%(minutes)d min ago", "%(minutes)d min ago", minutes)
    return text % {"minutes": minutes}

"""How far an order got while its operator waited, told on the page that comes next."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from logistics.admin.orders.waiting import waiting_for
from logistics.models import ExpressOrder
from logistics.queries.known_values import known_of
from logistics.states import OrderStatus


def tell_progress(page: Any, request: HttpRequest, order: ExpressOrder, *, started: str) -> None:
    """`started` says what was done just now."""
    if order.status == OrderStatus.EXCEPTION:
        text = _("%(started)s, but the order came to an exception: %(reason)s")
        reason = known_of(order).hide(order.exception_reason or "")
        said = text % {"started": started, "reason": reason}
        page.message_user(request, said, messages.WARNING)
    elif order.cainiao_order_id:
        text = _("%(started)s: waybill %(waybill)s, a courier is ordered.")
        said = text % {"started": started, "waybill": order.waybill_no or "—"}
        page.message_user(request, said, messages.SUCCESS)
    else:
        waiting = waiting_for(order, at=timezone.now())
        text = _("%(started)s, and still under way. %(waiting)s")
        said = text % {"started": started, "waiting": waiting.text}
        page.message_user(request, said, messages.INFO)

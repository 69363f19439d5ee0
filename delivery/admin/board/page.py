"""The board's page: as of one moment, which it says; a script asks for it anew every 15 seconds."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.queries import tenants_by_id
from delivery.admin.board.cards import lanes_of
from delivery.admin.orders.choosing import ago
from delivery.queries.board import OnDuty, board

SEE = "delivery.view_deliveryorder"
REFRESH_SECONDS = 15


def board_view(request: HttpRequest) -> HttpResponse:
    """Live orders alone; riders for those who may see them."""
    user: Any = request.user
    if not user.has_perm(SEE):
        raise PermissionDenied
    at = timezone.now()
    found = board(at=at)
    columns = (found.unassigned, found.at_risk, found.under_way)
    wanted = {order.tenant_id for column in columns for order in column.cards}
    tenants = tenants_by_id(wanted) if wanted else {}
    sees_riders = user.has_perm("delivery.view_rider")
    context = {
        **admin.site.each_context(request),
        "title": _("Dispatch board"),
        "lanes": lanes_of(found, tenants, user, at=at),
        "riders": [_line(one, at) for one in found.riders] if sees_riders else None,
        "made_at": at,
        "refresh_seconds": REFRESH_SECONDS,
    }
    return TemplateResponse(request, "admin/delivery/board.html", context)


def _line(one: OnDuty, at: Any) -> dict[str, Any]:
    seen = one.rider.located_at
    return {
        "rider": one.rider,
        "load": one.load,
        "is_free": one.is_free,
        "seen": ago(seen, at) if seen else _("never"),
    }

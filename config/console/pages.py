"""Pages that are no model's: work that is due, and operators' tokens."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from knox.models import get_token_model

from accounts.queries import attention as accounts
from config.console.attention import minutes_late, shown
from config.kernel.work.due import DueWork
from delivery.queries import attention as delivery
from logistics.queries import attention as logistics

MOST_TOKENS = 200
KINDS = {
    "orders": (gettext_lazy("express orders"), "logistics_expressorder_change"),
    "callbacks": (gettext_lazy("callback records"), "logistics_callbackrecord_change"),
    "imports": (gettext_lazy("order imports"), "logistics_expressorder_import_detail"),
    "endpoints": (gettext_lazy("callback endpoints"), "accounts_callbackendpoint_change"),
    "deliveries": (gettext_lazy("delivery orders"), "delivery_deliveryorder_change"),
}


def due_work_view(request: HttpRequest) -> HttpResponse:
    """Per kind of work: how much is late, in hand and waiting; the oldest rows, to be opened."""
    _require(request, "logistics.view_expressorder")
    at = timezone.now()
    kinds = []
    works = [
        *logistics.due_work(at=at),
        accounts.due_endpoints(at=at),
        delivery.due_deliveries(at=at),
    ]
    for work in works:
        label, name = KINDS[work.kind]
        oldest = [
            {
                "row": row,
                "url": reverse(f"admin:{name}", args=[row.pk]),
                "minutes": minutes_late(row.due_at, at),
            }
            for row in work.oldest
        ]
        kinds.append({"label": label, **_figures(work), "oldest": oldest})
    return _page(request, "admin/console/due_work.html", _("Due work"), kinds=kinds)


def _figures(work: DueWork) -> dict[str, str]:
    return {name: shown(getattr(work, name)) for name in ("late", "in_hand", "later")}


def tokens_view(request: HttpRequest) -> HttpResponse:
    """Tokens of `/api/platform` that are still good: whose, since when, until when."""
    _require(request, "accounts.view_user")
    rows = get_token_model().objects.filter(expiry__gt=timezone.now()).select_related("user")
    tokens = list(rows.order_by("-created")[: MOST_TOKENS + 1])
    title = _("Operators' tokens")
    more = len(tokens) > MOST_TOKENS
    return _page(
        request, "admin/console/tokens.html", title, tokens=tokens[:MOST_TOKENS], more=more
    )


def _require(request: HttpRequest, permission: str) -> None:
    user: Any = request.user
    if not user.has_perm(permission):
        raise PermissionDenied


def _page(request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
    return TemplateResponse(
        request, template, {**admin.site.each_context(request), "title": title, **context}
    )

"""Names, phones and addresses in full: on the one answer to a request, and that is recorded."""

from __future__ import annotations

from copy import copy
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

from config.kernel import audit

REVEAL = "logistics.reveal_expressorder"
REVEALED = "查看完整收寄件信息"


class OrderRevealing(admin.ModelAdmin[Model]):
    """The order's page, unmasked once."""

    def get_urls(self) -> list[Any]:
        """Before the stock ones, whose last takes anything."""
        page = self.admin_site.admin_view(require_POST(self.reveal_view))
        name = f"{self.opts.app_label}_{self.opts.model_name}_reveal"
        return [path("<path:object_id>/reveal/", page, name=name), *super().get_urls()]

    def reveal_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """On record before it is shown; no browser keeps the answer."""
        order = self.get_object(request, object_id)
        if order is None:
            raise Http404
        if not (request.user.has_perm(REVEAL) and self.has_view_permission(request, order)):
            raise PermissionDenied
        audit.record(user=request.user, row=order, what=REVEALED)
        shown = copy(request)
        shown.method = "GET"
        # The admin's views are never cached (`no-store`): a reload asks, and records, again.
        return self.change_view(shown, object_id, extra_context={"revealed": True})

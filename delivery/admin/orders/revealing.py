"""Names, phones, addresses and photos in full: on one answer to one request, which is recorded."""

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
from delivery.models import DeliveryProof

REVEAL = "delivery.reveal_deliveryorder"
REVEALED = "查看完整商家与收件信息"
PHOTO_SEEN = "查看送达照片"
PICTURES = frozenset({"image/jpeg", "image/png"})


class OrderRevealing(admin.ModelAdmin[Model]):
    """The order's page, unmasked once, and the photo of its delivery."""

    def get_urls(self) -> list[Any]:
        """Before the stock ones, whose last takes anything."""
        views = {"reveal": self.reveal_view, "proof": self.proof_view}
        base = f"{self.opts.app_label}_{self.opts.model_name}"
        ours = [
            path(
                f"<path:object_id>/{name}/",
                self.admin_site.admin_view(require_POST(view)),
                name=f"{base}_{name}",
            )
            for name, view in views.items()
        ]
        return [*ours, *super().get_urls()]

    def reveal_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """On record before it is shown; no browser keeps the answer."""
        order = self._revealable(request, object_id)
        audit.record(user=request.user, row=order, what=REVEALED)
        shown = copy(request)
        shown.method = "GET"
        # The admin's views are never cached (`no-store`): a reload asks, and records, again.
        return self.change_view(shown, object_id, extra_context={"revealed": True})

    def proof_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The photo itself, on record before it is shown; no browser keeps it."""
        order = self._revealable(request, object_id)
        proof = DeliveryProof.objects.filter(order_id=order.pk).first()
        if proof is None or proof.content_type not in PICTURES:
            raise Http404
        audit.record(user=request.user, row=order, what=PHOTO_SEEN)
        answer = HttpResponse(bytes(proof.content), content_type=proof.content_type)
        answer["Cache-Control"] = "no-store, private"
        answer["X-Content-Type-Options"] = "nosniff"
        return answer

    def _revealable(self, request: HttpRequest, object_id: str) -> Any:
        order = self.get_object(request, object_id)
        if order is None:
            raise Http404
        if not (request.user.has_perm(REVEAL) and self.has_view_permission(request, order)):
            raise PermissionDenied
        return order

"""A delivery's people in full, and the photo at the door: each on one answer, which is recorded."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from config.kernel import audit
from config.kernel.console.revealing import RevealingAdmin
from delivery.models import DeliveryProof

REVEAL = "delivery.reveal_deliveryorder"
PHOTO_SEEN = "查看送达照片"
PICTURES = frozenset({"image/jpeg", "image/png"})


class OrderRevealing(RevealingAdmin):
    """The order's page, unmasked once, and the photo of its delivery."""

    reveal_permission = REVEAL
    revealed_what = "查看完整商家与收件信息"

    def get_urls(self) -> list[Any]:
        """The photo's besides."""
        return [self.posted_url("proof", self.proof_view), *super().get_urls()]

    def proof_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The photo itself, on record before it is shown; no browser keeps it."""
        order = self.revealable(request, object_id)
        proof = DeliveryProof.objects.filter(order_id=order.pk).first()
        if proof is None or proof.content_type not in PICTURES:
            raise Http404
        audit.record(user=request.user, row=order, what=PHOTO_SEEN)
        answer = HttpResponse(bytes(proof.content), content_type=proof.content_type)
        answer["Cache-Control"] = "no-store, private"
        answer["X-Content-Type-Options"] = "nosniff"
        return answer

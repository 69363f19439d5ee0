"""A throttled caller learns from every answer how many requests are left, and until when."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.services.throttling import Allowance, take_request
from config.kernel.api.views import DoorView
from config.kernel.errors import Throttled


class LimitedDoor(DoorView):
    """Answers carry `X-RateLimit-Limit`, `-Remaining` and `-Reset` (unix seconds) once counted."""

    allowance: Allowance | None = None

    def count(self, *, tenant_id: int, is_test: bool, limit: int) -> None:
        """Count this request of a tenant's `limit` a minute.

        :raises Throttled: none was left.
        """
        try:
            self.allowance = take_request(
                tenant_id=tenant_id, is_test=is_test, limit=limit, at=timezone.now()
            )
        except Throttled as exc:
            self.allowance = exc.data["allowance"]
            raise

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        """Say what is left."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        if self.allowance is not None:
            answer["X-RateLimit-Limit"] = str(self.allowance.limit)
            answer["X-RateLimit-Remaining"] = str(self.allowance.remaining)
            answer["X-RateLimit-Reset"] = str(self.allowance.reset)
        return answer

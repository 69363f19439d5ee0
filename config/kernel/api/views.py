"""The base of our doors' views: size limit first, then identity, then parsing."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.kernel.api.serializers import validate
from config.kernel.errors import BodyTooLarge, Malformed

KB = 1024


class DoorView(APIView):
    """One route of a door; `max_body` in bytes."""

    max_body = 64 * KB

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse an oversized body before anything reads it, and one of a length nobody said."""
        length = request.META.get("CONTENT_LENGTH") or "0"
        if "chunked" in request.headers.get("Transfer-Encoding", "").lower():
            # The server hands over none of it: it would be answered as an empty one.
            raise Malformed(fields={"body": ["请以 Content-Length 发送请求体，不支持分块传输。"]})
        if not length.isdigit():
            raise Malformed
        if int(length) > self.max_body:
            raise BodyTooLarge(limit_kb=self.max_body // KB)
        super().initial(request, *args, **kwargs)

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        """People's names and keys are in answers: nothing on the way or in a browser keeps one."""
        answer: Response = super().finalize_response(request, response, *args, **kwargs)
        answer.headers.setdefault("Cache-Control", "no-store")
        return answer

    def body(self, request: Request, kind: type[Any]) -> dict[str, Any]:
        """The request's body, validated by the serializer class `kind`."""
        return validate(kind, request.data)

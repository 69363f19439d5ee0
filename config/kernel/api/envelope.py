"""Answers and refusals leave in one shape, rendered here and nowhere else.

`{"code": 0, "message": "success", "data": …}`; a refusal has `code` ≠ 0, a Chinese `message`,
`error` (the slug) and `data` null or `{"errors": {field: [texts]}}`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.defaults import page_not_found, permission_denied, server_error
from rest_framework import exceptions as drf
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from config.kernel import errors
from config.kernel.api.outages import is_outage

log = logging.getLogger(__name__)


def refusal_body(refusal: errors.Refusal) -> dict[str, Any]:
    """The body of a refusal, as every door but the callbacks gives it."""
    return {
        "code": refusal.code,
        "message": refusal.text,
        "error": refusal.slug,
        "data": {"errors": refusal.fields} if refusal.fields else None,
    }


class EnvelopeRenderer(JSONRenderer):
    """Wraps a view's data; refusals arrive already shaped."""

    charset = "utf-8"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Return the answer's bytes."""
        response = (renderer_context or {}).get("response")
        if response is None or not getattr(response, "enveloped", False):
            data = {"code": 0, "message": "success", "data": data}
        return bytes(super().render(data, accepted_media_type, renderer_context))


class AlwaysJSON(DefaultContentNegotiation):
    """These doors speak JSON whatever the caller's Accept header says."""

    def select_renderer(
        self, request: Request, renderers: Iterable[Any], format_suffix: str | None = None
    ) -> tuple[Any, str]:
        """Take the first renderer."""
        first = next(iter(renderers))
        return first, first.media_type


def refusal_response(refusal: errors.Refusal) -> Response:
    """A refusal as a DRF response."""
    response = Response(refusal_body(refusal), status=refusal.status)
    response.enveloped = True  # type: ignore[attr-defined]
    _add_headers(response, refusal)
    return response


def _add_headers(response: HttpResponse | Response, refusal: errors.Refusal) -> None:
    if refusal.retry_after:
        response["Retry-After"] = str(refusal.retry_after)
    if refusal.status == 401:
        response["WWW-Authenticate"] = "Tonglu"


TRANSLATED: dict[type[Exception], type[errors.Refusal]] = {
    drf.UnsupportedMediaType: errors.UnsupportedMedia,
    drf.NotAuthenticated: errors.Unauthenticated,
    drf.AuthenticationFailed: errors.Unauthenticated,
    drf.PermissionDenied: errors.Denied,
    PermissionDenied: errors.Denied,
    drf.NotFound: errors.Missing,
    Http404: errors.Missing,
    drf.MethodNotAllowed: errors.MethodRefused,
    drf.Throttled: errors.Throttled,
}


def handle_exception(exc: Exception, context: Mapping[str, Any]) -> Response:
    """DRF's exception handler: every exception becomes a refusal, unknown ones are logged."""
    refusal = as_refusal(exc)
    if isinstance(refusal, errors.Internal):
        request = context.get("request")
        log.error(
            "unhandled exception in %s (request %s)",
            type(context.get("view")).__name__,
            request.META.get("tonglu.request_id") if request is not None else "-",
            exc_info=exc,
        )
    return refusal_response(refusal)


def as_refusal(exc: Exception) -> errors.Refusal:
    """Translate Django's and DRF's exceptions into ours."""
    if isinstance(exc, errors.Refusal):
        return exc
    if isinstance(exc, drf.ValidationError):
        return errors.Malformed(fields=flatten(exc.detail))
    if isinstance(exc, drf.ParseError):
        return errors.Malformed(fields={"body": [str(exc.detail)]})
    if isinstance(exc, RequestDataTooBig):
        return errors.BodyTooLarge(limit_kb=1024)
    if is_outage(exc):
        # No traceback: there are as many of these as there are requests.
        log.warning("the database cannot be used: %s %s", type(exc).__name__, exc.args[:1])
        return errors.Unavailable()
    for kind, refusal in TRANSLATED.items():
        if isinstance(exc, kind):
            return refusal()
    return errors.Internal()


def flatten(detail: Any, prefix: str = "") -> dict[str, list[str]]:
    """Turn DRF's nested error detail into `{"items.3.weight": [texts]}`."""
    if isinstance(detail, Mapping):
        out: dict[str, list[str]] = {}
        for key, inner in detail.items():
            name = f"{prefix}.{key}" if prefix else str(key)
            for field, texts in flatten(inner, name).items():
                out.setdefault(field, []).extend(texts)
        return out
    if isinstance(detail, list) and any(isinstance(item, Mapping | list) for item in detail):
        return flatten({index: item for index, item in enumerate(detail) if item}, prefix)
    texts = detail if isinstance(detail, list) else [detail]
    return {prefix or "body": [str(text) for text in texts]}


# --- Django's own error pages ----------------------------------------------------------------


def _plain(request: HttpRequest, refusal: errors.Refusal) -> HttpResponse:
    response = JsonResponse(
        refusal_body(refusal), status=refusal.status, json_dumps_params={"ensure_ascii": False}
    )
    _add_headers(response, refusal)
    return response


def _is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler404: the envelope on our doors, Django's page elsewhere."""
    if _is_api(request):
        return _plain(request, errors.Missing())
    return page_not_found(request, exception)


@csrf_exempt
def no_such_route(request: HttpRequest, anything: str) -> HttpResponse:
    """The last route below `/api/`: the envelope, with DEBUG on as well."""
    return _plain(request, errors.Missing())


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler403."""
    if _is_api(request):
        return _plain(request, errors.Denied())
    return permission_denied(request, exception)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler400: a suspicious request, such as an unknown host."""
    return _plain(request, errors.Malformed())


def broken(request: HttpRequest) -> HttpResponse:
    """handler500."""
    if _is_api(request):
        return _plain(request, errors.Internal())
    return server_error(request)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """CSRF_FAILURE_VIEW."""
    from django.views.csrf import csrf_failure  # noqa: PLC0415 - Django's own page, rarely shown

    if _is_api(request):
        return _plain(request, errors.Denied())
    return csrf_failure(request, reason)

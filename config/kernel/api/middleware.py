"""What every request gets: an id, the same answer with a trailing slash, a content policy."""

from __future__ import annotations

import os
import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

GetResponse = Callable[[HttpRequest], HttpResponse]
_SAFE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SLASH_FREE = ("/api/", "/healthz/", "/readyz/")
STRICT_POLICY = "default-src 'self'; frame-ancestors 'none'; base-uri 'self'; form-action 'self'"
DOCS_POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline';"
    " frame-ancestors 'none'"
)


class RequestIdMiddleware:
    """Gives each request an id, the caller's own if it sent a plain one, and returns it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked = request.headers.get("X-Request-ID", "")
        request_id = asked if _SAFE_ID.fullmatch(asked) else os.urandom(16).hex()
        request.META["tonglu.request_id"] = request_id
        response = self.get_response(request)
        response["X-Request-ID"] = request_id
        return response


class TrailingSlashMiddleware:
    """Answers `/api/…/` as `/api/…`, never by a redirect.

    Only the routed path changes: `request.path` stays as sent, because it is what was signed.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.endswith("/") and request.path_info.startswith(_SLASH_FREE):
            request.path_info = request.path_info.rstrip("/")
        return self.get_response(request)


class ChosenLanguageMiddleware:
    """Chinese, unless a person chose another language in the console; the doors are Chinese always.

    What a browser would accept is no choice: an operator's English browser shows Chinese.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        known = chosen in dict(settings.LANGUAGES) and not request.path_info.startswith("/api/")
        language = chosen if known else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
            if hasattr(response, "render") and not getattr(response, "is_rendered", True):
                response.render()
        response.headers.setdefault("Content-Language", language)
        return response


class ContentPolicyMiddleware:
    """Pages run nothing but our own files; the API's reading page has a policy of its own."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        docs = request.path_info.startswith("/api/docs")
        response.headers.setdefault(
            "Content-Security-Policy", DOCS_POLICY if docs else STRICT_POLICY
        )
        return response

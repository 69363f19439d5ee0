"""Programs' doors go straight to their views: no session, form token or message is for them.

What a browser needs besides cost a program's request a quarter of its time. Everything that stands
before `DirectDoorsMiddleware` (ids, https, sizes, policies) holds for both.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

GetResponse = Callable[[HttpRequest], HttpResponse]
# Not `/api/platform`, which the console's session opens too.
DIRECT = ("/api/v1/", "/api/external/", "/api/rider/")


class ViewsMiddleware:
    """Stands last: what it calls are the views. Django builds the last one first."""

    views: ClassVar[GetResponse]

    def __init__(self, get_response: GetResponse) -> None:
        ViewsMiddleware.views = staticmethod(get_response)
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)


class DirectDoorsMiddleware:
    """Stands before whatever only browsers need; answers in Chinese, with a length."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.views = ViewsMiddleware.views

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(DIRECT):
            return self.get_response(request)
        request.get_host()  # a host that is not ours is refused here as elsewhere
        with translation.override(settings.LANGUAGE_CODE):
            response = self.views(request)
        response.headers.setdefault("Content-Language", settings.LANGUAGE_CODE)
        if not response.streaming and not response.has_header("Content-Length"):
            response.headers["Content-Length"] = str(len(response.content))
        return response

"""Whoever acts from one page on something of another comes back to where he was."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

PARAMETER = "next"


def came_from(request: HttpRequest) -> str:
    """The page of this site that the address names as `next`; empty where it names none."""
    wanted = request.GET.get(PARAMETER, "")
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else ""

"""A rider's program proves a person by the same expiring token, in `Authorization` or `token`."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.request import Request

from accounts.authentication.signature import TenantCaller, TenantSignature
from accounts.authentication.tokens import PersonToken, known_token

__all__ = ["RiderToken", "TenantCaller", "TenantSignature"]


class RiderToken(PersonToken):
    """Reads `Authorization: Token …` or `Bearer …`, else the header `token` (S000's way)."""

    def authenticate(self, request: Request) -> tuple[AbstractBaseUser, Any] | None:
        """Return user and token, None without either header.

        :raises TokenInvalid: 401, whatever is wrong with it.
        """
        proved = super().authenticate(request)
        if proved is None and "token" in request.headers:
            return known_token(self, request.headers["token"])
        return proved


class _Token(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "accounts.authentication.riders.RiderToken"
    name = "RiderToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "description": "也可放在请求头 token 中。"}

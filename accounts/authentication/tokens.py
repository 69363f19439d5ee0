"""An expiring token proves a person; `Token` and `Bearer` are the same."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from knox.auth import TokenAuthentication
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.errors import TokenInvalid


class PersonToken(TokenAuthentication):  # type: ignore[misc]
    """Reads `Authorization: Token …` or `Bearer …`."""

    def authenticate(self, request: Request) -> tuple[AbstractBaseUser, Any] | None:
        """Return user and token, None without the header.

        :raises TokenInvalid: 401, whatever is wrong with it.
        """
        scheme, _, value = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() not in {"token", "bearer"}:
            return None
        return known_token(self, value)

    def authenticate_header(self, request: Any) -> str:
        """A missing proof is 401."""
        return "Token"


def known_token(proof: TokenAuthentication, value: str) -> tuple[AbstractBaseUser, Any]:
    """The user whose token this is, and its row.

    :raises TokenInvalid: unknown, expired or ended, or a user who is shut out.
    """
    try:
        user, token = proof.authenticate_credentials(value.strip().encode("utf-8", "replace"))
    except AuthenticationFailed:
        raise TokenInvalid from None
    return user, token


class ConsoleSession(SessionAuthentication):
    """The admin's session, with CSRF."""

    def authenticate_header(self, request: Any) -> str:
        """A missing proof is 401."""
        return "Session"

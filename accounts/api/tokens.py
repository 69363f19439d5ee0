"""`/api/platform/auth/token`: operators' programs get and end their tokens."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.auth import authenticate
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication.doors import OperatorDoor
from accounts.authentication.signature import TenantSignature
from accounts.authentication.tokens import PersonToken
from accounts.errors import LoginFailed
from accounts.services.logins import password_try
from accounts.services.operators import issue_token
from accounts.states import Role
from config.kernel.api.addresses import client_address
from config.kernel.api.serializers import StrictCharField, StrictSerializer


class LoginInput(StrictSerializer):
    """Who asks."""

    username = StrictCharField(max_length=150)
    password = StrictCharField(max_length=128, trim_whitespace=False)


class TokenOutput(serializers.Serializer[Any]):
    """A token, shown once."""

    token = serializers.CharField()
    expires_at = serializers.DateTimeField()


class TokenView(OperatorDoor):
    """Get (POST) and end (DELETE) a token."""

    roles = frozenset(Role.values)

    def get_permissions(self) -> list[Any]:
        """Nobody has a token yet who asks for one."""
        return [] if self.request.method == "POST" else list(super().get_permissions())

    def get_authenticators(self) -> list[Any]:
        """Only DELETE has a proof to read."""
        request: Request | None = self.request  # None while the OpenAPI document is made
        return (
            []
            if request is not None and request.method == "POST"
            else [PersonToken(), TenantSignature()]
        )

    @extend_schema(request=LoginInput, responses={200: TokenOutput}, auth=[])
    def post(self, request: Request) -> Response:
        """Get a token; wrong tries are throttled by account and by address."""
        given = self.body(request, LoginInput)
        username, address = given["username"], client_address(request._request)
        with password_try(username=username, address=address, door="platform") as tried:
            user = authenticate(request._request, **given)
            if user is None or not getattr(user, "is_staff", False):
                tried.failed()
                raise LoginFailed
        issued = issue_token(user=cast("Any", user))
        return Response(TokenOutput(issued).data)

    @extend_schema(request=None, responses={200: None})
    def delete(self, request: Request) -> Response:
        """End the token this request carries."""
        request.auth.delete()
        return Response(None)

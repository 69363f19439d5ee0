"""`/api/rider/login`: riders' programs get and end their tokens."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.auth import authenticate
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.errors import LoginFailed
from accounts.services.logins import password_try
from accounts.services.operators import issue_token
from config.kernel.api.addresses import client_address
from delivery.api.rider.door import RiderDoor
from delivery.api.rider.inputs import RiderLoginInput
from delivery.api.rider.outputs import RiderTokenOutput, present_rider
from delivery.errors import RiderDisabled
from delivery.queries.riders import rider_of_user


class LoginView(RiderDoor):
    """Get (POST) and end (DELETE) a token."""

    def get_permissions(self) -> list[Any]:
        """Nobody has a token yet who asks for one."""
        return [] if self.request.method == "POST" else list(super().get_permissions())

    def get_authenticators(self) -> list[Any]:
        """Only DELETE has a proof to read."""
        request: Request | None = self.request  # None while the OpenAPI document is made
        asks = request is not None and request.method == "POST"
        return [] if asks else list(super().get_authenticators())

    @extend_schema(
        operation_id="rider_login",
        request=RiderLoginInput,
        responses={200: RiderTokenOutput},
        auth=[],
        examples=[
            OpenApiExample(
                "登录", value={"username": "lifei", "password": "riding-2026"}, request_only=True
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Get a token for 12 hours; wrong tries are throttled by account and by address."""
        given = self.body(request, RiderLoginInput)
        username, address = given["username"], client_address(request._request)
        with password_try(username=username, address=address, door="rider") as tried:
            user = cast("Any", authenticate(request._request, **given))
            rider = None if user is None or user.is_staff else rider_of_user(user.pk)
            if rider is None:
                tried.failed()
                raise LoginFailed
        if not rider.enabled:
            raise RiderDisabled
        issued = issue_token(user=user)
        return Response(
            {
                "token": issued.token,
                "expires_at": timezone.localtime(issued.expires_at).isoformat(),
                "rider": present_rider(rider),
            }
        )

    @extend_schema(operation_id="rider_logout", request=None, responses={200: None})
    def delete(self, request: Request) -> Response:
        """End the token this request carries."""
        request.auth.delete()
        return Response(None)

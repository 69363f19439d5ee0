"""`/api/v1/callbacks/endpoints`, `/pause`, `/resume`: a tenant's servers, and a rest for them."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.shapes import EndpointOutput, present_endpoint
from accounts.authentication.doors import TenantDoor
from accounts.queries.callbacks import callback_url, tenant_endpoints, waiting_by_endpoint
from accounts.services.outbox.endpoints import pause_all, resume_all
from config.kernel.api.pagination import known_parameters
from config.kernel.api.serializers import NothingInput, StrictSerializer, optional_text

BY_TENANT = "租户自行暂停"


class PauseInput(StrictSerializer):
    """Why, for those who look at it later."""

    reason = optional_text(180)


class EndpointsOutput(serializers.Serializer[Any]):
    """All of them."""

    items = EndpointOutput(many=True)


class EndpointsDoor(TenantDoor):
    """What the views of endpoints answer with."""

    def shown(self) -> Response:
        """The caller's endpoints of its mode, that of its own URL first."""
        caller = self.caller
        whose: dict[str, Any] = {"tenant_id": caller.tenant_id, "is_test": caller.is_test}
        url, waiting = callback_url(caller.tenant_id), waiting_by_endpoint(**whose)
        items = [
            present_endpoint(endpoint, caller.zone, url, waiting)
            for endpoint in tenant_endpoints(**whose)
        ]
        return Response({"items": items})


class EndpointsView(EndpointsDoor):
    """Look."""

    @extend_schema(operation_id="list_callback_endpoints", responses={200: EndpointsOutput})
    def get(self, request: Request) -> Response:
        """How each server does, and what waits for it; one comes to be with its first event."""
        known_parameters(request.query_params)
        return self.shown()


class PauseView(EndpointsDoor):
    """Pause."""

    @extend_schema(
        operation_id="pause_callbacks",
        request=PauseInput,
        responses={200: EndpointsOutput},
        examples=[OpenApiExample("维护", value={"reason": "机房维护"}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Nothing more is sent to any server of the caller's mode; what happens is kept."""
        reason = self.body(request, PauseInput).get("reason")
        caller = self.caller
        pause_all(
            tenant_id=caller.tenant_id,
            is_test=caller.is_test,
            reason=f"{BY_TENANT}：{reason}" if reason else BY_TENANT,
            at=timezone.now(),
        )
        return self.shown()


class ResumeView(EndpointsDoor):
    """Resume."""

    @extend_schema(
        operation_id="resume_callbacks", request=NothingInput, responses={200: EndpointsOutput}
    )
    def post(self, request: Request) -> Response:
        """All that waited goes out, in the order of each order."""
        self.body(request, NothingInput)
        caller = self.caller
        resume_all(tenant_id=caller.tenant_id, is_test=caller.is_test, at=timezone.now())
        return self.shown()

"""`/api/v1/credentials`: a tenant's keys of the caller's mode: seen, changed over, revoked."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.shapes import CredentialOutput, present_credential
from accounts.authentication.doors import TenantDoor
from accounts.queries.credentials import tenant_credentials
from accounts.services.credentials import revoke_own_credential, rotate_credential
from config.kernel.api.filtering import PAGE_PARAMETERS
from config.kernel.api.outputs import listing
from config.kernel.api.pagination import PAGING, known_parameters, page_of
from config.kernel.api.serializers import NothingInput
from config.kernel.work.claims import again_if_deadlocked


class IssuedOutput(serializers.Serializer[Any]):
    """A new key; `api_secret` is shown once. `revoked_key_id` stopped working for it."""

    api_key = serializers.CharField()
    api_secret = serializers.CharField()
    mode = serializers.CharField()
    revoked_key_id = serializers.CharField(allow_null=True)


class CredentialsView(TenantDoor):
    """Look."""

    @extend_schema(
        operation_id="list_credentials",
        parameters=PAGE_PARAMETERS,
        responses={200: listing("Credentials", CredentialOutput)},
    )
    def get(self, request: Request) -> Response:
        """Those of the caller's mode, newest first, revoked ones too."""
        known_parameters(request.query_params, *PAGING)
        caller = self.caller
        rows = tenant_credentials(tenant_id=caller.tenant_id, is_test=caller.is_test)
        return Response(
            page_of(
                rows,
                request.query_params,
                lambda row: present_credential(row, caller.zone, caller.key_id),
            )
        )


class RotateView(TenantDoor):
    """One key more."""

    shows_secret = True

    @extend_schema(
        operation_id="rotate_credential", request=NothingInput, responses={201: IssuedOutput}
    )
    def post(self, request: Request) -> Response:
        """A second key; both work. A third revokes the oldest, even one that signs this request.

        Send an `Idempotency-Key`: a lost answer is given again.
        """
        self.body(request, NothingInput)
        return Response(again_if_deadlocked(self._rotate), status=201)

    def _rotate(self) -> dict[str, Any]:
        caller = self.caller
        with transaction.atomic():
            made = rotate_credential(
                tenant_id=caller.tenant_id, is_test=caller.is_test, at=timezone.now()
            )
            answer = {
                "api_key": made.issued.key_id,
                "api_secret": made.issued.secret,
                "mode": str(made.issued.mode),
                "revoked_key_id": made.revoked_key_id,
            }
            self.keep(answer, status=201)
        return answer


class RevokeView(TenantDoor):
    """Revoke one."""

    @extend_schema(
        operation_id="revoke_credential", request=NothingInput, responses={200: CredentialOutput}
    )
    def post(self, request: Request, key_id: str) -> Response:
        """It stops working within 30 seconds; the key that signs this request is refused."""
        self.body(request, NothingInput)
        caller = self.caller
        row = again_if_deadlocked(
            lambda: revoke_own_credential(
                tenant_id=caller.tenant_id,
                is_test=caller.is_test,
                key_id=key_id,
                signed_by=caller.key_id,
                at=timezone.now(),
            )
        )
        return Response(present_credential(row, caller.zone, caller.key_id))

"""`/api/v1/callbacks/settings`, `/rotate-secret`, `/verify-signature`: where to, and how signed."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication.doors import TenantDoor
from accounts.queries.callbacks import callback_settings
from accounts.services.callback_settings import change_own_callback, rotate_callback_secret
from accounts.services.outbox.verifying import REASONS, Signed, verify_signature
from accounts.states import CallbackAck
from config.kernel.api.pagination import known_parameters
from config.kernel.api.serializers import NothingInput, StrictCharField, StrictSerializer
from config.kernel.work.claims import again_if_deadlocked


class SettingsInput(StrictSerializer):
    """What is not sent stays; an empty URL: events are kept, and not sent."""

    callback_url = StrictCharField(max_length=500, allow_blank=True, required=False)
    ack = serializers.ChoiceField(
        choices=CallbackAck.values,
        required=False,
        error_messages={"invalid_choice": f"只能是 {'、'.join(CallbackAck.values)}。"},
    )


class SettingsOutput(serializers.Serializer[Any]):
    """Where events go, to which hosts they may, and what counts as delivered."""

    callback_url = serializers.CharField(allow_null=True)
    callback_hosts = serializers.ListField(child=serializers.CharField())
    ack = serializers.CharField(help_text=" | ".join(CallbackAck.values))
    secret_set = serializers.BooleanField()
    previous_valid_until = serializers.DateTimeField(allow_null=True)


class SecretOutput(serializers.Serializer[Any]):
    """The new secret, shown once; the old one signs beside it until then."""

    callback_secret = serializers.CharField()
    previous_valid_until = serializers.DateTimeField()


class VerifyInput(StrictSerializer):
    """What a server received: three headers and the body as text, unchanged."""

    id = StrictCharField(max_length=200)
    timestamp = StrictCharField(max_length=30)
    signature = StrictCharField(max_length=2000)
    body = StrictCharField(max_length=60_000, allow_blank=True, trim_whitespace=False)


class VerdictOutput(serializers.Serializer[Any]):
    """Whether it verifies, and what is wrong where it does not."""

    valid = serializers.BooleanField()
    reason = serializers.CharField(help_text=" | ".join(REASONS))
    message = serializers.CharField()
    expected_hint = serializers.CharField(allow_null=True, help_text="正确签名的开头几位")


class SettingsView(TenantDoor):
    """Read and change."""

    @extend_schema(operation_id="get_callback_settings", responses={200: SettingsOutput})
    def get(self, request: Request) -> Response:
        """As they are in force; the list of hosts is the platform's to change."""
        known_parameters(request.query_params)
        return self.shown()

    @extend_schema(
        operation_id="save_callback_settings",
        request=SettingsInput,
        responses={200: SettingsOutput},
        examples=[OpenApiExample("任何 2xx 即送达", value={"ack": "http"}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """A URL whose host is not on the list is refused, naming it, and nothing is changed."""
        given = self.body(request, SettingsInput)
        change_own_callback(
            tenant_id=self.caller.tenant_id, url=given.get("callback_url"), ack=given.get("ack")
        )
        return self.shown()

    def shown(self) -> Response:
        """The settings."""
        tenant, zone = callback_settings(self.caller.tenant_id), self.caller.zone
        until = tenant.previous_secret_until
        signs_too = until is not None and until > timezone.now()
        return Response({
            "callback_url": tenant.callback_url or None,
            "callback_hosts": tenant.callback_hosts,
            "ack": tenant.callback_ack,
            "secret_set": bool(tenant.callback_secret),
            "previous_valid_until": until.astimezone(zone).isoformat()
            if until and signs_too else None,
        })  # fmt: skip


class RotateSecretView(TenantDoor):
    """A new secret."""

    shows_secret = True

    @extend_schema(
        operation_id="rotate_callback_secret", request=NothingInput, responses={200: SecretOutput}
    )
    def post(self, request: Request) -> Response:
        """The old one signs too for 24 hours; send an `Idempotency-Key`, a lost answer is kept."""
        self.body(request, NothingInput)
        return Response(again_if_deadlocked(self._rotate))

    def _rotate(self) -> dict[str, Any]:
        with transaction.atomic():
            made = rotate_callback_secret(tenant_id=self.caller.tenant_id, at=timezone.now())
            until = made.previous_valid_until.astimezone(self.caller.zone)
            answer = {
                "callback_secret": made.callback_secret,
                "previous_valid_until": until.isoformat(),
            }
            self.keep(answer)
        return answer


class VerifyView(TenantDoor):
    """Help with signatures."""

    @extend_schema(
        operation_id="verify_callback_signature",
        request=VerifyInput,
        responses={200: VerdictOutput},
        examples=[
            OpenApiExample(
                "Standard Webhooks",
                description="公开的测试向量，密钥为 whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw；"
                "以您自己的密钥校验，结果自然是 mismatch。",
                value={
                    "id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
                    "timestamp": "1614265330",
                    "signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
                    "body": '{"test": 2432232314}',
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Compares as your server should, and names the mistake: encoding, time, secret or body."""
        given = self.body(request, VerifyInput)
        verdict = verify_signature(
            tenant_id=self.caller.tenant_id,
            is_test=self.caller.is_test,
            signed=Signed(
                event_id=given["id"],
                timestamp=given["timestamp"],
                signature=given["signature"],
                body=given["body"].encode(),
            ),
            at=timezone.now(),
        )
        return Response({
            "valid": verdict.valid,
            "reason": verdict.reason,
            "message": verdict.text,
            "expected_hint": verdict.hint,
        })  # fmt: skip

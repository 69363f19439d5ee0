"""How events, attempts, endpoints and keys are shown to their tenant; a key is always present."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rest_framework import serializers

from accounts.models import ApiCredential, CallbackAttempt, CallbackEndpoint, TenantEvent
from accounts.queries.callbacks import endpoint_state
from accounts.services.outbox.bodies import event_body
from accounts.states import AttemptOutcome, CredentialStatus, EndpointState, EventStatus, Mode


def _words(values: list[str]) -> str:
    return " | ".join(values)


class EventLine(serializers.Serializer[Any]):
    """An event in the callback log."""

    event_id = serializers.CharField()
    event_type = serializers.CharField()
    order_no = serializers.CharField()
    external_order_no = serializers.CharField(allow_null=True)
    sequence = serializers.IntegerField()
    status = serializers.CharField(help_text=_words(EventStatus.values))
    attempts = serializers.IntegerField()
    refusals = serializers.IntegerField()
    due_at = serializers.DateTimeField(allow_null=True)
    first_attempt_at = serializers.DateTimeField(allow_null=True)
    delivered_at = serializers.DateTimeField(allow_null=True)
    last_status = serializers.IntegerField(allow_null=True)
    last_error = serializers.CharField(allow_null=True)
    url = serializers.CharField(allow_null=True, help_text="推送的目标地址；null：未设置")
    is_test = serializers.BooleanField()
    occurred_at = serializers.DateTimeField()
    created_at = serializers.DateTimeField()


class Payload(serializers.Serializer[Any]):
    """The body as it is sent; what the order's kind adds stands beside these."""

    external_order_no = serializers.CharField(allow_null=True)
    order_no = serializers.CharField()
    status = serializers.JSONField(help_text="配送单为整数 0–4，快递单为状态单词")
    status_text = serializers.CharField()
    rider_name = serializers.CharField(allow_null=True)
    rider_phone = serializers.CharField(allow_null=True)
    event_id = serializers.CharField()
    event_type = serializers.CharField()
    sequence = serializers.IntegerField()
    occurred_at = serializers.DateTimeField()
    is_test = serializers.BooleanField()


class AttemptLine(serializers.Serializer[Any]):
    """One call to the tenant's server; the answer is cut at 2 kB and masked."""

    number = serializers.IntegerField()
    time = serializers.DateTimeField()
    outcome = serializers.CharField(help_text=_words(AttemptOutcome.values))
    http_status = serializers.IntegerField(allow_null=True)
    duration_ms = serializers.IntegerField()
    url = serializers.CharField()
    answer = serializers.CharField(allow_null=True)
    error = serializers.CharField(allow_null=True)


class EventDetail(EventLine):
    """An event whole: with its body and its last attempts, newest first."""

    payload = Payload()
    attempt_log = AttemptLine(many=True)


class EndpointOutput(serializers.Serializer[Any]):
    """One server of the tenant; `host` null: that of its own callback URL."""

    host = serializers.CharField(allow_null=True)
    url = serializers.CharField(allow_null=True)
    state = serializers.CharField(help_text=_words(EndpointState.values))
    failing_since = serializers.DateTimeField(allow_null=True)
    paused_at = serializers.DateTimeField(allow_null=True)
    paused_reason = serializers.CharField(allow_null=True)
    last_attempt_at = serializers.DateTimeField(allow_null=True)
    last_success_at = serializers.DateTimeField(allow_null=True)
    waiting = serializers.IntegerField(help_text="尚未送达的事件数，全部合计最多计到 10001")


class CredentialOutput(serializers.Serializer[Any]):
    """A key; its secret was shown once, when it was made."""

    key_id = serializers.CharField()
    mode = serializers.CharField(help_text=_words(Mode.values))
    status = serializers.CharField(help_text=_words(CredentialStatus.values))
    signed_this = serializers.BooleanField(help_text="本次请求即由此密钥签名")
    created_at = serializers.DateTimeField()
    revoked_at = serializers.DateTimeField(allow_null=True)


def _time(value: datetime | None, zone: ZoneInfo) -> str | None:
    return value.astimezone(zone).isoformat() if value is not None else None


def present_event(event: TenantEvent, zone: ZoneInfo, default_url: str) -> dict[str, Any]:
    """An event in a list; `default_url` is where those go that name no URL of their own."""
    return {
        "event_id": event.event_id,
        "event_type": event.event_type,
        "order_no": event.order_no,
        "external_order_no": event.external_order_no,
        "sequence": event.sequence,
        "status": event.status,
        "attempts": event.attempts,
        "refusals": event.refusals,
        "due_at": _time(event.due_at, zone),
        "first_attempt_at": _time(event.first_attempt_at, zone),
        "delivered_at": _time(event.delivered_at, zone),
        "last_status": event.last_status,
        "last_error": event.last_error,
        "url": event.url or default_url or None,
        "is_test": event.is_test,
        "occurred_at": _time(event.occurred_at, zone),
        "created_at": _time(event.created_at, zone),
    }


def payload_of(event: TenantEvent, zone: ZoneInfo) -> dict[str, Any]:
    """The body as it is sent."""
    payload: dict[str, Any] = json.loads(event_body(event, zone))
    return payload


def payload_presenter(zone: ZoneInfo) -> Callable[[TenantEvent], dict[str, Any]]:
    """`payload_of` for one tenant's zone."""
    return lambda event: payload_of(event, zone)


def present_attempt(attempt: CallbackAttempt, zone: ZoneInfo) -> dict[str, Any]:
    """One call."""
    return {
        "number": attempt.number,
        "time": _time(attempt.created_at, zone),
        "outcome": attempt.outcome,
        "http_status": attempt.http_status,
        "duration_ms": attempt.duration_ms,
        "url": attempt.url,
        "answer": attempt.answer,
        "error": attempt.error,
    }


def present_endpoint(
    endpoint: CallbackEndpoint, zone: ZoneInfo, default_url: str, waiting: Mapping[int, int]
) -> dict[str, Any]:
    """One server."""
    return {
        "host": endpoint.host or None,
        "url": None if endpoint.host else default_url or None,
        "state": endpoint_state(endpoint).value,
        "failing_since": _time(endpoint.failing_since, zone),
        "paused_at": _time(endpoint.paused_at, zone),
        "paused_reason": endpoint.paused_reason,
        "last_attempt_at": _time(endpoint.last_attempt_at, zone),
        "last_success_at": _time(endpoint.last_success_at, zone),
        "waiting": waiting.get(endpoint.pk, 0),
    }


def present_credential(row: ApiCredential, zone: ZoneInfo, signed_by: str) -> dict[str, Any]:
    """A key, without its secret."""
    return {
        "key_id": row.key_id,
        "mode": row.mode,
        "status": row.status,
        "signed_this": row.key_id == signed_by,
        "created_at": _time(row.created_at, zone),
        "revoked_at": _time(row.revoked_at, zone),
    }

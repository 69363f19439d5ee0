"""Tables of accounts."""

from __future__ import annotations

from accounts.models.identity import (
    ApiCredential,
    IdempotencyKey,
    RequestNonce,
    SecurityEvent,
    Tenant,
    User,
    check_zone,
)
from accounts.models.outbox import CallbackAttempt, CallbackEndpoint, TenantEvent

__all__ = [
    "ApiCredential",
    "CallbackAttempt",
    "CallbackEndpoint",
    "IdempotencyKey",
    "RequestNonce",
    "SecurityEvent",
    "Tenant",
    "TenantEvent",
    "User",
    "check_zone",
]

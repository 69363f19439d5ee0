"""Reads of accounts: each file one kind of question, none of them writes."""

from __future__ import annotations

from accounts.queries.tenants import (
    CallbackAddresses,
    TenantInfo,
    callback_addresses,
    tenant_by_code,
    tenant_by_id,
    tenants_by_id,
)

__all__ = [
    "CallbackAddresses",
    "TenantInfo",
    "callback_addresses",
    "tenant_by_code",
    "tenant_by_id",
    "tenants_by_id",
]

"""From a request to who sent it: tenants by signature, operators by token or session."""

from __future__ import annotations

from accounts.authentication.doors import OperatorDoor, TenantDoor
from accounts.authentication.signature import TenantCaller, signature

__all__ = ["OperatorDoor", "TenantCaller", "TenantDoor", "signature"]

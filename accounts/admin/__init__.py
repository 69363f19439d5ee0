"""公司管理 and 用户管理: tenants, their keys, users, roles, and what did not verify."""

from __future__ import annotations

from accounts.admin import credentials, endpoints, events, roles, security, tenants, users

__all__ = ["credentials", "endpoints", "events", "roles", "security", "tenants", "users"]

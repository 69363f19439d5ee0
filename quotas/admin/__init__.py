"""租户配额: what a tenant may send, the ledger of what it sent, and its closed periods."""

from __future__ import annotations

from quotas.admin import details, quotas, statements

__all__ = ["details", "quotas", "statements"]

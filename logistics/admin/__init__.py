"""物流控制台: the operators' pages of logistics."""

from __future__ import annotations

from logistics.admin import accounts, callbacks, calls, freight, orders, rules

__all__ = ["accounts", "callbacks", "calls", "freight", "orders", "rules"]

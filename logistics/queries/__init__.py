"""Reads of logistics: each file one kind of question, none of them writes."""

from __future__ import annotations

from logistics.queries.orders import HEAVY, tenant_order, tenant_orders

__all__ = ["HEAVY", "tenant_order", "tenant_orders"]

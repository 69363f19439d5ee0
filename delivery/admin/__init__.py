"""配送控制台: the operators' pages of delivery."""

from __future__ import annotations

from delivery.admin import offers, orders, preferences, prices, riders

__all__ = ["offers", "orders", "preferences", "prices", "riders"]

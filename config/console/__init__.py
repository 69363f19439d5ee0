"""The operators' console: the stock Django admin under our name."""

from __future__ import annotations

from config.console.site import ConsoleSite

__all__ = ["ConsoleSite"]

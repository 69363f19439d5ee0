"""Goods come as a tenant wrote them: JSON, or a text that is none."""

from __future__ import annotations

import json


def goods_lines(text: str) -> str:
    """One line for each item with all that is said of it, divided by points."""
    try:
        found = json.loads(text) if text else ""
    except ValueError:
        return text
    items = found if isinstance(found, list) else [found]
    return "\n".join(
        " · ".join(map(str, item.values())) if isinstance(item, dict) else str(item)
        for item in items
    )

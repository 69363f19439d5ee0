"""JSON as people read it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

# A message within a form within a log: no deeper.
DEEPEST = 4


def pretty(value: Any, show: Callable[[Any], Any] = lambda value: value) -> SafeString:
    """Indented, escaped, as `show` lets it be seen; `console/details.css` gives it the width."""
    text = json.dumps(show(unpacked(value)), ensure_ascii=False, indent=2)
    return format_html('<pre class="json">{}</pre>', text)


def unpacked(value: Any, depth: int = DEEPEST) -> Any:
    """The value with texts that are JSON themselves opened."""
    if isinstance(value, dict):
        return {name: unpacked(inner, depth) for name, inner in value.items()}
    if isinstance(value, list):
        return [unpacked(inner, depth) for inner in value]
    if depth and isinstance(value, str) and value[:1] in {"{", "["}:
        try:
            return unpacked(json.loads(value), depth - 1)
        except (ValueError, RecursionError):
            return value
    return value

"""The few hot statements, made once: rows written and read as `save()` and `filter()` would."""

from __future__ import annotations

from config.kernel.rows.reading import read
from config.kernel.rows.writing import insert, insert_all, update

__all__ = ["insert", "insert_all", "read", "update"]

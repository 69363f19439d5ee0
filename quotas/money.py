"""Yuan with two places and integer fen, turned into each other exactly."""

from __future__ import annotations

from decimal import Decimal

_CENT = Decimal("0.01")


def to_minor(yuan: Decimal) -> int:
    """Fen of an amount that a column of two places holds."""
    return int(yuan.quantize(_CENT) * 100)


def to_yuan(minor: int) -> Decimal:
    """Yuan with two places."""
    return (Decimal(minor) / 100).quantize(_CENT)

"""Cainiao's side of the wire: verifies, answers and calls back as strictly as the real gateway.

A product of its own, hosted by a world (`config.sandbox`) that is handed in: keys and state are
in memory, no Django, and no code shared with the client beside it, or one mistake would pass on
both sides. Vectors that both are pinned to are in tests/sandbox/test_signatures.py.
"""

from __future__ import annotations

from logistics.carriers.cainiao.sandbox.accounts import Account
from logistics.carriers.cainiao.sandbox.gateway import CainiaoSandbox

__all__ = ["Account", "CainiaoSandbox"]

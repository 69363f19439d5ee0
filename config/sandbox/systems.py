"""The outside systems that a world hosts, in one table; a new one is a row here.

Each comes with one built-in account, so that test-mode credentials and the demo work without any
configuration. Its secret follows from SECRET_KEY: the application derives the same.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable

from config.sandbox.world import System, World
from logistics.carriers.cainiao.sandbox import Account, CainiaoSandbox

BUILT_IN_KEY = "tonglu-sandbox"


def built_in_secret(secret_key: str, system: str) -> str:
    """Return hex HMAC-SHA256 of `sandbox/<system>` under SECRET_KEY."""
    return hmac.new(secret_key.encode(), f"sandbox/{system}".encode(), hashlib.sha256).hexdigest()


def _cainiao(world: World, secret: str, callback_base: str) -> System:
    url = f"{callback_base}/api/platform/cainiao/callback" if callback_base else ""
    return CainiaoSandbox(world, [Account(BUILT_IN_KEY, secret, callback_url=url)])


SYSTEMS: dict[str, Callable[[World, str, str], System]] = {
    "cainiao": _cainiao,
}


def populate(world: World, *, secret_key: str, callback_base: str) -> None:
    """Host every system; callbacks go to `callback_base` (scheme and host), or nowhere if empty."""
    for name, build in SYSTEMS.items():
        world.host(build(world, built_in_secret(secret_key, name), callback_base.rstrip("/")))

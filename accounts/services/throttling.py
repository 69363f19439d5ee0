"""A tenant sends no more requests a minute than it was given, and is told how many are left.

Counted in windows of one minute by the clock, for test and live apart; what is not counted in
time (a cache that is away or full) is let in: the throttle protects others, it proves nothing.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from accounts.services.security import count_one
from config.kernel.errors import Throttled

log = logging.getLogger(__name__)
WINDOW_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many requests of `limit` remain, until the unix second `reset`."""

    limit: int
    remaining: int
    reset: int


def take_request(*, tenant_id: int, is_test: bool, limit: int, at: datetime) -> Allowance:
    """Count one request; returns what is left.

    :raises Throttled: `limit` were taken in this minute; with when to come back, and the spent
        `allowance` in its data.
    """
    now = int(at.timestamp())
    window = now // WINDOW_SECONDS
    reset = (window + 1) * WINDOW_SECONDS
    mode = "test" if is_test else "live"
    try:
        # Twice the window: a clock that stands still for a moment forgets nothing.
        taken = count_one(f"requests:{tenant_id}:{mode}:{window}", 2 * WINDOW_SECONDS)
    except Exception as exc:  # noqa: BLE001 - whatever client the cache has
        log.warning("a request was not counted: %s", type(exc).__name__)
        taken = 1
    if taken > limit:
        spent = Allowance(limit, 0, reset)
        raise Throttled(retry_after=max(1, reset - now), allowance=spent)
    return Allowance(limit, limit - taken, reset)

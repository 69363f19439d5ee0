"""What did not verify leaves a trace that cannot be used to fill our tables."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from django.core.cache import cache

from accounts.models import SecurityEvent
from config.kernel.text import clip

PER_MINUTE = 30


def count_one(key: str, seconds: int) -> int:
    """Add one to a count that is forgotten after `seconds`; returns what it comes to."""
    # Most counts are going on: one that is not is begun, by one of those who find none.
    for _ in range(2):
        with suppress(ValueError):
            return cache.incr(key)
        if cache.add(key, 1, seconds):
            return 1
    # Its time was over just now, or a full cache let go of it.
    cache.set(key, 1, seconds)
    return 1


def uncount_one(key: str) -> None:
    """Take one from a count again, if it is not forgotten."""
    with suppress(ValueError):
        cache.decr(key)


def log_unverified(*, door: str, reason: str, address: str, digest: str, at: datetime) -> bool:
    """Keep time, address and digest; at most 30 a minute per address. False when dropped."""
    if count_one(f"unverified:{address}:{int(at.timestamp()) // 60}", 120) > PER_MINUTE:
        return False
    SecurityEvent.objects.create(
        door=clip(door, 40),
        reason=clip(reason, 60),
        address=clip(address, 50),
        digest=clip(digest, 64),
        created_at=at,
    )
    return True

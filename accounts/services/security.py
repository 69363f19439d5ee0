"""What did not verify leaves a trace that cannot be used to fill our tables."""

from __future__ import annotations

from datetime import datetime

from django.core.cache import cache

from accounts.models import SecurityEvent
from config.kernel.text import clip

PER_MINUTE = 30


def log_unverified(*, door: str, reason: str, address: str, digest: str, at: datetime) -> bool:
    """Keep time, address and digest; at most 30 a minute per address. False when dropped."""
    key = f"unverified:{address}:{int(at.timestamp()) // 60}"
    cache.add(key, 0, 120)
    if cache.incr(key) > PER_MINUTE:
        return False
    SecurityEvent.objects.create(
        door=clip(door, 40),
        reason=clip(reason, 60),
        address=clip(address, 50),
        digest=clip(digest, 64),
        created_at=at,
    )
    return True

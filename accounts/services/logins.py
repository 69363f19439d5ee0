"""Wrong passwords are counted by account and by address, at every door the same count."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth import get_user_model
from django.core.cache import cache

from accounts.services.security import count_one, log_unverified
from config.kernel.encryption import lookup_hash
from config.kernel.errors import Throttled

TRIES, WINDOW_SECONDS = 10, 300


def refuse_if_throttled(*, username: str, address: str) -> None:
    """Let nobody try a password for an account or from an address that had ten wrong ones.

    :raises Throttled: with when to try again.
    """
    counts = cache.get_many(_keys(username, address))
    if any(count >= TRIES for count in counts.values()):
        raise Throttled(retry_after=WINDOW_SECONDS)


def note_failure(*, username: str, address: str, door: str, at: datetime) -> None:
    """Count a wrong password for five minutes, and keep who knocked where in the security log."""
    for key in _keys(username, address):
        count_one(key, WINDOW_SECONDS)
    log_unverified(
        door=door, reason="login_failed", address=address, digest=lookup_hash(username), at=at
    )


def _keys(username: str, address: str) -> list[str]:
    """An address nobody knows is nobody's: it must not lock out everybody."""
    name = get_user_model().normalize_username(username)
    keys = [f"login:account:{lookup_hash(name)}"]
    return [*keys, f"login:address:{address}"] if address else keys

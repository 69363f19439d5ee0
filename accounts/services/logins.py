"""Wrong passwords are counted by account and by address, at every door the same count.

A try is counted before its password is looked at, and forgotten where it was right: however many
try at one moment, no more than ten are wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.utils import timezone

from accounts.services.security import count_one, log_unverified, uncount_one
from config.kernel.encryption import lookup_hash
from config.kernel.errors import Throttled

TRIES, WINDOW_SECONDS = 10, 300


@dataclass(slots=True)
class PasswordTry:
    """One password looked at; right until it is said to be wrong."""

    username: str
    address: str
    door: str
    wrong: bool = False

    def failed(self) -> None:
        """Have it stay counted for five minutes; who knocked where is in the security log."""
        self.wrong = True
        digest = lookup_hash(self.username)
        log_unverified(
            door=self.door, reason="login_failed", address=self.address, digest=digest,
            at=timezone.now(),
        )  # fmt: skip


@contextmanager
def password_try(*, username: str, address: str, door: str) -> Iterator[PasswordTry]:
    """Around the look at a password; call `failed` on what it gives where it was wrong.

    :raises Throttled: ten were wrong for the account or from the address; with when to try again.
    """
    keys = _keys(username, address)
    _reserve(keys)
    tried = PasswordTry(username, address, door)
    try:
        yield tried
    finally:
        if not tried.wrong:
            _give_back(keys)


def _reserve(keys: list[str]) -> None:
    """Count one at every key, or at none."""
    for number, key in enumerate(keys, start=1):
        if count_one(key, WINDOW_SECONDS) > TRIES:
            _give_back(keys[:number])
            raise Throttled(retry_after=WINDOW_SECONDS)


def _give_back(keys: list[str]) -> None:
    for key in keys:
        uncount_one(key)


def _keys(username: str, address: str) -> list[str]:
    """An address nobody knows is nobody's: it must not lock out everybody."""
    name = get_user_model().normalize_username(username)
    keys = [f"login:account:{lookup_hash(name)}"]
    return [*keys, f"login:address:{address}"] if address else keys

"""An account is who may call, with which signature, and where its callbacks go."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from logistics.carriers.cainiao.sandbox.signatures import SIGN_METHODS
from logistics.carriers.cainiao.sandbox.statuses import VOCABULARIES

FIELDS = frozenset(
    {
        "app_key",
        "app_secret",
        "callback_url",
        "callback_secret",
        "sign_method",
        "status_words",
    }
)


@dataclass(frozen=True)
class Account:
    """Callbacks are signed with `callback_secret` if there is one, else with `app_secret`."""

    app_key: str
    app_secret: str = field(repr=False)
    callback_url: str = ""
    callback_secret: str = field(default="", repr=False)
    sign_method: str = "link"
    status_words: str = "names"

    @classmethod
    def from_fields(cls, fields: Mapping[str, object]) -> Account:
        """Check what control was given; raise ValueError with a sentence."""
        if unknown := set(fields) - FIELDS:
            msg = f"unknown fields: {', '.join(sorted(unknown))}"
            raise ValueError(msg)
        texts = {name: str(value) for name, value in fields.items() if value is not None}
        account = cls(**{"app_key": "", "app_secret": "", **texts})
        if not account.app_key or not account.app_secret:
            msg = "app_key and app_secret are required"
            raise ValueError(msg)
        if account.sign_method not in SIGN_METHODS:
            msg = f"sign_method must be one of: {', '.join(SIGN_METHODS)}"
            raise ValueError(msg)
        if account.status_words not in VOCABULARIES:
            msg = f"status_words must be one of: {', '.join(VOCABULARIES)}"
            raise ValueError(msg)
        parts = urlsplit(account.callback_url)
        if account.callback_url and (parts.scheme not in ("http", "https") or not parts.hostname):
            msg = "callback_url must be an http or https address, or empty"
            raise ValueError(msg)
        return account

    @property
    def signing_secret(self) -> str:
        """What its callbacks are signed with."""
        return self.callback_secret or self.app_secret


class Accounts:
    """Accounts by app_key, safe from any thread; `reset` returns to the first ones."""

    def __init__(self, first: tuple[Account, ...]) -> None:
        """Begin with these."""
        self._first = first
        self._lock = threading.Lock()
        self._known = {account.app_key: account for account in first}

    def put(self, account: Account) -> None:
        """Add, or take the place of the one with this key."""
        with self._lock:
            self._known[account.app_key] = account

    def find(self, app_key: str) -> Account | None:
        """Return the account of this key."""
        with self._lock:
            return self._known.get(app_key)

    def all(self) -> list[Account]:
        """Return every account, the oldest first."""
        with self._lock:
            return list(self._known.values())

    def reset(self) -> None:
        """Forget those that were added."""
        with self._lock:
            self._known = {account.app_key: account for account in self._first}

"""A sandbox with a manual clock, and one whose callbacks somebody receives."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from config.sandbox import Sandbox, running
from tests.sandbox.receiver import Receiver, receiving


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with running() as found:
        yield found


@pytest.fixture
def receiver(sandbox: Sandbox) -> Iterator[Receiver]:
    """Receives the callbacks of the built-in account."""
    with receiving(sandbox.secret()) as found:
        sandbox.account(
            app_key=sandbox.app_key,
            app_secret=sandbox.secret(),
            callback_url=f"{found.url}/callback",
        )
        yield found

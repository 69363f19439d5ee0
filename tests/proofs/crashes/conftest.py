"""The sandbox outlives every child: it is served by this process, over real HTTP."""

from __future__ import annotations

import importlib
from collections.abc import Iterator

import pytest

from config.sandbox import running
from logistics.services import accounts
from tests.outbox.receiver import receiving
from tests.proofs.crashes.ground import Door, Ground


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--point`."""
    parser.addoption("--point", type=int, help="die at this point of each story only")


@pytest.fixture
def only_point(request: pytest.FixtureRequest) -> int | None:
    # Unknown where the proofs are run from a folder above: then all points are meant.
    return request.config.getoption("--point", default=None)


@pytest.fixture
def ground(db: None, transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ground]:
    monkeypatch.setattr(accounts, "DEADLINE_SECONDS", 0.6)
    # Every nudge is lost: the rows are the queue, and what is proved here is that they suffice.
    nudges = importlib.import_module("config.kernel.work.nudge")
    monkeypatch.setattr(nudges, "hand_over", lambda task: None)
    door = Door()
    with (
        running(callback_base="http://testserver", deliver=door.deliver) as sandbox,
        receiving() as receiver,
    ):
        yield Ground(sandbox, door, receiver)

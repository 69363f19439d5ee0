"""Journeys through the console in a real browser: `make test-e2e`."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.browser import Visitor, missing, visiting
from tests.e2e.house import House, open_house


@pytest.fixture(scope="session")
def house() -> Iterator[House]:
    lack = missing()
    assert not lack, lack
    # Not pytest's own folder: sockets in it must not have long names.
    with open_house(Path(os.environ["VAR_DIR"]) / f"e2e-{time.monotonic_ns()}") as found:
        yield found


@pytest.fixture
def visitor(house: House, tmp_path: Path) -> Iterator[Visitor]:
    with visiting(house.url, tmp_path) as found:
        yield found

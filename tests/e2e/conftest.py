"""Journeys through the console in a real browser: `make test-e2e`."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e.browser import Visitor, missing, visiting
from tests.e2e.house import House, open_house
from tests.mariadb import private_server
from tests.redis import private_redis


@pytest.fixture(scope="module")
def house(pytestconfig: pytest.Config) -> Iterator[House]:
    lack = missing()
    assert not lack, lack
    # Not pytest's own folder: sockets in it must not have long names.
    folder = Path(os.environ["VAR_DIR"]) / f"e2e-{time.monotonic_ns()}"
    with ExitStack() as stack:
        served = pytestconfig.getoption("engine") == "mariadb"
        settings = _as_in_production(stack) if served else {}
        yield stack.enter_context(open_house(folder, **settings))


def _as_in_production(stack: ExitStack) -> dict[str, str]:
    """MariaDB and Redis in place of the embedded parts."""
    redis = stack.enter_context(private_redis())
    return {
        "DATABASE_URL": stack.enter_context(private_server()),
        "BROKER_URL": f"redis+socket://{redis}",
        "CACHE_URL": f"rediscache://{redis}",
    }


@pytest.fixture
def visitor(house: House, tmp_path: Path) -> Iterator[Visitor]:
    with visiting(house.url, tmp_path) as found:
        yield found

"""A house of real programs on a database of its own, pointed at by this process's Django too."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import ConnectionHandler, connection, connections

from config.environment import database
from config.supervisor import Crew, running
from tests.factories import AccountFactory, QuotaFactory, RuleFactory, TenantFactory, issue
from tests.proofs.disturbances.house import House
from tests.proofs.disturbances.server import Server
from tests.proofs.disturbances.tenants import Tenants

HOUSE = pytest.StashKey[House]()


@contextlib.contextmanager
def pointed_at(url: str) -> Iterator[None]:
    """Have `django.db.connection` of this thread mean the database at `url`."""
    before, os.environ["DATABASE_URL"] = os.environ["DATABASE_URL"], url
    try:
        entry: Any = database("")
    finally:
        os.environ["DATABASE_URL"] = before
    own = connections["default"]
    connections["default"] = ConnectionHandler({"default": entry})["default"]
    try:
        yield
    finally:
        connection.close()
        connections["default"] = own


@pytest.fixture
def crew(short: Path) -> Iterator[Crew]:
    """Ends every program, whatever happens to the test or to this process.

    Before the folder they write to goes.
    """
    with running([], patience=1.0) as crew:
        yield crew


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder whose sockets' names fit into 107 characters."""
    with tempfile.TemporaryDirectory(
        prefix="tonglu-", dir="/tmp", ignore_cleanup_errors=True
    ) as name:
        yield Path(name)


@pytest.fixture
def server(crew: Crew, short: Path) -> Server:
    server = Server(crew, short)
    server.start()
    return server


@pytest.fixture
def database_url(request: pytest.FixtureRequest, var: Path) -> str:
    if request.config.getoption("engine") == "mariadb":
        return request.getfixturevalue("server").url
    return f"sqlite:///{var / 'tonglu.sqlite3'}"


@pytest.fixture
def var(short: Path) -> Path:
    """What the programs write."""
    (short / "var").mkdir()
    return short / "var"


@pytest.fixture
def house(
    request: pytest.FixtureRequest, crew: Crew, var: Path, database_url: str, django_db_blocker: Any
) -> Iterator[House]:
    """A migrated database with one account at the sandbox; nothing runs yet."""
    logs = request.getfixturevalue("short") / "logs"
    logs.mkdir()
    house = House(crew, var, logs, database_url)
    request.node.stash[HOUSE] = house
    with django_db_blocker.unblock(), pointed_at(database_url):
        call_command("migrate", interactive=False, verbosity=0)
        RuleFactory()
        AccountFactory(endpoint_url=f"{house.sandbox_url}/cainiao/gateway/link.do")
        yield house


@pytest.fixture
def keys(house: House) -> list[tuple[str, str]]:
    """Two tenants: one with units enough, one that soon pays for each."""
    plenty = QuotaFactory(monthly_free_quota=10_000).tenant
    few = QuotaFactory(
        tenant=TenantFactory(), monthly_free_quota=10, overage_enabled=True, overage_price="1.50"
    ).tenant
    return [issue(plenty), issue(few)]


@pytest.fixture
def send(house: House, keys: list[tuple[str, str]]) -> Iterator[Callable[..., Tenants]]:
    """Start tenants that send parcels; they stop with the test."""
    started: list[Tenants] = []

    def begin(parcels: int, **more: Any) -> Tenants:
        started.append(Tenants(house.port, keys, parcels=parcels, **more))
        return started[-1]

    yield begin
    for tenants in started:
        tenants.stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """Where a story failed, show how its programs ended."""
    report = yield
    house = item.stash.get(HOUSE, None)
    if report.failed and house is not None:
        report.sections.append(("programs", house.tails()))
    return report

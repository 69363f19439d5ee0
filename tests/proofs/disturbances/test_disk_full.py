"""A disk that is full for a moment, database and broker on it, is "not now" and nothing worse.

The disk is a small tmpfs: mounting it needs root, and where it cannot be mounted the story fails.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, NoReturn

import pytest
from django.db import connection

from config.supervisor import Crew, running
from tests.proofs.disturbances.ending import (
    check_ending,
    in_flight,
    let_claims_run_out,
    wait_for_rest,
)
from tests.proofs.disturbances.house import WORKER, House, until
from tests.proofs.disturbances.server import Server
from tests.proofs.disturbances.tenants import Tenants

MEGABYTES = {"sqlite": 24, "mariadb": 200}
SAID = {"sqlite": "database or disk is full", "mariadb": "is full"}
PARCELS = 120
REFUSED = 10


@pytest.fixture
def disk(short: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A file system of its own that a file can fill."""
    place = short / "disk"
    place.mkdir()
    size = MEGABYTES[request.config.getoption("engine")]
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}m", "tonglu", place], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


@pytest.fixture
def crew(disk: Path) -> Iterator[Crew]:
    """Ends before the disk goes that its programs write to."""
    with running([], patience=1.0) as crew:
        yield crew


@pytest.fixture
def var(disk: Path) -> Path:
    (disk / "var").mkdir()
    return disk / "var"


@pytest.fixture
def server(crew: Crew, short: Path, disk: Path) -> Server:
    server = Server(crew, short, data=disk / "data")
    server.start()
    return server


@pytest.mark.timeout(240)
def test_a_full_disk_refuses_and_once_there_is_room_all_completes(
    house: House, disk: Path, send: Callable[..., Tenants], pytestconfig: pytest.Config
) -> None:
    engine = pytestconfig.getoption("engine")
    # So long that a callback is still repeated once there is room, as it would be in life.
    house.start(journey=40)
    house.slow_carrier("TMS_CREATE_ORDER_OFFLINE_NOTIFY", 0.3)
    tenants = send(PARCELS, pause=0.1)
    until(lambda: len(tenants.acknowledged) > 15, "nobody could book")
    assert in_flight()

    ballast = disk / "ballast"
    fill(ballast)
    until(lambda: tenants.statuses[503] + len(tenants.strange) >= REFUSED, "nobody was refused")
    until(lambda: SAID[engine] in house.words(WORKER), "the worker met no trouble")
    assert len(tenants.acknowledged) < PARCELS, "all was over before"
    ballast.unlink()

    until(lambda: house.status("/readyz") == 200, "the website does not come back", 20)
    let_claims_run_out()
    tenants.finish(100)
    wait_for_rest(house)
    check_ending(house, tenants)
    assert not list(house.broker.rglob("draft-*")), "half-written messages were left behind"
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA integrity_check")
            assert cursor.fetchall() == [("ok",)]
        else:
            tables = ", ".join(
                map(connection.ops.quote_name, connection.introspection.table_names())
            )
            cursor.execute(f"CHECK TABLE {tables}")
            assert {row[3] for row in cursor.fetchall()} == {"OK"}


def fill(ballast: Path) -> None:
    """Write until the last block is taken."""
    with ballast.open("wb", buffering=0) as file:
        for block in (1 << 20, 1 << 12, 1):
            with pytest.raises(OSError, match="No space"):
                write_on(file, b"\0" * block)


def write_on(file: BinaryIO, block: bytes) -> NoReturn:
    while True:
        file.write(block)

"""A database server that is killed under load and comes back costs tries, never a parcel."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.proofs.disturbances.ending import (
    check_ending,
    in_flight,
    let_claims_run_out,
    under_lease,
    wait_for_rest,
)
from tests.proofs.disturbances.house import House, until
from tests.proofs.disturbances.server import Server
from tests.proofs.disturbances.tenants import NOBODY_THERE, Tenants

PARCELS = 80
REFUSED = 12  # tries that must fail before the server is started again


@pytest.mark.engine("mariadb")
@pytest.mark.timeout(240)
def test_what_was_acknowledged_survives_the_database_server(
    house: House, server: Server, send: Callable[..., Tenants]
) -> None:
    # So long that a callback is still repeated after the outage, as it would be in life.
    house.start(journey=40)
    house.slow_carrier("TMS_CREATE_ORDER_OFFLINE_NOTIFY", 0.4)
    tenants = send(PARCELS, pause=0.2)
    until(lambda: len(tenants.acknowledged) > 20, "nobody could book")
    until(lambda: in_flight() and under_lease(), "nothing was under way")

    house.kill(server.name)
    until(lambda: refused(tenants) >= REFUSED, "nobody was refused")
    assert house.status("/healthz") == 200
    assert house.status("/readyz") == 503
    assert len(tenants.acknowledged) < PARCELS, "all was over before"
    server.start()

    until(lambda: house.status("/readyz") == 200, "the website does not come back", 20)
    let_claims_run_out()
    tenants.finish(100)
    assert tenants.statuses[503], tenants.statuses
    wait_for_rest(house)
    check_ending(house, tenants)


def refused(tenants: Tenants) -> int:
    return tenants.statuses[503] + tenants.statuses[NOBODY_THERE] + len(tenants.strange)

"""Two clocks and two workers at once do what one of each would have done."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.proofs.disturbances.ending import check_ending, in_flight, under_lease, wait_for_rest
from tests.proofs.disturbances.house import BEAT, WORKER, House, until
from tests.proofs.disturbances.tenants import Tenants

PARCELS = 45


@pytest.mark.timeout(180)
def test_a_second_clock_and_a_second_worker_double_no_effect(
    house: House, send: Callable[..., Tenants]
) -> None:
    house.start(journey=8)
    house.one_more(WORKER)
    house.one_more(BEAT)
    until(lambda: "ready." in house.words(f"{WORKER} 2"), "the second worker is not ready")
    house.slow_carrier("TMS_CREATE_ORDER_OFFLINE_NOTIFY", 0.2)
    tenants = send(PARCELS, pause=0.1)
    until(lambda: in_flight() and under_lease(), "nothing was ever under way")
    tenants.finish(60)
    wait_for_rest(house)
    check_ending(house, tenants)
    for worker in (WORKER, f"{WORKER} 2"):
        assert _turns(house, worker) > 3, "it took no part"
    for beat in (BEAT, f"{BEAT} 2"):
        assert house.words(beat).count("Sending due task logistics.work") > 5
    assert "Traceback" not in "".join(map(house.words, house.programs))


def _turns(house: House, worker: str) -> int:
    """How often it looked for orders or callbacks and found some."""
    steps = re.findall(r"Task logistics\.\w+\[\S+ succeeded in \S+: (\d+)", house.words(worker))
    return sum(1 for count in steps if count != "0")

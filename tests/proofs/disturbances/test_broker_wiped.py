"""The broker's folder, wiped while work is under way, takes nothing along but nudges."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable

import pytest

from tests.proofs.disturbances.ending import check_ending, in_flight, wait_for_rest
from tests.proofs.disturbances.house import WORKER, House, until
from tests.proofs.disturbances.tenants import Tenants

PARCELS = 40


@pytest.mark.timeout(180)
def test_what_the_wiped_messages_were_about_is_done_all_the_same(
    house: House, send: Callable[..., Tenants]
) -> None:
    house.start(journey=8)
    house.slow_carrier("TMS_CREATE_ORDER_OFFLINE_NOTIFY", 0.2)
    tenants = send(PARCELS, pause=0.15)
    until(lambda: len(tenants.acknowledged) > 10, "nobody could book")

    # Asleep it takes no message: those that come now are lost for certain.
    os.killpg(house.pid(WORKER), signal.SIGSTOP)
    messages = until(lambda: list(house.broker.glob("messages/*.msg")), "nobody sent a message")
    assert in_flight()
    assert list(house.broker.glob("control/*"))
    shutil.rmtree(house.broker)
    os.killpg(house.pid(WORKER), signal.SIGCONT)
    assert messages
    assert len(tenants.acknowledged) < PARCELS, "all was over before"

    tenants.finish(60)
    assert set(tenants.statuses) <= {201, 200}, "a web without its broker refused"
    wait_for_rest(house)
    check_ending(house, tenants)
    _check_the_clock_is_heard(house)


def _check_the_clock_is_heard(house: House) -> None:
    """Nobody books any more: what the worker hears now, the clock said."""
    heard = house.words(WORKER).count("logistics.work[")
    until(lambda: house.words(WORKER).count("logistics.work[") > heard + 3, "no tick arrives", 20)

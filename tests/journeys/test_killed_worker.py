"""A real worker, killed once in the middle of booking, costs no parcel and doubles none."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from config.sandbox import Sandbox
from logistics.models import CallLog, ExpressOrder
from quotas.models import TenantQuota
from quotas.queries import find_discrepancies
from tests.logistics.conftest import (  # noqa: F401 - fixtures
    PARCEL,
    URL,
    account,
    client,
    sandbox,
    tenant,
    world,
)
from tests.processes import environment
from tests.signing import TenantClient

pytestmark = pytest.mark.django_db(transaction=True)
PARCELS = 24


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts real workers with their clock; whatever happens, they end."""
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        command = [
            sys.executable, "-m", "celery", "-A", "config", "worker", "-B", "--loglevel",
            "WARNING", "--pool", "threads", "--concurrency", "2", "--without-mingle",
            "--without-gossip", "--schedule", str(tmp_path / "beat"),
        ]  # fmt: skip
        log = (tmp_path / f"worker-{len(started)}.log").open("wb")
        with log:
            process = subprocess.Popen(
                command,
                cwd=settings.BASE_DIR,
                env=environment(VAR_DIR=str(tmp_path / "var")),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def until(condition: Callable[[], Any], what: str, seconds: float = 60) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, what
        time.sleep(0.02)


@pytest.mark.timeout(200)
def test_a_killed_worker_leaves_each_order_with_exactly_one_carrier_order(
    client: TenantClient,  # noqa: F811
    sandbox: Sandbox,  # noqa: F811
    worker: Callable[[], subprocess.Popen[bytes]],
) -> None:
    sandbox.fault("TMS_CREATE_ORDER_OFFLINE_NOTIFY", "delay", times=PARCELS, delay_s=0.4)
    for number in range(PARCELS):
        answer = client.post(URL, {**PARCEL, "tenant_order_no": f"K-{number}"})
        assert answer.status_code == 201
    first = worker()
    asking = ExpressOrder.objects.filter(asking="create")
    until(asking.exists, "no pick-up was ever asked for")
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    in_flight = asking.count()
    assert in_flight, "it was killed while nothing was under way"

    # The leases of the dead run out: time passes for them, not for this test.
    ExpressOrder.objects.exclude(lease_token=None).update(due_at=timezone.now())
    worker()
    until(
        lambda: not ExpressOrder.objects.exclude(due_at=None).exists(),
        "orders are still due",
        seconds=90,
    )

    assert set(ExpressOrder.objects.values_list("status", flat=True)) == {"waybill_created"}
    numbers = set(ExpressOrder.objects.values_list("cainiao_order_id", flat=True))
    assert len(numbers) == PARCELS
    assert None not in numbers
    state = sandbox.state()
    assert len(state["parcels"]) == PARCELS
    assert state["violations"] == []
    assert CallLog.objects.filter(api_method="GUOGUO_QUERY_SEND_ORDER_FULL_DETAIL").count()
    assert TenantQuota.objects.get().monthly_used == PARCELS
    assert list(find_discrepancies()) == []

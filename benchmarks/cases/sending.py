"""Callbacks to tenants: against bare calls, beside servers that hang, and after a kill -9."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.cases.queue import THREADS, WORKERS, bare_calls, start
from benchmarks.ground import Ground, free_ports
from benchmarks.load import Void
from benchmarks.receivers import (
    await_delivered,
    check_delivered,
    give_urls,
    owe,
    owe_one,
)
from benchmarks.rounds import Figure, figure, interleave, rates, ratio
from benchmarks.servers import working
from config.supervisor import Program, running

HANGING_SHARE = 10
# An event's body with its names and times.
BODY_BYTES = 420
PER_SECOND = 100
_numbers = itertools.count(10**15)


def run(ground: Ground) -> list[Figure]:
    """Two workers in the first figure, the product's own worker in the others."""
    (port,) = free_ports(1)
    base = f"http://127.0.0.1:{port}"
    with running([Program("partner", (sys.executable, "-m", "benchmarks.partner", str(port)))]):
        time.sleep(1)
        tenants = _tenants(1_000)
        return (
            _against_bare_calls(ground, tenants, base)
            + _beside_hanging(ground, tenants, base)
            + _killed(ground, tenants, base)
        )


def _tenants(count: int) -> list[int]:
    from tests.factories import TenantFactory  # noqa: PLC0415 - after the settings

    return [tenant.pk for tenant in TenantFactory.create_batch(count)]


def _against_bare_calls(ground: Ground, tenants: list[int], base: str) -> list[Figure]:
    some = tenants[: 2 * THREADS * WORKERS]
    each, rounds = (30, 2) if ground.quick else (50, 5)
    give_urls(some, base)

    def ours(_: int) -> float:
        count = owe(some, each)
        _, seconds = start("callbacks", str(THREADS))
        check_delivered(count)
        return count / seconds

    seen = interleave(
        {
            "ours": ours,
            "bare": lambda _: bare_calls(each * len(some), f"{base}/callback", BODY_BYTES),
        },
        rounds,
        warm_up=False,  # whatever is measured here is started anew each time
    )
    return [
        ratio("callbacks to receivers of 20 ms / bare requests loop", seen["ours"], seen["bare"],
              at_least=0.60, beside=rates(ours=seen["ours"], bare=seen["bare"])),
    ]  # fmt: skip


def _beside_hanging(ground: Ground, tenants: list[int], base: str) -> list[Figure]:
    """The delay of those that answer, once the first calls to those that hang have timed out."""
    deadline, seconds, rounds = (2.0, 4, 1) if ground.quick else (10.0, 10, 3)

    def delays(hanging: list[int]) -> float:
        give_urls(tenants, base, hanging=hanging)
        owe(hanging or tenants[::HANGING_SHARE], 5)
        with _deadline(deadline), working():
            _await_slow(len(hanging), 8 * deadline + 30)
            good = sorted(set(tenants) - set(hanging))
            return _p99(good, hanging, seconds)

    kinds = {"hanging": lambda _: delays(tenants[::HANGING_SHARE]), "none": lambda _: delays([])}
    seen = interleave(kinds, rounds, warm_up=False)
    beside = f"p99 {seen['hanging'][-1] * 1000:.0f} ms, {seen['none'][-1] * 1000:.0f} ms with none"
    return [
        ratio("99th percentile of delay, a tenth of 1,000 tenants hanging / none",
              seen["hanging"], seen["none"], at_most=2.0, beside=beside),
    ]  # fmt: skip


def _await_slow(count: int, seconds: float) -> None:
    """Wait until the first call to each of those that hang has timed out."""
    from accounts.models import CallbackEndpoint, TenantEvent  # noqa: PLC0415 - the settings

    ends = time.monotonic() + seconds
    while CallbackEndpoint.objects.filter(slow=True).count() < count or (
        not count and TenantEvent.objects.exclude(status="delivered").exists()
    ):
        if time.monotonic() > ends:
            raise Void("calls that hang do not time out")
        time.sleep(0.2)


def _p99(good: list[int], hanging: list[int], seconds: int) -> float:
    """Owe events at an even pace; every tenth is for a tenant that hangs, if any."""
    from django.utils import timezone  # noqa: PLC0415 - after the settings

    from accounts.models import TenantEvent  # noqa: PLC0415

    first, began = next(_numbers), time.monotonic()
    expected = 0
    for turn in range(PER_SECOND * seconds):
        time.sleep(max(0.0, began + turn / PER_SECOND - time.monotonic()))
        bad = bool(hanging) and turn % HANGING_SHARE == 0
        expected += not bad
        tenant = hanging[turn % len(hanging)] if bad else good[turn % len(good)]
        owe_one(tenant, next(_numbers), timezone.now())
    mine = TenantEvent.objects.filter(subject_id__gt=first, tenant_id__in=good)
    ends = time.monotonic() + 60
    while mine.filter(status="delivered").count() < expected:
        if time.monotonic() > ends:
            raise Void("tenants that answer wait for those that hang")
        time.sleep(0.05)
    rows = mine.values_list("created_at", "delivered_at")
    waited = sorted((done - made).total_seconds() for made, done in rows if done)
    return waited[int(len(waited) * 0.99)]


def _killed(ground: Ground, tenants: list[int], base: str) -> list[Figure]:
    """A worker is killed with its hands full; another, started meanwhile, finishes it."""
    some, over = tenants[:THREADS], []
    give_urls(some, base)
    with _deadline(3.0):
        for _ in range(1 if ground.quick else 3):
            # No more for each than its first turn takes in hand.
            count = owe(some, 15)
            command = [sys.executable, "-m", "benchmarks.workers", "callbacks", str(THREADS)]
            with _waiting(command) as victim:
                _go(victim)
                _await_held(THREADS // 4)
                victim.send_signal(signal.SIGKILL)
                victim.wait()
            lease_ends = time.monotonic() + _lease_left()
            with working():
                await_delivered(count, 60)
                over.append(time.monotonic() - lease_ends)
    return [figure("callbacks after kill -9, done this long after the lease", over, unit="s",
                   at_most=2.0)]  # fmt: skip


def _await_held(count: int) -> None:
    from accounts.models import CallbackEndpoint  # noqa: PLC0415 - after the settings

    ends = time.monotonic() + 20
    while CallbackEndpoint.objects.exclude(lease_token=None).count() < count:
        if time.monotonic() > ends:
            raise Void("the worker that was to be killed took nothing")
        time.sleep(0.002)


def _lease_left() -> float:
    """Seconds until the last lease that the dead one held is over."""
    from django.db.models import Max  # noqa: PLC0415 - after the settings
    from django.utils import timezone  # noqa: PLC0415

    from accounts.models import CallbackEndpoint  # noqa: PLC0415

    held = CallbackEndpoint.objects.exclude(lease_token=None).aggregate(last=Max("due_at"))["last"]
    if held is None:
        raise Void("the worker that was killed held nothing")
    return max(0.0, (held - timezone.now()).total_seconds())


@contextmanager
def _waiting(command: list[str]) -> Iterator[subprocess.Popen[str]]:
    worker = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield worker
    finally:
        worker.kill()
        worker.communicate()


def _go(worker: subprocess.Popen[str]) -> None:
    assert worker.stdin
    assert worker.stdout
    if worker.stdout.readline() != "ready\n":
        raise Void("a worker did not start")
    worker.stdin.write("go\n")
    worker.stdin.flush()


@contextmanager
def _deadline(seconds: float) -> Iterator[None]:
    """Programs started inside give a tenant's server so long to answer."""
    os.environ["CALLBACK_DEADLINE_SECONDS"] = str(seconds)
    try:
        yield
    finally:
        del os.environ["CALLBACK_DEADLINE_SECONDS"]

"""The rows as the queue: against a Celery message per item, and against bare calls to a partner."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from benchmarks.ground import Ground, free_ports
from benchmarks.load import Void
from benchmarks.rounds import Figure, interleave, rates, ratio
from config.supervisor import Program, running
from tests.redis import private_redis

WORKERS = 2
THREADS = 32


def run(ground: Ground) -> list[Figure]:
    """Two workers in every figure."""
    return _against_messages(ground) + _against_bare_calls(ground)


def _against_messages(ground: Ground) -> list[Figure]:
    many, few, rounds = (15_000, 300, 2) if ground.quick else (40_000, 3_000, 5)
    with private_redis() as path:
        broker = f"redis+socket://{path}"
        seen = interleave(
            {"rows": lambda _: _drained("noop", many), "messages": lambda _: _sent(broker, few)},
            rounds,
            warm_up=False,  # whatever is measured here is started anew each time
        )
    return [
        ratio("work that is none, rows / a Celery message per item", seen["rows"],
              seen["messages"], at_least=15, beside=rates(**seen)),
    ]  # fmt: skip


def _against_bare_calls(ground: Ground) -> list[Figure]:
    count, rounds = (800, 2) if ground.quick else (6_000, 5)
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}/"
    with running([Program("partner", (sys.executable, "-m", "benchmarks.partner", str(port)))]):
        time.sleep(1)
        seen = interleave(
            {
                "rows": lambda _: _drained("partner", count, str(THREADS), url, str(THREADS)),
                "alone": lambda _: _drained("partner", count // 4, str(THREADS), url, "1"),
                "bare": lambda _: bare_calls(count, url),
            },
            rounds,
            warm_up=False,
        )
    return [
        ratio("work that asks a partner of 20 ms, rows / bare requests loop", seen["rows"],
              seen["bare"], at_least=0.60, beside=rates(rows=seen["rows"], bare=seen["bare"])),
        ratio("the same, each row finished by itself, as orders are", seen["alone"],
              seen["bare"], beside=rates(alone=seen["alone"])),
    ]  # fmt: skip


def _drained(kind: str, count: int, *arguments: str) -> float:
    """Items a second, from the word to the end of the last worker."""
    from django.db import connection  # noqa: PLC0415 - after the settings
    from django.db.models import Q  # noqa: PLC0415

    from benchmarks.models import Item  # noqa: PLC0415

    _fill(count)
    taken, seconds = start(kind, *arguments)
    undone = Item.objects.exclude(Q(due_at=None) & Q(lease_token=None) & Q(attempts=1)).count()
    connection.close()
    if taken != count or undone:
        raise Void(f"{taken} of {count} items were taken, {undone} are not done exactly once")
    return count / seconds


def bare_calls(count: int, url: str, size: int = 2) -> float:
    """Calls a second of bare loops around requests, bodies of `size` bytes."""
    done, seconds = start("bare", str(THREADS), url, str(count // WORKERS), str(size))
    if done != count // WORKERS * WORKERS:
        raise Void(f"{done} of {count} calls were answered")
    return done / seconds


def start(kind: str, *arguments: str) -> tuple[int, float]:
    """Start the workers, give the word to all at once; returns what they did, and the seconds."""
    command = [sys.executable, "-m", "benchmarks.workers", kind, *arguments]
    workers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(WORKERS)
    ]
    try:
        for worker in workers:
            assert worker.stdout
            if worker.stdout.readline() != "ready\n":
                raise Void(f"a worker did not start: {kind}")
        began = time.monotonic()
        for worker in workers:
            assert worker.stdin
            worker.stdin.write("go\n")
            worker.stdin.flush()
        said = [worker.stdout.readline() for worker in workers if worker.stdout]
        seconds = time.monotonic() - began
    finally:
        for worker in workers:
            worker.kill()
            worker.communicate()
    if not all(line.strip().isdigit() for line in said):
        raise Void(f"a worker broke: {kind}")
    return sum(int(line) for line in said), seconds


def _fill(count: int) -> list[int]:
    from django.db import connection  # noqa: PLC0415 - after the settings

    table = "benchmarks_item"
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE TABLE {table}")
        cursor.execute(
            f"INSERT INTO {table} (due_at, attempts) SELECT UTC_TIMESTAMP(6), 0"
            f" FROM seq_1_to_{count}"
        )
        cursor.execute(f"SELECT id FROM {table}")
        return [pk for (pk,) in cursor.fetchall()]


def _sent(broker: str, count: int) -> float:
    """Items a second that a worker of two processes does, all messages waiting for it."""
    from benchmarks.models import Item  # noqa: PLC0415 - after the settings

    os.environ["PER_ITEM_BROKER"] = broker
    from benchmarks.references.per_item import finish  # noqa: PLC0415

    for pk in _fill(count):
        finish.delay(pk)
    command = (
        sys.executable, "-W", "ignore", "-m", "celery", "-q", "-A",
        "benchmarks.references.per_item", "worker", "--pool", "prefork", "--concurrency",
        str(WORKERS), "--without-gossip", "--without-mingle", "--loglevel", "ERROR",
    )  # fmt: skip
    open_items = Item.objects.exclude(due_at=None)
    with running([Program("worker", command)]):
        left = _await(open_items.count, below=count)
        began, first = time.monotonic(), left
        _await(open_items.count, below=1)
        return first / (time.monotonic() - began)


def _await(count: object, *, below: int) -> int:
    ends = time.monotonic() + 120
    while (left := count()) >= below:  # type: ignore[operator]
        if time.monotonic() > ends:
            raise Void(f"{left} items are left")
        time.sleep(0.005)
    return int(left)

"""A worker's process: `python -m benchmarks.workers KIND THREADS URL`, started by a line on stdin.

Prints how many items it finished.
"""

from __future__ import annotations

import itertools
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any


def noop() -> int:
    """Drain work that asks nobody, a hundred rows at a time."""
    from config.kernel.work import Job, drain  # noqa: PLC0415 - after the settings

    return drain(Job(**_parts(), together=100))


def partner(threads: int, url: str, together: int) -> int:
    """Drain work that asks a partner; up to `together` rows whose answers are there finish at once.

    One by one is how orders finish: what a carrier answered must not hang on a neighbour's row.
    """
    from config.kernel.http import Partner  # noqa: PLC0415 - after the settings
    from config.kernel.work import Job, drain  # noqa: PLC0415

    way_out = Partner("bench", pool_size=threads)

    def ask() -> Any:
        return way_out.call("POST", url, data=b"{}")

    job = Job(**_parts(), prepare=lambda row: ask, together=together)
    return drain(job, threads=threads)


def callbacks(threads: int) -> int:
    """Send tenants what is due; returns turns."""
    from accounts.services.outbox.sending import ENDPOINTS  # noqa: PLC0415 - after the settings
    from config.kernel.work import drain  # noqa: PLC0415

    return drain(ENDPOINTS, threads=threads)


def bare(threads: int, url: str, count: int, size: int = 2) -> int:
    """A loop around requests, with as many threads and no rows at all; bodies of `size` bytes."""
    import requests  # noqa: PLC0415 - not the product's way out

    body = b"{" + b" " * (size - 2) + b"}"
    left = itertools.count()
    local = threading.local()

    def loop() -> int:
        session = local.__dict__.setdefault("session", requests.Session())
        done = 0
        while next(left) < count:
            session.post(url, data=body, timeout=10).raise_for_status()
            done += 1
        return done

    with ThreadPoolExecutor(threads) as pool:
        return sum(future.result() for future in [pool.submit(loop) for _ in range(threads)])


def _parts() -> dict[str, Any]:
    from benchmarks.models import Item  # noqa: PLC0415 - after the settings

    def apply(_row: Any, _answer: Any, _at: datetime) -> None:
        return None

    return {
        "name": "items", "model": Item, "apply": apply,
        "deadline": timedelta(seconds=10), "lease": timedelta(seconds=30),
    }  # fmt: skip


def main(kind: str, *arguments: str) -> None:
    """Get ready, wait for the word, work, and say how much."""
    import django  # noqa: PLC0415

    django.setup()
    from django.db import connection  # noqa: PLC0415 - after the settings

    connection.ensure_connection()
    print("ready", flush=True)
    sys.stdin.readline()
    if kind == "noop":
        print(noop())
    elif kind == "partner":
        print(partner(int(arguments[0]), arguments[1], int(arguments[2])))
    elif kind == "callbacks":
        print(callbacks(int(arguments[0])))
    else:
        print(bare(int(arguments[0]), arguments[1], *map(int, arguments[2:])))


if __name__ == "__main__":
    main(*sys.argv[1:])

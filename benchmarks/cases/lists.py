"""Lists at a million orders against the same lists at a thousand, row for row."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import statistics
import time
import urllib.request
import uuid

from benchmarks.ground import Ground, Key
from benchmarks.load import ORDERS, Void
from benchmarks.rounds import Figure, figure, interleave, ratio
from benchmarks.servers import Server
from benchmarks.sizes import RARE_ROWS, SHARE, SMALL, two_sizes

PAGE = 20


def run(ground: Ground) -> list[Figure]:
    """Milliseconds a page, large over small, for the first page and for the last of many."""
    large, rounds, calls = (200_000, 2, 20) if ground.quick else (1_000_000, 7, 150)
    key = ground.keys[0]
    with two_sizes(tenant_id=key.tenant_id, large=large) as sizes:
        small, big = sizes.small, sizes.large
        pages = {
            "first": "",
            "deep": "&cursor=" + _cursor(PAGE),
            "rare status": "&status=exception",
        }
        figures: list[Figure] = []
        cpu: list[float] = []

        def at_large(number: int, target: str) -> float:
            before = big.cpu_seconds()
            took = _milliseconds(big, key, target, calls)
            if number:
                cpu.append((big.cpu_seconds() - before) / calls * 1000)
            return took

        for name, query in pages.items():
            target = f"{ORDERS}?page_size={PAGE}{query}"
            seen = interleave(
                {
                    "small": lambda _, t=target: _milliseconds(small, key, t, calls),
                    "large": lambda number, t=target: at_large(number, t),
                },
                rounds,
            )
            beside = ", ".join(
                f"{size} {statistics.median(values):.2f} ms" for size, values in seen.items()
            )
            figures.append(
                ratio(f"{name} page at {large:,} / at {SMALL:,} orders", seen["large"],
                      seen["small"], at_most=1.2, beside=beside)
            )  # fmt: skip
    return [*figures, figure("a page of a list, web CPU", cpu, unit="ms")]


def _cursor(rows: int) -> str:
    """The cursor after which the tenant's oldest `rows` orders follow, whatever the size."""
    number = (rows + 1) * SHARE
    at = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(1_767_225_600 + number))
    return base64.urlsafe_b64encode(f"{at}|{number}".encode()).decode().rstrip("=")


def _milliseconds(server: Server, key: Key, target: str, calls: int) -> float:
    """The median of single calls, one after the other, each with the rows of its page."""
    times = []
    for _ in range(calls):
        request = urllib.request.Request(f"http://127.0.0.1:{server.port}{target}")
        for name, value in _signed(key, target).items():
            request.add_header(name, value)
        began = time.perf_counter()
        with urllib.request.urlopen(request, timeout=30) as answer:
            body = answer.read()
        times.append((time.perf_counter() - began) * 1000)
    found = len(json.loads(body)["data"]["items"])
    if found != RARE_ROWS if "status" in target else found != PAGE:
        raise Void(f"{target}: {found} rows")
    return statistics.median(times)


def _signed(key: Key, target: str) -> dict[str, str]:
    stamp, nonce = str(int(time.time())), uuid.uuid4().hex
    text = f"GET\n{target}\n{stamp}\n{nonce}\n{hashlib.sha256(b'').hexdigest()}"
    return {
        "X-Tonglu-Key": key.key_id,
        "X-Tonglu-Timestamp": stamp,
        "X-Tonglu-Nonce": nonce,
        "X-Tonglu-Signature": hmac.new(
            key.secret.encode(), text.encode(), hashlib.sha256
        ).hexdigest(),
    }

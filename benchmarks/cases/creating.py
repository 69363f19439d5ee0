"""HTTP order create, full path, against the bare view and the raw driver; 1 tenant against 32."""

from __future__ import annotations

import os
import statistics

from benchmarks import books
from benchmarks.ground import Ground
from benchmarks.load import CONNECTIONS, Result, order_requests, send
from benchmarks.references import loop
from benchmarks.rounds import Figure, figure, interleave, rates, ratio
from benchmarks.servers import BARE, PRODUCT, Server, serving

CLIENTS = 32
# More than either can answer, so that the requests never run out.
FASTEST = 4000


def run(ground: Ground) -> list[Figure]:
    """Measure; both server's orders are in the same books."""
    return _against_references(ground) + _crowded(ground)


class _Count:
    """Answers counted and requests left in flight, over all rounds."""

    def __init__(self) -> None:
        self.answered = self.in_flight = 0

    def add(self, result: Result, connections: int) -> Result:
        self.answered += result.requests
        self.in_flight += connections
        return result


def _against_references(ground: Ground) -> list[Figure]:
    seconds, rounds = (1, 2) if ground.quick else (4, 7)
    count, cpu = _Count(), []
    books.empty()
    with serving(PRODUCT, BARE) as (product, bare):

        def load(server: Server) -> Result:
            requests = order_requests(ground.keys, FASTEST * seconds)
            return count.add(send(requests, server.port, seconds=seconds), CONNECTIONS)

        def ours(number: int) -> float:
            before = product.cpu_seconds()
            result = load(product)
            if number:
                cpu.append((product.cpu_seconds() - before) / result.requests * 1000)
            return result.rate

        seen = interleave({"ours": ours, "bare": lambda _: load(bare).rate}, rounds)
        books.close(answered=count.answered, in_flight=count.in_flight)
    raw = [
        loop.rate(os.environ["DATABASE_URL"], [key.tenant_id for key in ground.keys], seconds)
        for _ in range(1 if ground.quick else 3)
    ]
    return [
        ratio("order create / bare view (R2)", seen["ours"], seen["bare"], at_least=0.50,
              beside=rates(product=seen["ours"], R2=seen["bare"])),
        figure("order create / raw driver loop (R1)",
               [rate / statistics.median(raw) for rate in seen["ours"]],
               beside=rates(R1=raw)),
        figure("order create, web CPU per request", cpu, unit="ms"),
    ]  # fmt: skip


def _crowded(ground: Ground) -> list[Figure]:
    seconds, rounds = (1, 2) if ground.quick else (4, 5)
    count, spreads = _Count(), []
    books.empty()
    with serving(PRODUCT) as (product,):

        def load(keys: int) -> Result:
            requests = order_requests(ground.keys[:keys], FASTEST * seconds)
            return count.add(
                send(requests, product.port, seconds=seconds, connections=CLIENTS), CLIENTS
            )

        def hot(number: int) -> float:
            result = load(1)
            if number:
                spreads.append(result.p99 / result.p50)
            return result.rate

        seen = interleave({"hot": hot, "apart": lambda _: load(CLIENTS).rate}, rounds)
        books.close(answered=count.answered, in_flight=count.in_flight)
    return [
        ratio("32 clients on one tenant / on 32", seen["hot"], seen["apart"], at_least=0.75,
              beside=rates(one=seen["hot"], apart=seen["apart"])),
        figure("32 clients on one tenant, p99 / p50", spreads, at_most=3.0),
    ]  # fmt: skip

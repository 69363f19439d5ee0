"""A web process's memory while it books: bounded, and flat once it is warm."""

from __future__ import annotations

from benchmarks import books
from benchmarks.ground import Ground
from benchmarks.load import CONNECTIONS, order_requests, send
from benchmarks.rounds import Figure, figure
from benchmarks.servers import PRODUCT, serving

MEGABYTES = 200
FASTEST = 6000


def run(ground: Ground) -> list[Figure]:
    """The largest web process after the last order, and against a quarter of the way."""
    wanted = 1_500 if ground.quick else 20_000
    books.empty()
    answered = in_flight = 0
    sizes: list[tuple[int, float]] = []
    with serving(PRODUCT) as (server,):
        while answered < wanted:
            result = send(order_requests(ground.keys, 2 * FASTEST), server.port, seconds=2)
            answered += result.requests
            in_flight += CONNECTIONS
            sizes.append((answered, server.largest_mb()))
        books.close(answered=answered, in_flight=in_flight)
    quarter = next(size for count, size in sizes if count >= wanted / 4)
    last = sizes[-1][1]
    return [
        figure(f"web process after {wanted:,} orders", [last], unit="MB", at_most=MEGABYTES),
        figure("the same / after a quarter of them", [last / quarter], at_most=1.1),
    ]

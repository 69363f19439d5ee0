"""A delivery as S000 sends it, full path, against a bare view that runs the same statements."""

from __future__ import annotations

from benchmarks import books
from benchmarks.ground import Ground
from benchmarks.load import CONNECTIONS, Result, Void, delivery_requests, send
from benchmarks.rounds import Figure, figure, interleave, rates, ratio
from benchmarks.servers import BARE, PRODUCT, Server, serving

# More than either can answer, so that the requests never run out.
FASTEST = 4000


def run(ground: Ground) -> list[Figure]:
    """Measure; both server's orders are in the same books."""
    seconds, rounds = (1, 2) if ground.quick else (4, 7)
    cpu: list[float] = []
    answered = in_flight = 0
    books.empty()
    with serving(PRODUCT, BARE) as (product, bare):

        def load(server: Server) -> Result:
            nonlocal answered, in_flight
            requests = delivery_requests(ground.keys, FASTEST * seconds)
            result = send(requests, server.port, seconds=seconds)
            answered += result.requests
            in_flight += CONNECTIONS
            return result

        def ours(number: int) -> float:
            before = product.cpu_seconds()
            result = load(product)
            if number:
                cpu.append((product.cpu_seconds() - before) / result.requests * 1000)
            return result.rate

        seen = interleave({"ours": ours, "bare": lambda _: load(bare).rate}, rounds)
        _close(answered, in_flight)
    return [
        ratio("order/receive / bare view (R2)", seen["ours"], seen["bare"], at_least=0.50,
              beside=rates(product=seen["ours"], R2=seen["bare"])),
        figure("order/receive, web CPU per request", cpu, unit="ms"),
    ]  # fmt: skip


def _close(answered: int, in_flight: int) -> None:
    """Every answer is an order, and every order has the one step it began with."""
    from delivery.models import DeliveryOrder, DeliveryStep  # noqa: PLC0415 - after the settings

    books.await_quiet(DeliveryOrder.objects.count)
    orders, steps = DeliveryOrder.objects.count(), DeliveryStep.objects.count()
    numbers = DeliveryOrder.objects.values("external_order_no").distinct().count()
    if not answered <= orders <= answered + in_flight or not orders == steps == numbers:
        raise Void(f"{answered} answers, {orders} orders, {steps} steps, {numbers} numbers")

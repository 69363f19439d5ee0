"""A whole sandbox for the length of a `with` block: its own port, its own threads, no rests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from config.sandbox.posting import Answer
from config.sandbox.server import Server
from config.sandbox.systems import BUILT_IN_KEY, built_in_secret, populate
from config.sandbox.world import World

# (url, body, headers) -> (HTTP status, body); in place of HTTP, e.g. Django's test client.
Deliver = Callable[[str, bytes, Mapping[str, str]], tuple[int, bytes]]


class Sandbox:
    """What a test holds: addresses, and the control door without the way over HTTP.

    Calls here run in the caller's thread: `step` and `push` send their callbacks in it.
    """

    def __init__(self, world: World, server: Server, secret_key: str) -> None:
        """Speak for this world."""
        self.world = world
        self.url = server.url
        self._secret_key = secret_key

    @property
    def cainiao_url(self) -> str:
        """Cainiao's gateway."""
        return f"{self.url}/cainiao/gateway/link.do"

    @property
    def app_key(self) -> str:
        """The built-in account's key, the same for every system."""
        return BUILT_IN_KEY

    def secret(self, system: str = "cainiao") -> str:
        """Return the built-in account's secret of a system."""
        return built_in_secret(self._secret_key, system)

    def control(
        self, verb: str, fields: Mapping[str, object] | None = None, *, method: str = "POST"
    ) -> dict[str, Any]:
        """Do what a request to `/_control/<verb>` does; raise ValueError where that says 400."""
        return dict(self.world.command(method, verb, fields or {}))

    def fault(self, on: str, kind: str, *, system: str = "cainiao", **fields: object) -> int:
        """Inject a fault; `fields` as in `/_control/faults`. Return its id."""
        answer = self.control("faults", {"system": system, "on": on, "kind": kind, **fields})
        return int(answer["id"])

    def step(self, seconds: float) -> list[dict[str, Any]]:
        """Move the manual clock, run what comes due, return the callback attempts made."""
        sent: list[dict[str, Any]] = self.control("step", {"seconds": seconds})["sent"]
        return sent

    def state(self, system: str = "cainiao", **filters: object) -> dict[str, Any]:
        """Return all a system knows: parcels, counters, violations, accounts."""
        return self.control("state", {"system": system, **filters}, method="GET")

    def parcel(self, trade_order_no: str, system: str = "cainiao") -> dict[str, Any] | None:
        """Return what is known under one of our numbers."""
        rows = self.state(system, tradeOrderNo=trade_order_no)["parcels"]
        return dict(rows[0]) if rows else None

    def account(self, *, system: str = "cainiao", **fields: object) -> None:
        """Add or replace an account."""
        self.control("accounts", {"system": system, **fields})

    def push(self, status: object, *, system: str = "cainiao", **fields: object) -> dict[str, Any]:
        """Send one callback now; return it with its attempts."""
        return self.control("push", {"system": system, "status": status, **fields})

    def journey(
        self, ending: str, trade_order_no: str | None = None, *, system: str = "cainiao"
    ) -> None:
        """Choose how journeys end: of one order, or of all that have no wish of their own."""
        fields = {"system": system, "ending": ending, "tradeOrderNo": trade_order_no}
        self.control("journeys", fields)

    def hold(self, trade_order_no: str, *, system: str = "cainiao") -> None:
        """Let nothing happen to a parcel by itself."""
        self.control("hold", {"system": system, "tradeOrderNo": trade_order_no})

    def release(self, trade_order_no: str, *, system: str = "cainiao") -> None:
        """Let a held parcel go on."""
        self.control("release", {"system": system, "tradeOrderNo": trade_order_no})

    def reset(self) -> None:
        """Forget parcels, faults and added accounts; the clock goes on."""
        self.control("reset")


@contextmanager
def running(
    *,
    manual: bool = True,
    speed: float = 1.0,
    journey: float | None = None,
    seed: int = 0,
    secret_key: str = "sandbox",
    callback_base: str = "",
    deliver: Deliver | None = None,
    host: str = "127.0.0.1",
    port: int = 0,
) -> Iterator[Sandbox]:
    """Serve a world until the block ends; every thread and socket of it ends with it.

    `secret_key` and `callback_base` stand for SECRET_KEY and PUBLIC_BASE_URL; without the latter
    callbacks are composed and kept in the state, and sent nowhere. Raises OSError for a taken
    port and ValueError for a host that is not loopback.
    """

    def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        if deliver is None:  # then the world was given no `post` either
            raise RuntimeError(url)
        return Answer(*deliver(url, body, headers))

    world = World(
        speed=speed, journey=journey, manual=manual, seed=seed, post=post if deliver else None
    )
    try:
        populate(world, secret_key=secret_key, callback_base=callback_base)
        server = Server(host, port, world)
        server.start()
        try:
            yield Sandbox(world, server, secret_key)
        finally:
            # First the world: it ends the pauses and posts that the server's threads are in.
            world.close()
            server.stop()
    finally:
        world.close()

"""The world hosts the sandboxes of outside systems: one clock, one schedule, one way of callbacks.

It is a WSGI callable: the first path segment names the system, `/_control/` steers, `/healthz`
answers. Everything is in memory and of this process; nothing here knows Django.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Protocol
from wsgiref.types import StartResponse, WSGIEnvironment

from config.sandbox.answering import Reply, Trouble, respond
from config.sandbox.callbacks import Outgoing, Post, Sender
from config.sandbox.clock import Clock
from config.sandbox.control import Control, answer_json, is_local
from config.sandbox.faults import Fault, Faults
from config.sandbox.posting import Poster
from config.sandbox.schedule import Schedule


class System(Protocol):
    """The other side of one wire, as the world hosts it: a WSGI callable that can be steered."""

    @property
    def name(self) -> str:
        """The first path segment."""

    @property
    def request_faults(self) -> frozenset[str]:
        """The kinds of request faults it knows beside the world's own."""

    @property
    def callback_faults(self) -> frozenset[str]:
        """The kinds of callback faults it knows beside the world's own."""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request; PATH_INFO lacks the system's own segment."""

    def control(self, verb: str, fields: Mapping[str, object]) -> Mapping[str, object]:
        """Do what an operator of the sandbox asks (accounts, push, hold, release, journeys).

        Raises ValueError with a sentence for what it cannot do.
        """

    def state(self, filters: Mapping[str, str]) -> Mapping[str, object]:
        """Return what it knows, JSON-ready."""

    def reset(self) -> None:
        """Forget everything but the accounts it began with."""


class World:
    """Owns clock, schedule, faults and sender; systems join with `host`."""

    def __init__(
        self,
        *,
        speed: float = 1.0,
        journey: float | None = None,
        manual: bool = False,
        seed: int = 0,
        post: Post | None = None,
    ) -> None:
        """`journey` is in real seconds; `post` takes the place of HTTP for callbacks."""
        if journey is not None and journey <= 0:
            msg = "journey must be more than 0 seconds"
            raise ValueError(msg)
        self.clock = Clock(speed=speed, manual=manual)
        self.seed = seed
        self.journey = None if journey is None else journey * self.clock.speed
        self.faults = Faults()
        self.schedule = Schedule(self.clock)
        self._poster = Poster()
        self.sender = Sender(
            self.clock, self.schedule, self.faults, post or self._poster.post, self.journey
        )
        self.systems: dict[str, System] = {}
        self._ending = threading.Event()
        self._control = Control(self)

    def host(self, system: System) -> None:
        """Let a system be reached under its name."""
        self.systems[system.name] = system

    # --- what a system may use --------------------------------------------------------------
    def now(self) -> datetime:
        """Return the virtual moment, aware UTC."""
        return self.clock.now()

    def later(self, seconds: float, action: Callable[[], None], *, key: str) -> None:
        """Run `action` after virtual seconds; actions of one key follow each other."""
        self.schedule.later(seconds, action, key=key)

    def fault(self, system: str, point: str, fields: Mapping[str, str]) -> Fault | None:
        """Use up and return an injected fault meant for this request, if there is one."""
        return self.faults.take(system, point, fields)

    def respond(
        self, start_response: StartResponse, fault: Trouble | None, handle: Callable[[], Reply]
    ) -> Iterable[bytes]:
        """Answer with what `handle` returns, disturbed as the fault asks."""
        return respond(start_response, fault, handle, self._pause)

    def send(self, callback: Outgoing) -> None:
        """Send a callback now and again until it is acknowledged or given up."""
        self.sender.send(callback)

    # --- the door -----------------------------------------------------------------------------
    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Dispatch by the first path segment."""
        if not is_local(environ):
            return answer_json(start_response, "403 Forbidden", {"error": "loopback only"})
        segment, slash, rest = str(environ.get("PATH_INFO", "")).lstrip("/").partition("/")
        if segment == "_control":
            return self._control(rest, environ, start_response)
        if segment == "healthz":
            return answer_json(start_response, "200 OK", {"ok": True})
        system = self.systems.get(segment)
        if system is None:
            return answer_json(start_response, "404 Not Found", {"error": "no such system"})
        environ["SCRIPT_NAME"] = f"/{segment}"
        environ["PATH_INFO"] = slash + rest
        return system(environ, start_response)

    def command(self, method: str, verb: str, fields: Mapping[str, object]) -> Mapping[str, object]:
        """Do in this process what a request to `/_control/<verb>` does; raise ValueError."""
        return self._control.run(method, verb, fields)

    def reset(self) -> None:
        """Forget parcels, faults, and all that was to come; the clock goes on."""
        self.schedule.clear()
        self.faults.remove()
        self.sender.clear()
        for system in self.systems.values():
            system.reset()

    def close(self) -> None:
        """End pauses, posts and threads; nothing runs afterwards."""
        self._ending.set()
        self._poster.close()
        self.schedule.close()

    def _pause(self, seconds: float) -> None:
        self._ending.wait(max(0.0, seconds))

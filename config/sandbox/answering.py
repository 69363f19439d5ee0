"""How an answer leaves the world: as the system gave it, or disturbed as a fault asks.

The kinds here are troubles of the wire and mean the same for every system. A kind that needs a
system's own words (a refusal, a bad signature) is left to that system's `handle`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol
from wsgiref.types import StartResponse

DEFAULT_HOLD_S = 30.0
DEFAULT_DELAY_S = 1.0
DEFAULT_DRIP_S = 0.3
GIBBERISH = b'{"success":tru\x00\xff\xfe<html>\xe4\xb8'
HTML_500 = b"<html><body><h1>500 Internal Server Error</h1></body></html>"


class Cut(Exception):
    """The connection is to be closed without an answer."""


class Trouble(Protocol):
    """A fault as far as the wire is concerned."""

    @property
    def kind(self) -> str:
        """Its name."""

    @property
    def delay_s(self) -> float | None:
        """Real seconds to wait, None for the kind's own default."""


class Reply(Protocol):
    """An answer ready to leave."""

    @property
    def status(self) -> str:
        """The HTTP status line's code and reason."""

    @property
    def content_type(self) -> str:
        """The media type with its charset."""

    @property
    def body(self) -> bytes:
        """The whole body."""


def respond(  # noqa: C901 - one case per kind of fault
    start_response: StartResponse,
    fault: Trouble | None,
    handle: Callable[[], Reply],
    pause: Callable[[float], None],
) -> Iterable[bytes]:
    """Call `handle` at most once and answer; raise `Cut` where the fault wants silence.

    `pause` waits in real seconds and is cut short when the world ends.
    """
    kind = fault.kind if fault else ""
    wait = fault.delay_s if fault else None
    match kind:
        case "drop":
            raise Cut
        case "timeout_before":
            pause(DEFAULT_HOLD_S if wait is None else wait)
            raise Cut
        case "accept_then_timeout":
            handle()
            pause(wait or 0.0)
            raise Cut
        case "error_500" | "accept_then_500":
            if kind == "accept_then_500":
                handle()
            return _send(start_response, "500 Internal Server Error", "text/html", HTML_500)
        case "malformed" | "malformed_accept":
            if kind == "malformed_accept":
                handle()
            return _send(start_response, "200 OK", "application/json;charset=UTF-8", GIBBERISH)
        case "redirect":
            location = ("Location", "/moved-by-an-injected-fault")
            return _send(start_response, "302 Found", "text/html", b"moved", location)
        case "delay":
            pause(DEFAULT_DELAY_S if wait is None else wait)
    reply = handle()
    whole = _send(start_response, reply.status, reply.content_type, reply.body)
    if kind == "drip":
        return _drip(reply.body, DEFAULT_DRIP_S if wait is None else wait, pause)
    return whole


def _send(
    start_response: StartResponse,
    status: str,
    content_type: str,
    body: bytes,
    *headers: tuple[str, str],
) -> Iterable[bytes]:
    length = ("Content-Length", str(len(body)))
    start_response(status, [("Content-Type", content_type), length, *headers])
    return [body]


def _drip(body: bytes, wait: float, pause: Callable[[float], None]) -> Iterator[bytes]:
    for position in range(len(body)):
        yield body[position : position + 1]
        pause(wait)

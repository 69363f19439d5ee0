"""A tenant's server on loopback: keeps what came, verified, and answers as it is told to."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[["Handler"], None]


@dataclass
class Came:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        return dict(json.loads(self.body))


def plain(status: int, body: bytes = b"", **headers: str) -> Answer:
    """An ordinary answer."""

    def answer(handler: Handler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


TAKEN = plain(200, b'{"code":0,"message":"success"}')
REFUSED = plain(200, '{"code":-1,"message":"订单不存在"}'.encode())


def silent(handler: Handler) -> None:
    """Nothing, until the caller is gone or the test over."""
    handler.close_connection = True
    handler.receiver.ending.wait(30)


def cut(handler: Handler) -> None:
    """The line is cut without a word."""
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)


def dripping(handler: Handler) -> None:
    """A byte now and then, never the whole answer."""
    handler.close_connection = True
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    while not handler.receiver.ending.wait(0.05):
        handler.wfile.write(b" ")


def huge(handler: Handler) -> None:
    """10 MB, of which `sent` says how much was taken."""
    handler.close_connection = True
    handler.send_response(200)
    handler.send_header("Content-Length", str(10 * 2**20))
    handler.end_headers()
    for _ in range(160):
        handler.wfile.write(b" " * 65_536)
        handler.receiver.sent += 65_536


@dataclass
class Receiver:
    """What came, in order. `answers` by path are used up one by one, then `always` is given."""

    url: str = ""
    came: list[Came] = field(default_factory=list)
    answers: dict[str, list[Answer]] = field(default_factory=lambda: defaultdict(list))
    always: Answer = TAKEN
    by_event: Callable[[dict[str, Any]], Answer | None] = lambda _event: None
    ending: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    sent: int = 0

    def at(self, path: str) -> list[Came]:
        return [one for one in self.came if one.path == path]

    def told(self) -> list[tuple[str, int]]:
        """Order number and sequence of what came."""
        return [(one.event["order_no"], one.event["sequence"]) for one in self.came]


class Handler(BaseHTTPRequestHandler):
    receiver: Receiver
    protocol_version = "HTTP/1.1"
    # Head and body leave in two writes: the second would wait 40 ms for the caller's word.
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        receiver = self.receiver
        came = Came(self.path, {key.lower(): value for key, value in self.headers.items()}, body)
        with receiver.lock:
            receiver.came.append(came)
            waiting = receiver.answers[self.path]
            answer = waiting.pop(0) if waiting else None
        answer = answer or receiver.by_event(came.event) or receiver.always
        # A sender that lost patience is gone by now.
        with contextlib.suppress(OSError):
            answer(self)

    def log_message(self, *args: Any) -> None:
        pass


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextmanager
def receiving(port: int = 0) -> Iterator[Receiver]:
    """Serve on this, or a free, loopback port until the block ends."""
    receiver = Receiver()
    handler = type("Bound", (Handler,), {"receiver": receiver, "timeout": 2})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    server.block_on_close = False
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.ending.set()
        server.shutdown()
        thread.join()
        server.server_close()

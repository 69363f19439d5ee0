"""A small application's side: receives callbacks, verifies them, answers as it is told to."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from tests.sandbox.wire import digest


class Receiver:
    """What came, in order; `answers` are used up one by one, then the good one is given."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.came: list[dict[str, Any]] = []
        self.answers: list[tuple[int, bytes]] = []
        # How long an answer takes; the end of the block cuts it short.
        self.slowness = 0.0
        self.ending = threading.Event()
        self.lock = threading.Lock()
        self.url = ""

    def take(self, content_type: str, body: bytes) -> tuple[int, bytes]:
        pairs = parse_qsl(body.decode("ascii"), encoding="latin-1", strict_parsing=True)
        form = {name: value.encode("latin-1") for name, value in pairs}
        content = form["logistics_interface"]
        verified = form["data_digest"].decode() == digest(content, self.secret)
        with self.lock:
            self.came.append(
                {"form": form, "content": content, "verified": verified, "type": content_type}
            )
            return self.answers.pop(0) if self.answers else (200, b'{"success":true}')


@contextmanager
def receiving(secret: str) -> Iterator[Receiver]:
    """Serve on a free loopback port until the block ends."""
    receiver = Receiver(secret)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, answer = receiver.take(self.headers["Content-Type"], body)
            receiver.ending.wait(receiver.slowness)
            # A sender that lost patience is gone by now.
            with contextlib.suppress(OSError):
                self.answer(status, answer)

        def answer(self, status: int, answer: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            if 300 <= status < 400:
                self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False
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

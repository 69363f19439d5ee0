"""A gateway that answers what it is told to, byte for byte, and keeps what it was sent.

For answers that no healthy other side gives; everything else is asked of the sandbox.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl


class Gateway:
    """Answers every request with `status` and `body`."""

    def __init__(self) -> None:
        self.status = 200
        self.body = b""
        self.content_type = "application/json"
        self.requests: list[bytes] = []
        self.url = ""

    def says(self, body: object, status: int = 200) -> None:
        """From now on answer so: bytes as they are, text as UTF-8, all else as JSON."""
        if isinstance(body, str):
            body = body.encode("utf-8", "surrogatepass")
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.status = status

    @property
    def form(self) -> dict[str, str]:
        """The fields of the last request, decoded as a strict receiver does."""
        pairs = parse_qsl(
            self.requests[-1].decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
        )
        assert len(dict(pairs)) == len(pairs)
        return dict(pairs)


@contextmanager
def scripted() -> Iterator[Gateway]:
    """Serve one on loopback until the block ends."""
    gateway = Gateway()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            gateway.requests.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(gateway.status)
            self.send_header("Content-Type", gateway.content_type)
            self.send_header("Content-Length", str(len(gateway.body)))
            # Every answer ends its connection: no thread is left waiting at the end.
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(gateway.body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    gateway.url = f"http://127.0.0.1:{server.server_port}/gateway/link.do"
    try:
        yield gateway
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

"""A threaded HTTP/1.1 server for WSGI callables that binds loopback only and stops without rests.

The standard library's own WSGI server answers HTTP/1.0 and cannot cut a connection; this one
keeps connections alive, as real gateways do, and ends every thread it started.
"""

from __future__ import annotations

import contextlib
import io
import ipaddress
import logging
import socket
import socketserver
import sys
import threading
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from typing import Any
from urllib.parse import unquote
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from config.sandbox.answering import Cut

logger = logging.getLogger(__name__)

LONGEST_BODY = 2_097_152
IDLE_S = 60.0

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None] | None


def is_loopback(host: str) -> bool:
    """Say whether a host name or address can only be reached from this machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """Serves one WSGI callable; `start` and `stop` may each be called once."""

    allow_reuse_address = True
    request_queue_size = 128
    daemon_threads = False
    block_on_close = True

    def __init__(self, host: str, port: int, application: WSGIApplication) -> None:
        """Bind; raise ValueError for a host that is not loopback, OSError for a taken port."""
        if not is_loopback(host):
            msg = f"The sandbox listens on loopback only, not on {host}."
            raise ValueError(msg)
        host = host.strip("[]")
        if ":" in host:
            self.address_family = socket.AF_INET6
        self.application = application
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__((host, port), _Handler)
        self.port: int = self.socket.getsockname()[1]
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{self.port}"
        self._thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.02}, name="sandbox-server"
        )

    def start(self) -> None:
        """Serve in a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Take no more, break off idle connections, wait for every thread."""
        self.shutdown()
        self._thread.join()
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Know the connection before its thread exists, so that `stop` misses none."""
        with self._lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close and forget the connection."""
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that left is no event; anything else is logged, never printed."""
        error = sys.exception()
        if not isinstance(error, OSError):
            logger.error("A sandbox connection failed", exc_info=error)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = IDLE_S
    server: Server

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        """Keep no access log: bodies and queries hold names and phones."""

    def _serve(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if self.headers.get("Transfer-Encoding") or not (length.isascii() and length.isdigit()):
            self._refuse(411)
            return
        if int(length) > LONGEST_BODY:
            self._refuse(413)
            return
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            self.close_connection = True
            return
        try:
            self._answer(self._environ(body))
        except (Cut, OSError):
            self.close_connection = True
        except Exception:
            logger.exception("The sandbox failed on %s %s", self.command, self.path)
            self._refuse(500)

    def _refuse(self, status: int) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.send_error(status)

    def _answer(self, environ: WSGIEnvironment) -> None:
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(
            status: str, headers: list[tuple[str, str]], exc_info: _ExcInfo = None, /
        ) -> Any:
            started[:] = [(status, headers)]
            return lambda _data: None

        application: WSGIApplication = self.server.application
        starter: StartResponse = start_response
        chunks: Iterable[bytes] = application(environ, starter)
        status, headers = started[0]
        if not any(name.lower() == "content-length" for name, _ in headers):
            whole = b"".join(chunks)
            chunks, headers = [whole], [*headers, ("Content-Length", str(len(whole)))]
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        for name, value in headers:
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command == "HEAD":
            return
        for chunk in chunks:
            self.wfile.write(chunk)
            self.wfile.flush()

    def _environ(self, body: bytes) -> WSGIEnvironment:
        path, _, query = self.path.partition("?")
        environ: WSGIEnvironment = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote(path, "latin-1"),
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "REMOTE_ADDR": str(self.client_address[0]),
            "SERVER_NAME": str(self.server.server_address[0]),
            "SERVER_PORT": str(self.server.port),
            "SERVER_PROTOCOL": self.request_version,
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name in self.headers:
            key = "HTTP_" + name.upper().replace("-", "_")
            if key not in ("HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH"):
                environ[key] = ",".join(self.headers.get_all(name, []))
        return environ

"""One POST to a callback address: never follows a redirect, never outlives its deadline."""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

DEADLINE_S = 5.0
LONGEST_ANSWER = 65_536


@dataclass(frozen=True)
class Answer:
    """What came back: `status` None means that no readable answer came, and `error` says why."""

    status: int | None
    body: bytes = b""
    error: str = ""


class Poster:
    """Posts from any thread; `close` ends the posts under way."""

    def __init__(self, deadline_s: float = DEADLINE_S) -> None:
        """Allow each post `deadline_s` real seconds from connect to the last byte."""
        self._deadline_s = deadline_s
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._closed = False

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send and return the answer; a trouble of the network is an answer without status."""
        parts = urlsplit(url)
        connect = (
            http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        )
        path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        overdue = threading.Event()
        watch: threading.Timer | None = None
        sock: socket.socket | None = None
        connection: http.client.HTTPConnection | None = None
        try:
            connection = connect(parts.hostname or "", parts.port, timeout=self._deadline_s)
            connection.connect()
            sock = connection.sock
            self._enter(sock)
            # A socket's own time-out counts from its last byte: a dripping answer would never end.
            watch = threading.Timer(self._deadline_s, self._expire, (sock, overdue))
            watch.start()
            connection.request("POST", path, body, {**headers, "Connection": "close"})
            response = connection.getresponse()
            with response:
                answer = Answer(response.status, response.read(LONGEST_ANSWER))
            # Cut off at the deadline, a body may look whole.
            return Answer(None, error="timeout") if overdue.is_set() else answer
        except (OSError, http.client.HTTPException, ValueError) as error:
            late = overdue.is_set() or isinstance(error, TimeoutError)
            return Answer(None, error="timeout" if late else f"{type(error).__name__}: {error}")
        finally:
            if watch is not None:
                watch.cancel()
                watch.join()
            if sock is not None:
                self._leave(sock)
            if connection is not None:
                connection.close()

    def close(self) -> None:
        """Break off what is under way and refuse what comes."""
        with self._lock:
            self._closed = True
            under_way = list(self._open)
        for sock in under_way:
            _shut(sock)

    def _enter(self, sock: socket.socket) -> None:
        with self._lock:
            if self._closed:
                msg = "the sandbox is closing"
                raise OSError(msg)
            self._open.add(sock)

    def _leave(self, sock: socket.socket) -> None:
        with self._lock:
            self._open.discard(sock)

    @staticmethod
    def _expire(sock: socket.socket, overdue: threading.Event) -> None:
        overdue.set()
        _shut(sock)


def _shut(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)

"""The way to the sandbox without a socket: its WSGI callable, and every way a connection fails.

Stands where a session keeps its adapter, so that what signs, sends, classifies and reads is the
product. Like the product's own sockets it notes when a request has begun to go out.
"""

from __future__ import annotations

import contextlib
import io
import re
import sys
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ProtocolError
from urllib3.response import HTTPResponse

from config.kernel.http import budget
from config.kernel.http import session as product
from config.sandbox.answering import Cut
from config.sandbox.world import World
from tests.proofs.schedules.clock import Clock
from tests.proofs.schedules.trace import Trace

REFUSED, CUT_BEFORE, CUT_AFTER = "refused", "cut_before", "cut_after"
CUT_MIDDLE, LATE = "cut_middle", "late"
TROUBLES = (REFUSED, CUT_BEFORE, CUT_AFTER, CUT_MIDDLE, LATE)
# A request that outlives its caller's patience arrives within one deadline, or never: that is
# what asking twice, a deadline apart, is good for.
LATEST = 9.0
_NUMBER = re.compile(r"EX[0-9A-Z]{22}")


class Wire(HTTPAdapter):
    """Answers requests from `world`; `troubles` are what the next connections suffer."""

    def __init__(self, world: World, clock: Clock, trace: Trace) -> None:
        super().__init__()
        self.world, self._clock, self._trace = world, clock, trace
        self.troubles: list[str] = []

    def new_session(
        self, pool_size: int, ca_file: str | None, hosts: int | None = None
    ) -> requests.Session:
        """The product's session, all but the sockets."""
        made = product.new_session(pool_size, ca_file, hosts)
        made.mount("http://", self)
        return made

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        trouble = self.troubles.pop(0) if self.troubles else ""
        self._trace.say(self._clock.seconds(), f"wire: {_named(request)} {trouble}".rstrip())
        if trouble:
            self._trace.count(f"wire {trouble}")
        if trouble == REFUSED:
            raise requests.ConnectionError(ConnectionRefusedError("refused"))
        budget.current().sent = True
        if trouble == CUT_BEFORE:
            raise requests.ConnectionError(ConnectionResetError("cut before it arrived"))
        if trouble == LATE:
            self._arrive_late(request)
        status, headers, chunks = self._ask(request)
        if trouble == CUT_AFTER:
            raise requests.ConnectionError(ConnectionResetError("cut before an answer"))
        body = io.BufferedReader(_Body(chunks, cut=trouble == CUT_MIDDLE))
        code, _, reason = status.partition(" ")
        raw = HTTPResponse(
            body=body, headers=headers, status=int(code), reason=reason, preload_content=False
        )
        return self.build_response(request, raw)

    def _ask(
        self, request: requests.PreparedRequest
    ) -> tuple[str, list[tuple[str, str]], Iterable[bytes]]:
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> Any:
            started.append((status, headers))

        try:
            chunks = self.world(_environ(request), start_response)
        except Cut:
            raise requests.ConnectionError(ConnectionResetError("cut")) from None
        return *started[0], chunks

    def _arrive_late(self, request: requests.PreparedRequest) -> None:
        left = budget.current().left()

        def arrive() -> None:
            self._trace.say(self._clock.seconds(), f"wire: {_named(request)} arrives late")
            with contextlib.suppress(Cut):
                self.world(_environ(request), lambda *_: None)

        self.world.later(left + LATEST, arrive, key="late")
        self._clock.pause(left)


class _Body(io.RawIOBase):
    def __init__(self, chunks: Iterable[bytes], *, cut: bool) -> None:
        super().__init__()
        self._chunks: Iterator[bytes] = iter(chunks)
        self._cut = cut
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._rest:
            self._rest = next(self._chunks, b"")
        if self._cut:
            msg = "Connection broken"
            raise ProtocolError(msg)
        piece, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(piece)] = piece
        return len(piece)


def _named(request: requests.PreparedRequest) -> str:
    """The message and the order it names."""
    form = dict(parse_qsl(str(request.body, "latin-1") if request.body else "", encoding="latin-1"))
    number = _NUMBER.search(form.get("logistics_interface", ""))
    return f"{form.get('msg_type') or form.get('method')} {number[0] if number else ''}"


def _environ(request: requests.PreparedRequest) -> dict[str, Any]:
    parts = urlsplit(str(request.url))
    body = request.body or b""
    raw = body if isinstance(body, bytes) else body.encode()
    return {
        "REQUEST_METHOD": str(request.method),
        "SCRIPT_NAME": "",
        "PATH_INFO": parts.path,
        "QUERY_STRING": parts.query,
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(raw)),
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": parts.netloc,
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(raw),
        "wsgi.errors": sys.stderr,
    }

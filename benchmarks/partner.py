"""A partner that answers every request after 20 ms: `python -m benchmarks.partner PORT`.

What is sent to `/hangs…` is never answered.
"""

from __future__ import annotations

import asyncio
import re
import sys

DELAY_SECONDS = 0.02
_CONTENT = b'{"code":0}'
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (
    len(_CONTENT),
    _CONTENT,
)
_LENGTH = re.compile(rb"content-length: *([0-9]+)", re.IGNORECASE)


class Answering(asyncio.Protocol):
    """One connection; requests come one after the other."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self.seen = b""

    def data_received(self, data: bytes) -> None:
        """Answer once the whole request is here."""
        self.seen += data
        head, end, body = self.seen.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if not end or len(body) < (int(length[1]) if length else 0):
            return
        hangs, self.seen = head.startswith(b"POST /hangs"), b""
        if not hangs:
            loop = asyncio.get_running_loop()
            loop.call_later(DELAY_SECONDS, self.transport.write, ANSWER)


async def serve(port: int) -> None:
    """Until killed."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Answering, "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))

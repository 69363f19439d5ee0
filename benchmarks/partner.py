"""A partner that answers every request after 20 ms: `python -m benchmarks.partner PORT`."""

from __future__ import annotations

import asyncio
import sys

DELAY_SECONDS = 0.02
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


class Answering(asyncio.Protocol):
    """One connection; requests come one after the other, bodies are two bytes."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self.seen = b""

    def data_received(self, data: bytes) -> None:
        """Answer once the whole request is here."""
        self.seen += data
        if self.seen.endswith(b"\r\n\r\n{}"):
            self.seen = b""
            loop = asyncio.get_running_loop()
            loop.call_later(DELAY_SECONDS, self.transport.write, ANSWER)


async def serve(port: int) -> None:
    """Until killed."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Answering, "127.0.0.1", port, backlog=256)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))

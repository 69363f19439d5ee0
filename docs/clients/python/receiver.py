"""Takes callbacks in: verified, each once, in the right order. `python receiver.py whsec_… 3000`.

What it keeps in memory belongs into your database, in the transaction that changes your order.
"""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tonglu_client import NotFromTonglu, verify_callback

ORDERS: dict[str, dict[str, Any]] = {}  # by order_no: what was last taken in


def take_in(event: dict[str, Any]) -> bool:
    """Keep the event; False where it is a repetition or older than what is known.

    A later status 0 means that the rider handed the order back; with the next 1 comes another
    rider, so name and phone are replaced whatever was there.
    """
    known = ORDERS.get(event["order_no"])
    if known and event["sequence"] <= known["sequence"]:
        return False
    ORDERS[event["order_no"]] = event
    return True


class Receiver(BaseHTTPRequestHandler):
    """POST anywhere."""

    secrets: list[str] = []

    def do_POST(self) -> None:
        """Answer code 0 for a repetition too: it was taken in before."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            take_in(verify_callback(self.secrets, dict(self.headers), body))
        except NotFromTonglu as exc:
            self.answer(401, {"code": -1, "message": str(exc)})
        else:
            self.answer(200, {"code": 0, "message": "success"})

    def answer(self, status: int, data: dict[str, Any]) -> None:
        """JSON."""
        body = json.dumps(data, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: bodies hold names and phones."""


if __name__ == "__main__":
    Receiver.secrets = [sys.argv[1]]  # two of them while the secret is being changed
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), Receiver).serve_forever()

"""Tenants' systems that book over HTTP and repeat, under one key, whatever was not acknowledged.

They keep what they were told: every status, every order number, every answer nobody should get.
"""

from __future__ import annotations

import http.client
import json
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from tests.logistics.conftest import PARCEL, URL
from tests.signing import TenantClient

ACKNOWLEDGED = (200, 201)
# 409 says that the first try is still running, as it may well be after a trouble.
PASSING = (503, 409)
NOBODY_THERE = "no answer"


class Tenants:
    """`parcels` bookings by `hands` threads, one every `pause` seconds each, until stopped."""

    def __init__(
        self,
        port: int,
        keys: list[tuple[str, str]],
        *,
        parcels: int,
        first: int = 0,
        hands: int = 3,
        pause: float = 0.25,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._port, self._now, self._pause = port, now, pause
        self._clients = [TenantClient(*key) for key in keys]
        self._todo: queue.Queue[int] = queue.Queue()
        for number in range(first, first + parcels):
            self._todo.put(number)
        self._over = threading.Event()
        self._lock = threading.Lock()
        self.acknowledged: dict[str, str] = {}
        self.statuses: Counter[int | str] = Counter()
        self.strange: list[str] = []
        self.parcels = parcels
        self._threads = [threading.Thread(target=self._work) for _ in range(hands)]
        for thread in self._threads:
            thread.start()

    def finish(self, seconds: float) -> None:
        """Wait until every parcel is acknowledged."""
        ends = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, ends - time.monotonic()))
        alive = any(thread.is_alive() for thread in self._threads)
        assert not alive, f"{len(self.acknowledged)} of {self.parcels}: {self.statuses}"
        assert len(self.acknowledged) == self.parcels, self.strange

    def stop(self) -> None:
        """Stop, whatever is left to do."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while not self._over.is_set():
            try:
                number = self._todo.get_nowait()
            except queue.Empty:
                return
            self._book(number)
            self._over.wait(self._pause)

    def _book(self, number: int) -> None:
        name = f"P-{number}"
        while not self._over.is_set():
            status, said, headers = self._try(name, self._clients[number % len(self._clients)])
            with self._lock:
                self.statuses[status] += 1
                if status in ACKNOWLEDGED:
                    self.acknowledged[name] = said["data"]["order_no"]
                    return
                if status == 503 and not headers.get("Retry-After"):
                    self.strange.append(f"503 without Retry-After: {said}")
                if status not in PASSING and status != NOBODY_THERE:
                    self.strange.append(f"{status}: {said}")
            self._over.wait(0.3)

    def _try(self, name: str, client: TenantClient) -> tuple[int | str, Any, Any]:
        body = json.dumps({**PARCEL, "tenant_order_no": name}).encode()
        headers = client.headers("POST", URL, body, stamp=int(self._now()))
        headers |= {"Content-Type": "application/json", "Idempotency-Key": f"key-{name}"}
        link = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        try:
            link.request("POST", URL, body, headers)
            answer = link.getresponse()
            text = answer.read()
            try:
                return answer.status, json.loads(text), answer.headers
            except ValueError:
                return answer.status, text[:200], answer.headers
        except (OSError, http.client.HTTPException):
            return NOBODY_THERE, None, {}
        finally:
            link.close()

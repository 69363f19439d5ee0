"""Injected faults: each is used by as many matching calls as asked for, and by no other."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

CALLBACK = "callback"
# What the world itself can do to any system's answers and callbacks; a system may add its own.
REQUEST_KINDS = frozenset(
    {
        "drop",
        "timeout_before",
        "accept_then_timeout",
        "delay",
        "error_500",
        "accept_then_500",
        "malformed",
        "malformed_accept",
        "drip",
        "redirect",
    }
)
CALLBACK_KINDS = frozenset({"drop", "delay", "duplicate", "reorder"})


@dataclass(frozen=True)
class Fault:
    """One wish, as asked for. `times` None means every time; `after` lets that many pass first."""

    id: int
    system: str
    on: str
    kind: str
    times: int | None = 1
    after: int = 0
    match: Mapping[str, str] = field(default_factory=dict)
    delay_s: float | None = None
    error_code: str = ""
    error_msg: str = ""

    def matches(self, system: str, point: str, fields: Mapping[str, str]) -> bool:
        """Say whether a call is meant; `*` stands for every request, never for a callback."""
        meant = self.on == point or (self.on == "*" and point != CALLBACK)
        return (
            meant
            and self.system == system
            and all(fields.get(name) == value for name, value in self.match.items())
        )


class Faults:
    """The faults still to be used, oldest first, safe to ask from any thread."""

    def __init__(self) -> None:
        """Begin with none."""
        self._lock = threading.Lock()
        self._ids = itertools.count(1)
        self._waiting: dict[int, Fault] = {}
        self._seen: dict[int, int] = {}

    def add(
        self,
        *,
        system: str,
        on: str,
        kind: str,
        times: int | None = 1,
        after: int = 0,
        match: Mapping[str, str] | None = None,
        delay_s: float | None = None,
        error_code: str = "",
        error_msg: str = "",
    ) -> Fault:
        """Keep one more and return it with its id."""
        with self._lock:
            fault = Fault(
                id=next(self._ids),
                system=system,
                on=on,
                kind=kind,
                times=times,
                after=after,
                match=dict(match or {}),
                delay_s=delay_s,
                error_code=error_code,
                error_msg=error_msg,
            )
            self._waiting[fault.id] = fault
            self._seen[fault.id] = 0
            return fault

    def take(self, system: str, point: str, fields: Mapping[str, str]) -> Fault | None:
        """Return the oldest fault meant for this call, using it up once; None if there is none."""
        with self._lock:
            for fault in self._waiting.values():
                if not fault.matches(system, point, fields):
                    continue
                self._seen[fault.id] += 1
                seen = self._seen[fault.id]
                if seen <= fault.after:
                    continue
                if fault.times is not None and seen >= fault.after + fault.times:
                    del self._waiting[fault.id]
                return fault
        return None

    def rows(self) -> list[dict[str, object]]:
        """Return what still waits, with how often each was met."""
        with self._lock:
            return [
                {
                    "id": fault.id,
                    "system": fault.system,
                    "on": fault.on,
                    "kind": fault.kind,
                    "times": fault.times,
                    "after": fault.after,
                    "met": self._seen[fault.id],
                    "match": dict(fault.match),
                    "delay_s": fault.delay_s,
                    "errorCode": fault.error_code,
                    "errorMsg": fault.error_msg,
                }
                for fault in self._waiting.values()
            ]

    def remove(self, fault_id: int | None = None) -> int:
        """Forget one fault, or all; return how many there were."""
        with self._lock:
            if fault_id is not None:
                return 1 if self._waiting.pop(fault_id, None) else 0
            count = len(self._waiting)
            self._waiting.clear()
            return count

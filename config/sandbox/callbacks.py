"""A callback is sent as its system composed it, again until acknowledged, every attempt kept.

Injected callback faults are asked for before each attempt, so that `times` counts attempts:
`wrong_signature` once spoils the first attempt and leaves the repetition good. Faults about the
body are handed to the system; those about delivery (drop, delay, duplicate, reorder) act here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from config.sandbox.clock import Clock
from config.sandbox.faults import CALLBACK, Fault, Faults
from config.sandbox.posting import Answer
from config.sandbox.schedule import Schedule

DEFAULT_DELAY_S = 60.0
# A reordered callback whose successor never comes is sent after this much virtual time, longer
# than any pause of a journey.
REORDER_PATIENCE_S = 86_400.0
ANSWER_KEPT = 500

Post = Callable[[str, bytes, Mapping[str, str]], Answer]


class Outgoing(Protocol):
    """A callback as a system hands it over."""

    @property
    def system(self) -> str:
        """The system's name, as faults know it."""

    @property
    def key(self) -> str:
        """What it is about; callbacks of one key are not sent at the same time."""

    @property
    def url(self) -> str:
        """Where to; empty means that nobody listens: it is composed and kept, not sent."""

    @property
    def fields(self) -> Mapping[str, str]:
        """What a fault's `match` is compared with."""

    @property
    def retry_after(self) -> Sequence[float]:
        """Virtual seconds before each repetition."""

    def compose(self, fault: str) -> tuple[bytes, Mapping[str, str]]:
        """Return body and headers, spoiled as the fault's kind asks ("" for none)."""

    def acknowledged(self, status: int, body: bytes) -> bool:
        """Say whether the receiver's answer means that it has it."""

    def record(self, attempt: Mapping[str, object]) -> None:
        """Keep what became of one attempt."""


@dataclass(frozen=True)
class _Attempt:
    callback: Outgoing
    number: int


class Sender:
    """Sends callbacks for every system and keeps the journal of what was sent."""

    def __init__(
        self,
        clock: Clock,
        schedule: Schedule,
        faults: Faults,
        post: Post,
        journey: float | None = None,
    ) -> None:
        """Post through `post`, which must not raise for troubles of the network.

        `journey`, in virtual seconds, is what the waits of faults must fit into.
        """
        self._delay_s = DEFAULT_DELAY_S if journey is None else min(DEFAULT_DELAY_S, journey / 4)
        self._patience_s = REORDER_PATIENCE_S if journey is None else journey
        self._clock = clock
        self._schedule = schedule
        self._faults = faults
        self._post = post
        self._lock = threading.Lock()
        self._parked: dict[str, _Attempt] = {}
        self._journal: list[dict[str, object]] = []

    def send(self, callback: Outgoing) -> None:
        """Make the first attempt now, in this thread."""
        self._attempt(_Attempt(callback, 1))

    def journal(self, since: int = 0) -> list[dict[str, object]]:
        """Return the attempts made, oldest first, from the given position on."""
        with self._lock:
            return self._journal[since:]

    def clear(self) -> None:
        """Forget what waits and what was sent."""
        with self._lock:
            self._parked.clear()
            self._journal.clear()

    def _attempt(self, attempt: _Attempt) -> None:
        callback = attempt.callback
        fault = self._faults.take(callback.system, CALLBACK, callback.fields)
        kind = fault.kind if fault else ""
        if fault and kind == "drop":
            self._note(attempt, fault, Answer(None, error="dropped by an injected fault"), b"")
        elif fault and kind == "delay":
            wait = self._delay_s if fault.delay_s is None else fault.delay_s
            self._schedule.later(wait, lambda: self._deliver(attempt, None), key=callback.key)
        elif kind == "reorder" and self._park(attempt):
            patience = self._patience_s
            if fault and fault.delay_s is not None:
                patience = fault.delay_s
            self._schedule.later(patience, lambda: self._unpark(callback.key), key=callback.key)
        else:
            self._deliver(attempt, fault)
            if kind == "duplicate":
                self._deliver(attempt, fault, repeat=False)
            self._unpark(callback.key)

    def _deliver(self, attempt: _Attempt, fault: Fault | None, *, repeat: bool = True) -> None:
        callback = attempt.callback
        body, headers = callback.compose(fault.kind if fault else "")
        if not callback.url:
            self._note(attempt, fault, Answer(None, error="no callback address"), body)
            return
        answer = self._post(callback.url, body, headers)
        acknowledged = self._note(attempt, fault, answer, body)
        if repeat and not acknowledged and attempt.number <= len(callback.retry_after):
            again = _Attempt(callback, attempt.number + 1)
            wait = callback.retry_after[attempt.number - 1]
            self._schedule.later(wait, lambda: self._attempt(again), key=callback.key)

    def _park(self, attempt: _Attempt) -> bool:
        with self._lock:
            return self._parked.setdefault(attempt.callback.key, attempt) is attempt

    def _unpark(self, key: str) -> None:
        with self._lock:
            parked = self._parked.pop(key, None)
        if parked is not None:
            self._deliver(parked, None)

    def _note(self, attempt: _Attempt, fault: Fault | None, answer: Answer, body: bytes) -> bool:
        callback = attempt.callback
        acknowledged = answer.status is not None and callback.acknowledged(
            answer.status, answer.body
        )
        row: dict[str, object] = {
            "at": self._clock.now().isoformat(),
            "number": attempt.number,
            "url": callback.url,
            "fault": fault.kind if fault else None,
            "http_status": answer.status,
            "answer": answer.body[:ANSWER_KEPT].decode("utf-8", "replace"),
            "acknowledged": acknowledged,
            "error": answer.error or None,
            "body": body.decode("latin-1"),
        }
        callback.record(row)
        with self._lock:
            self._journal.append({"system": callback.system, **callback.fields, **row})
        return acknowledged

"""What is due later runs once, in order; two actions of one key never run at the same time.

With a running clock a thread waits for the next moment and a small pool does the work, because
an action may post to somebody slow. With a manual clock there is no thread at all: `step` runs
what has come due in the caller's thread.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from config.sandbox.clock import Clock

logger = logging.getLogger(__name__)

Action = Callable[[], None]
WORKERS = 8
LONGEST_WAIT = 3600.0


class Schedule:
    """A heap of (due, order of arrival, key, action) under one lock."""

    def __init__(self, clock: Clock) -> None:
        """Start the waiting thread, unless the clock is manual."""
        self._clock = clock
        self._changed = threading.Condition()
        self._stepping = threading.Lock()
        self._heap: list[tuple[datetime, int, str, Action]] = []
        self._arrival = itertools.count()
        # A key is present while one of its actions runs; the deque holds those that wait for it.
        self._lanes: dict[str, deque[Action]] = {}
        self._closed = False
        self._thread: threading.Thread | None = None
        if not clock.manual:
            self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="sandbox-action")
            self._thread = threading.Thread(target=self._wait_and_run, name="sandbox-schedule")
            self._thread.start()

    def later(self, seconds: float, action: Action, *, key: str) -> None:
        """Run `action` once `seconds` of virtual time have passed."""
        due = self._clock.now() + timedelta(seconds=max(0.0, seconds))
        with self._changed:
            heapq.heappush(self._heap, (due, next(self._arrival), key, action))
            self._changed.notify()

    def pending(self) -> int:
        """Return how many actions wait for their moment."""
        with self._changed:
            return len(self._heap)

    def step(self, seconds: float) -> None:
        """Move a manual clock forward, running every action at its own moment, in order."""
        if not self._clock.manual:
            msg = "The clock runs by itself; start the sandbox with --manual to step it."
            raise ValueError(msg)
        with self._stepping:
            target = self._clock.now() + timedelta(seconds=max(0.0, seconds))
            while True:
                with self._changed:
                    if self._closed or not self._heap or self._heap[0][0] > target:
                        break
                    due, _, _, action = heapq.heappop(self._heap)
                self._clock.advance_to(due)
                # Not guarded: whoever steps is there to see what breaks.
                action()
            self._clock.advance_to(target)

    def clear(self) -> None:
        """Forget everything that has not begun."""
        with self._changed:
            self._heap.clear()
            for lane in self._lanes.values():
                lane.clear()

    def close(self) -> None:
        """Begin nothing more and wait for what runs."""
        with self._changed:
            self._closed = True
            self._heap.clear()
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()
            self._pool.shutdown(wait=True, cancel_futures=True)

    def _wait_and_run(self) -> None:
        while True:
            with self._changed:
                while not self._closed and (wait := self._seconds_to_wait()) > 0:
                    self._changed.wait(min(wait, LONGEST_WAIT))
                if self._closed:
                    return
                _, _, key, action = heapq.heappop(self._heap)
                if key in self._lanes:
                    self._lanes[key].append(action)
                    continue
                self._lanes[key] = deque()
            self._pool.submit(self._run_lane, key, action)

    def _seconds_to_wait(self) -> float:
        return self._clock.real_seconds_until(self._heap[0][0]) if self._heap else LONGEST_WAIT

    def _run_lane(self, key: str, action: Action) -> None:
        while True:
            self._run(action)
            with self._changed:
                lane = self._lanes[key]
                if self._closed or not lane:
                    del self._lanes[key]
                    return
                action = lane.popleft()

    @staticmethod
    def _run(action: Action) -> None:
        try:
            action()
        except Exception:
            # One broken journey must not stop every other parcel's.
            logger.exception("A scheduled action of the sandbox failed")

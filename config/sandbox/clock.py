"""The world's time: virtual, aware UTC, never going backwards, beginning at the real time."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta


class Clock:
    """Real time multiplied by `speed`, or, when `manual`, a time that only `advance_to` moves."""

    def __init__(self, *, speed: float = 1.0, manual: bool = False) -> None:
        """Start now; `speed` is virtual seconds per real second."""
        if not 0 < speed <= 1_000_000:
            msg = "speed must be more than 0 and at most 1,000,000"
            raise ValueError(msg)
        self.manual = manual
        self.speed = speed
        self._lock = threading.Lock()
        self._start = datetime.now(UTC)
        self._started = time.monotonic()
        self._stepped = self._start

    def now(self) -> datetime:
        """Return the virtual moment."""
        if self.manual:
            with self._lock:
                return self._stepped
        elapsed = (time.monotonic() - self._started) * self.speed
        return self._start + timedelta(seconds=elapsed)

    def advance_to(self, moment: datetime) -> None:
        """Move a manual clock forward; a moment already past changes nothing."""
        with self._lock:
            self._stepped = max(self._stepped, moment)

    def real_seconds_until(self, moment: datetime) -> float:
        """Return how long to wait in real seconds, 0 when the moment has come."""
        return max(0.0, (moment - self.now()).total_seconds() / self.speed)

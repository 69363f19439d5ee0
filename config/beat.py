"""The clock's ticks go on when the wall clock is set back.

Celery plans them by the wall clock: set back an hour, it would send none for that hour, and what
is tried again or was never nudged for would lie as long.
"""

from __future__ import annotations

from typing import Any

from celery.beat import PersistentScheduler


class SteadyScheduler(PersistentScheduler):
    """Plans anew when something seems to have run in the future, before a restart as well."""

    def tick(self, *args: Any, **kwargs: Any) -> Any:
        """Send what is due; return the seconds until the next look."""
        now = self.app.now()
        early = [
            entry
            for entry in self.schedule.values()
            if entry.last_run_at is not None and entry.last_run_at > now
        ]
        for entry in early:
            entry.last_run_at = now
        if early:
            self._heap = None
        return super().tick(*args, **kwargs)

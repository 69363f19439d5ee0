"""When an event is tried again: ever more seldom, for 72 hours, the last time at their very end.

Pauses are told by the time since the first attempt, not by a count: an event that waited for a
paused endpoint, or was brought forward, goes on where its hours say.
"""

from __future__ import annotations

import secrets
from bisect import bisect_right
from datetime import datetime, timedelta
from typing import Final

TRIED_FOR: Final = timedelta(hours=72)
#: After the first attempt, the second, ...; the last for all that follow.
PAUSES: Final = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 60, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 12 * 3600)
)
JITTER: Final = 0.2
LONGEST_RETRY_AFTER: Final = timedelta(hours=12)
#: An order's next event goes ahead after so many answered refusals of one.
REFUSALS_BEFORE_PASSING: Final = 8
#: An event made to try a server is given up after so many failures, or the first refusal.
TRIES_OF_A_TEST: Final = 3
#: An endpoint without one success for so long is paused.
PAUSED_AFTER: Final = timedelta(hours=72)
LONGEST_REST: Final = timedelta(seconds=60)

# When the second attempt, the third, ... may be made at the earliest, their pauses all at -20 %.
# The latest of each comes before the earliest of the next, so that an instant tells the step.
_EARLIEST: Final = tuple(
    (1 - JITTER) * sum((pause.total_seconds() for pause in PAUSES[:step]), 0.0)
    for step in range(1, len(PAUSES))
)


def draw_jitter() -> float:
    """A factor from 0.8 to 1.2."""
    return 1 + JITTER * (secrets.randbelow(2001) - 1000) / 1000


def pause_after(elapsed: timedelta) -> timedelta:
    """The pause, without jitter, after an attempt made `elapsed` after the first."""
    return PAUSES[bisect_right(_EARLIEST, elapsed.total_seconds())]


def next_try(
    *,
    first_attempt_at: datetime,
    tried_at: datetime,
    ended_at: datetime,
    retry_at: datetime | None = None,
    jitter: float,
) -> datetime | None:
    """When to try again after an attempt from `tried_at` to `ended_at`; None: that was the last.

    Never before `retry_at`, which is what the other side asked for (at most 12 hours of it).
    """
    last = first_attempt_at + TRIED_FOR
    if tried_at >= last:
        return None
    then = ended_at + pause_after(tried_at - first_attempt_at) * jitter
    if retry_at is not None:
        then = max(then, min(retry_at, ended_at + LONGEST_RETRY_AFTER))
    return min(then, last)


def rest_after(failures: int) -> timedelta:
    """How long a server that gave no answer is left in peace: 2 s, 4 s, ... a minute."""
    return min(timedelta(seconds=2 ** min(failures, 6)), LONGEST_REST)

"""The row is the queue, the broker only the clock; losing every message loses nothing.

A table of work carries a nullable `due_at` (null: nothing to do), `attempts` and a lease token.
`runner.drain` claims what is due, lets a pool of threads do the network, and finishes each row in
one transaction of the claiming thread.
"""

from __future__ import annotations

from config.kernel.work.aside import await_asides, end_asides, is_ending, start_aside
from config.kernel.work.claims import LostLease, claim, finish, is_due
from config.kernel.work.job import Job, backoff
from config.kernel.work.nudge import nudge
from config.kernel.work.rows import WorkRow
from config.kernel.work.runner import drain, run_row

__all__ = [
    "Job",
    "LostLease",
    "WorkRow",
    "await_asides",
    "backoff",
    "claim",
    "drain",
    "end_asides",
    "finish",
    "is_due",
    "is_ending",
    "nudge",
    "run_row",
    "start_aside",
]

"""The only way out to other systems: bounded in time and size, classified, guarded, recorded."""

from __future__ import annotations

from config.kernel.http.guard import OutsideCallInTransaction, forbid_in_transaction
from config.kernel.http.outcomes import (
    Answer,
    CallRecord,
    Forbidden,
    ForbiddenTarget,
    NoAnswer,
    NotSent,
    Outcome,
    OutsideError,
)
from config.kernel.http.partner import Partner

__all__ = [
    "Answer",
    "CallRecord",
    "Forbidden",
    "ForbiddenTarget",
    "NoAnswer",
    "NotSent",
    "Outcome",
    "OutsideCallInTransaction",
    "OutsideError",
    "Partner",
    "forbid_in_transaction",
]

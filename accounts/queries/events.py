"""What a tenant was told of one order, and whether it has arrived."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from accounts.models import TenantEvent

MOST = 100


@dataclass(frozen=True, slots=True)
class EventInfo:
    """One event as other apps may show it; `status` by its value and in words."""

    id: int
    event_id: str
    sequence: int
    event_type: str
    status: str
    status_text: str
    attempts: int
    last_status: int | None
    last_error: str
    occurred_at: datetime
    delivered_at: datetime | None


def events_of(*, kind: str, subject_id: int) -> list[EventInfo]:
    """The order's events, the newest first, a hundred at most."""
    rows = TenantEvent.objects.filter(kind=kind, subject_id=subject_id).order_by("-sequence")
    return [
        EventInfo(
            row.pk, row.event_id, row.sequence, row.event_type, row.status,
            str(row.get_status_display()), row.attempts, row.last_status, row.last_error or "",
            row.occurred_at, row.delivered_at,
        )
        for row in rows.defer("content")[:MOST]
    ]  # fmt: skip

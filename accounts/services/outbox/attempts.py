"""Every call to a tenant's server is kept, whatever became of the lease it was made under."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.models import CallbackAttempt, CallbackEndpoint
from config.kernel.rows import insert_all

if TYPE_CHECKING:
    from accounts.services.outbox.outcomes import Turn


def keep_attempts(endpoint: CallbackEndpoint, turn: Turn) -> None:
    """Write a turn's attempts, masked, with one statement."""
    insert_all(
        CallbackAttempt,
        [
            {
                "event_id": sent.pk,
                "endpoint_id": endpoint.pk,
                "tenant_id": endpoint.tenant_id,
                "number": sent.number,
                "url": sent.url,
                "outcome": sent.outcome,
                "http_status": sent.http_status,
                "duration_ms": sent.duration_ms,
                "answer": sent.answer,
                "error": sent.error,
                "created_at": sent.at,
            }
            for sent in turn.sent
        ],
    )

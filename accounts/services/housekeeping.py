"""What has served its time goes: nonces that could no longer pass, answered idempotency keys."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.models import RequestNonce
from accounts.services.idempotency import prune_keys

# Twice the signature's window on each side, and some minutes for clocks.
NONCE_KEPT = timedelta(minutes=20)


def prune_spent(*, at: datetime) -> int:
    """Delete them; returns rows."""
    nonces, _ = RequestNonce.objects.filter(created_at__lt=at - NONCE_KEPT).delete()
    return nonces + prune_keys(at=at)

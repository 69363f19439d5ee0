"""What a tenant is sent of an event: the seed's six fields first, the same bytes each time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from accounts.services.outbox.signing import sign

if TYPE_CHECKING:
    from accounts.models import TenantEvent


def event_body(event: TenantEvent, zone: ZoneInfo) -> bytes:
    """JSON in UTF-8: S000 3.2's fields, then ours, then what the order's app added.

    `occurred_at` is ISO-8601 with the offset of `zone`.
    """
    content = dict(event.content)
    fields = {
        "external_order_no": event.external_order_no,
        "order_no": event.order_no,
        **{name: content.pop(name, None) for name in _FROM_CONTENT},
        "event_id": event.event_id,
        "event_type": event.event_type,
        "sequence": event.sequence,
        "occurred_at": event.occurred_at.astimezone(zone).isoformat(),
        "is_test": event.is_test,
    }
    rest = {name: value for name, value in content.items() if name not in fields}
    return json.dumps({**fields, **rest}, ensure_ascii=False, separators=(",", ":")).encode()


_FROM_CONTENT = ("status", "status_text", "rider_name", "rider_phone")


def signature_headers(
    *, event_id: str, body: bytes, at: datetime, secrets: Sequence[str]
) -> dict[str, str]:
    """The headers of one attempt made at `at`: a signature for each secret, the newest first.

    :raises ValueError: a secret is not base64.
    """
    timestamp = int(at.timestamp())
    return {
        "Content-Type": "application/json",
        "webhook-id": event_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(
            sign(secret, event_id, timestamp, body) for secret in secrets
        ),
    }

"""What an app says of a change that a tenant is to be told of."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

#: The kind of order that does not exist: its one event is sent to try a server.
TEST_KIND: Final = "test"


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one order. `(kind, subject_id)` is the order, `sequence` its own counter.

    The seed's six fields (S000 3.2) go out at top level, and `more` beside them; `status` is what
    that kind of order uses outside. `url` is the order's own callback URL, None for the tenant's.
    """

    tenant_id: int
    is_test: bool
    kind: str
    subject_id: int
    sequence: int
    event_type: str
    order_no: str
    external_order_no: str | None
    status: int | str
    status_text: str
    occurred_at: datetime
    rider_name: str | None = None
    rider_phone: str | None = None
    url: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict)


def new_event_id() -> str:
    """`evt_` and 32 hex digits: no point in it, since the signature separates by points."""
    return f"evt_{secrets.token_hex(16)}"

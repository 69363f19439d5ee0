"""A tenant that has all its servers rest means those as well that it names later."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.models import CallbackEndpoint


def paused_from_the_start(names: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """What a new endpoint (its tenant, mode and host) begins with; inside its transaction.

    The row of the tenant's own URL, which is there already, is locked: whoever pauses or resumes
    all at this moment either is seen here, or finds the new endpoint among those it is to change.
    """
    own = CallbackEndpoint.objects.select_for_update().filter(**{**names, "host": ""})
    reason = own.values_list("all_paused_reason", flat=True).first() if names["host"] else None
    return {} if reason is None else {"paused_at": at, "paused_reason": reason}

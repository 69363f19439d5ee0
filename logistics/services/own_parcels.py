"""The platform's own parcels: one `tenant_order_no`, one parcel, as with tenants' parcels.

They have no tenant, so the database's unique pair of tenant and number does not see them; their
number is kept as the request's key, which is unique. An operator's program may then repeat a
request whose answer was lost.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from logistics.carriers.base import Branch
from logistics.services.booking import Booked, book_order
from logistics.services.drafts import Draft


def book_for(
    *,
    draft: Draft,
    tenant_id: int | None,
    at: datetime,
    created_by: int | None,
    branch: Branch | None = None,
    request_key: str | None = None,
) -> Booked:
    """Book a tenant's parcel or, without one, the platform's own; a number's second time finds it.

    `request_key` is what makes a parcel unique that has no such number.

    :raises OrderDiffers: other content under the same number (409).
    :raises AccountMissing, RuleMissing, QuotaMissing, …: as `book_order`; nothing is written.
    """
    numbered = tenant_id is None and bool(draft.tenant_order_no)
    if numbered:
        text = f"own parcel/{draft.tenant_order_no}"
        request_key = hashlib.sha256(text.encode()).hexdigest()
    return book_order(
        draft=draft,
        tenant_id=tenant_id,
        at=at,
        request_key=request_key,
        created_by=created_by,
        branch=branch,
        key_for_good=numbered,
    )

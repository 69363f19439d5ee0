"""The platform's own parcels: one `tenant_order_no`, one parcel, as with tenants' parcels.

They have no tenant, so the database's unique pair of tenant and number does not see them; their
number is kept as the request's key, which is unique. An operator's program may then repeat a
request whose answer was lost.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from logistics.carriers.base import Branch
from logistics.errors import OrderDiffers
from logistics.models import ExpressOrder
from logistics.services.booking import Booked, book_order
from logistics.services.drafts import Draft


def book_for(
    *,
    draft: Draft,
    tenant_id: int | None,
    at: datetime,
    created_by: int,
    branch: Branch | None = None,
) -> Booked:
    """Book a tenant's parcel or, without one, the platform's own; a number's second time finds it.

    :raises OrderDiffers: other content under the same number (409).
    :raises AccountMissing, RuleMissing, QuotaMissing, …: as `book_order`; nothing is written.
    """
    key = None
    if tenant_id is None and draft.tenant_order_no:
        key = hashlib.sha256(f"own parcel/{draft.tenant_order_no}".encode()).hexdigest()
        found = ExpressOrder.objects.filter(request_key=key).first()
        if found is not None and found.content_hash != draft.content_hash:
            raise OrderDiffers(order_no=found.order_no)
    return book_order(
        draft=draft,
        tenant_id=tenant_id,
        at=at,
        request_key=key,
        created_by=created_by,
        branch=branch,
    )

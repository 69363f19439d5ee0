"""A delivery is booked once per tenant, mode and number, in one transaction, asking nobody.

The tenant is told of it by the answer alone: the first callback is the first change.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from accounts.errors import TenantSuspended
from accounts.queries import callback_addresses
from accounts.services.callback_urls import own_callback_url
from config.kernel.encryption import lookup_hash
from config.kernel.errors import Malformed, Refusal
from config.kernel.numbers import new_number
from config.kernel.phones import search_form
from config.kernel.rows import insert
from config.kernel.work.claims import again_if_deadlocked
from delivery.errors import DeliveryDiffers
from delivery.models import DeliveryOrder
from delivery.services.drafts import Draft, difference
from delivery.services.orders import note_step
from delivery.services.pricing import quote
from delivery.services.settings import settings_of
from delivery.services.waking import due_when_pending, wake_work
from delivery.states import Actor, DeliveryStatus

TRIES = 5
NUMBER_PREFIX = "DL"
LONGEST_PROMISE = timedelta(days=30)
_COPIED = (
    "external_order_no", "merchant_name", "merchant_address", "merchant_phone", "merchant_lat",
    "merchant_lng", "receiver_name", "receiver_address", "receiver_phone", "receiver_lat",
    "receiver_lng", "goods_info", "weight", "goods_amount", "total_amount", "remark",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Booked:
    """The order, and whether this request made it."""

    order: DeliveryOrder
    created: bool


def book_delivery(
    *,
    draft: Draft,
    tenant_id: int,
    is_test: bool,
    at: datetime,
    request_key: str | None = None,
) -> Booked:
    """Book a delivery, or find the one that this very request booked before.

    :raises DeliveryDiffers: other content under the same number; says what differs (409).
    :raises CallbackHostNotListed: the callback's host is not on the tenant's list.
    :raises CallbackUrlRefused: it is no address that we would call.
    :raises PriceUnknown, TooFar, Malformed: the fee is left to us and there is none.
    :raises TenantSuspended: nothing is written, as with all of these.
    """
    wish = draft
    try:
        own_url = own_callback_url(tenant_id=tenant_id, url=draft.callback_url) or ""
        if own_url != draft.callback_url:
            wish = replace(draft, callback_url=own_url)
        order = _book(wish, tenant_id, at, is_test=is_test, request_key=request_key)
        return Booked(order, created=True)
    except (IntegrityError, Refusal):
        # Most requests come once, so whether this one was booked before is asked only here.
        # As it was sent counts too: the tenant's default address may be another one by now.
        found = _booked_before(wish, tenant_id, draft.content_hash, is_test=is_test)
        if found is None:
            raise
        return found


def _book(
    draft: Draft, tenant_id: int, at: datetime, *, is_test: bool, request_key: str | None
) -> DeliveryOrder:
    if callback_addresses(tenant_id).suspended:
        raise TenantSuspended
    columns = _columns(draft, tenant_id, at) | {
        "tenant_id": tenant_id,
        "is_test": is_test,
        "request_key": request_key,
        "due_at": due_when_pending(tenant_id=tenant_id, is_test=is_test, at=at),
        "created_at": at,
        "updated_at": at,
    }
    for attempt in range(1, TRIES + 1):
        try:
            return again_if_deadlocked(lambda: _insert(columns, at))
        except IntegrityError:
            if attempt == TRIES or _booked_before(draft, tenant_id, is_test=is_test) is not None:
                raise
            # The key's 24 hours are over and its effect is history, or else an order number was
            # drawn twice: the tenant's own number, which there must be, keeps the order single.
            columns["request_key"] = None
    raise AssertionError


def _insert(columns: dict[str, Any], at: datetime) -> DeliveryOrder:
    with transaction.atomic():
        order = insert(DeliveryOrder, {"order_no": new_number(NUMBER_PREFIX, at), **columns})
        note_step(order, at, Actor.TENANT, None, "", told=False)
        wake_work(order)
    return order


def _booked_before(draft: Draft, tenant_id: int, *same: str, is_test: bool) -> Booked | None:
    """The order of this number; of this content, or of one that hashes to one of `same`."""
    # `= false` becomes NOT on SQLite, which no index serves.
    order = DeliveryOrder.objects.filter(
        tenant_id=tenant_id, is_test__in=[is_test], external_order_no=draft.external_order_no
    ).first()
    if order is None:
        return None
    if order.content_hash not in {draft.content_hash, *same}:
        differs = "、".join(difference(order, draft))
        raise DeliveryDiffers(order_no=order.order_no, difference=differs)
    return Booked(order, created=False)


def _columns(draft: Draft, tenant_id: int, at: datetime) -> dict[str, Any]:
    known = settings_of(tenant_id=tenant_id)
    return {name: getattr(draft, name) for name in _COPIED} | {
        "content_hash": draft.content_hash,
        "receiver_phone_hash": lookup_hash(search_form(draft.receiver_phone)),
        "distance_m": draft.distance_m,
        "delivery_fee": _fee(draft, tenant_id, at),
        "callback_url": draft.callback_url or None,
        "promised_at": _promised(draft, at, timedelta(minutes=known.promised_minutes)),
        "pickup_code": _code() if known.needs_pickup_code else None,
        "delivery_code": _code() if known.needs_delivery_code else None,
        "status": DeliveryStatus.PENDING,
    }


def _fee(draft: Draft, tenant_id: int, at: datetime) -> Any:
    if draft.delivery_fee is not None:
        return draft.delivery_fee
    return quote(
        tenant_id=tenant_id, merchant_lat=draft.merchant_lat, merchant_lng=draft.merchant_lng,
        receiver_lat=draft.receiver_lat, receiver_lng=draft.receiver_lng,
        weight=draft.weight, at=at,
    ).delivery_fee  # fmt: skip


def _promised(draft: Draft, at: datetime, usual: timedelta) -> datetime:
    if draft.promised_at is None:
        return at + usual
    if not at < draft.promised_at <= at + LONGEST_PROMISE:
        raise Malformed(fields={"promised_at": ["应晚于现在，且在 30 天以内。"]})
    return draft.promised_at


def _code() -> str:
    return f"{secrets.randbelow(10_000):04d}"

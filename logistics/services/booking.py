"""A parcel is booked in one transaction, order and quota unit together, before anything is asked.

No outside call happens here: the order is `created` and due, and a worker carries on.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from accounts.errors import TenantSuspended
from accounts.queries import tenant_by_id
from config.kernel.encryption import lookup_hash
from config.kernel.work import nudge
from logistics.errors import OrderDiffers, RuleMissing
from logistics.models import ExpressOrder, ExpressRule
from logistics.phones import search_form
from logistics.services.accounts import account_for
from logistics.services.drafts import Draft
from logistics.services.rules import rule_for
from logistics.states import OrderStatus
from quotas.errors import QuotaMoved
from quotas.services.reservation import look, reserve

WORK_TASK = "logistics.work"
TRIES = 5
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


@dataclass(frozen=True, slots=True)
class Booked:
    """The order, and whether this request made it."""

    order: ExpressOrder
    created: bool


def new_order_no(at: datetime) -> str:
    """24 characters of A–Z 0–9, never given twice: the UTC second and 50 random bits."""
    return f"EX{at:%y%m%d%H%M%S}" + "".join(secrets.choice(_ALPHABET) for _ in range(10))


def book_order(
    *,
    draft: Draft,
    tenant_id: int | None,
    at: datetime,
    is_test: bool = False,
    request_key: str | None = None,
    created_by: int | None = None,
) -> Booked:
    """Book a parcel, or find the one this very request booked before.

    `tenant_id` None is the platform's own parcel: no quota. Test orders go to the sandbox and
    touch no quota.

    :raises OrderDiffers: other content under the same tenant order number (409).
    :raises AccountMissing, RuleMissing, QuotaMissing, QuotaExhausted, …: nothing is written.
    """
    found = _booked_before(draft, tenant_id, request_key)
    if found is not None:
        return found
    if tenant_id is not None and tenant_by_id(tenant_id).suspended:
        raise TenantSuspended
    account = account_for(is_test=is_test)
    columns = _columns(draft, rule_for(cp_code=draft.cp_code)) | {
        "tenant_id": tenant_id,
        "is_test": is_test,
        "account_id": account.pk,
        "request_key": request_key,
        "created_by": created_by,
    }
    for _ in range(TRIES):
        try:
            return Booked(_insert(columns, metered=tenant_id if not is_test else None, at=at), True)
        except IntegrityError:
            found = _booked_before(draft, tenant_id, request_key)
            if found is not None:
                return found
            # Otherwise an order number was drawn twice; the next try draws another.
        except QuotaMoved:
            continue
    raise QuotaMoved


def _insert(columns: dict[str, Any], *, metered: int | None, at: datetime) -> ExpressOrder:
    allowance = look(tenant_id=metered, at=at) if metered is not None else None
    with transaction.atomic():
        order = ExpressOrder.objects.create(
            order_no=new_order_no(at),
            status=OrderStatus.CREATED,
            due_at=at,
            news_at=at,
            created_at=at,
            updated_at=at,
            **columns,
        )
        nudge(WORK_TASK)
        if allowance is not None:
            reserve(allowance=allowance, order_id=order.pk, at=at, cp_code=order.cp_code)
    return order


def _booked_before(draft: Draft, tenant_id: int | None, request_key: str | None) -> Booked | None:
    order = None
    if request_key is not None:
        order = ExpressOrder.objects.filter(request_key=request_key).first()
    if order is None and draft.tenant_order_no and tenant_id is not None:
        order = ExpressOrder.objects.filter(
            tenant_id=tenant_id, tenant_order_no=draft.tenant_order_no
        ).first()
    if order is None:
        return None
    if order.content_hash != draft.content_hash:
        raise OrderDiffers(order_no=order.order_no)
    return Booked(order, created=False)


_SENDER = ("name", "phone", "province", "city", "district", "town", "address")


def _columns(draft: Draft, rule: ExpressRule | None) -> dict[str, Any]:
    """The order's columns: the request's words, completed by the rule's."""
    sender = {f"sender_{part}": getattr(draft, f"sender_{part}") or None for part in _SENDER}
    if not any((sender["sender_address"], sender["sender_province"])):
        # A place is taken whole from one source: half of each would be nowhere.
        for part in _SENDER[2:]:
            sender[f"sender_{part}"] = getattr(rule, f"sender_{part}", None) or None
    for part in ("name", "phone"):
        name = f"sender_{part}"
        sender[name] = sender[name] or getattr(rule, name, None)
    cp_code = draft.cp_code or (rule.cp_code if rule else "")
    missing = [
        label
        for label, value in (
            ("快递公司 cp_code", cp_code),
            ("寄件人姓名 sender_name", sender["sender_name"]),
            ("寄件人电话 sender_phone", sender["sender_phone"]),
            ("寄件地址 sender_address", sender["sender_address"] or sender["sender_province"]),
        )
        if not value
    ]
    if missing:
        raise RuleMissing(missing="、".join(missing))
    return {
        **sender,
        "tenant_order_no": draft.tenant_order_no,
        "tenant_order_id": draft.tenant_order_id,
        "content_hash": draft.content_hash,
        "cp_code": cp_code,
        "cp_name": rule.cp_name if rule and rule.cp_code == cp_code else None,
        "rule_id": rule.pk if rule else None,
        "service_type": (rule.service_type if rule else None) or "STANDARD",
        "pay_method": (rule.pay_method if rule else None) or "PREPAY",
        "receiver_name": draft.receiver_name,
        "receiver_phone": draft.receiver_phone,
        "receiver_phone_hash": lookup_hash(search_form(draft.receiver_phone)),
        "receiver_province": draft.receiver_province or None,
        "receiver_city": draft.receiver_city or None,
        "receiver_district": draft.receiver_district or None,
        "receiver_town": draft.receiver_town or None,
        "receiver_address": draft.receiver_address,
        "goods_name": draft.goods_name or None,
        "goods_count": draft.goods_count,
        "weight": draft.weight,
        "volume": draft.volume,
        "remark": draft.remark or None,
    }

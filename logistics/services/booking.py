"""A parcel is booked in one transaction, order and quota unit together, before anything is asked.

No outside call happens here: the order is `created` and due, and a worker carries on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from accounts.errors import TenantSuspended
from accounts.queries import tenant_by_id
from config.kernel.encryption import lookup_hash
from config.kernel.errors import Refusal
from config.kernel.numbers import new_number
from config.kernel.phones import search_form
from config.kernel.rows import insert
from config.kernel.text import clip
from config.kernel.work import nudge
from config.kernel.work.claims import again_if_deadlocked
from logistics.carriers.base import Branch
from logistics.errors import OrderDiffers, RuleMissing
from logistics.models import ExpressOrder, ExpressRule
from logistics.services.accounts import account_for
from logistics.services.drafts import Draft
from logistics.services.orders import WORK_TASK
from logistics.services.rules import default_rule, rule_for
from logistics.states import OrderStatus
from quotas.errors import QuotaMoved
from quotas.services.reservation import look, reserve

TRIES = 5
NUMBER_PREFIX = "EX"


@dataclass(frozen=True, slots=True)
class Booked:
    """The order, and whether this request made it."""

    order: ExpressOrder
    created: bool


def book_order(
    *,
    draft: Draft,
    tenant_id: int | None,
    at: datetime,
    is_test: bool = False,
    request_key: str | None = None,
    created_by: int | None = None,
    branch: Branch | None = None,
    key_for_good: bool = False,
) -> Booked:
    """Book a parcel, or find the one this very request booked before.

    `tenant_id` None is the platform's own parcel: no quota. Test orders go to the sandbox and
    touch no quota. A `branch` a person chose is not looked up any more. `key_for_good`: the
    request's key names one parcel for ever, like a tenant order number.

    :raises OrderDiffers: other content under the same number (409).
    :raises AccountMissing, RuleMissing, QuotaMissing, QuotaExhausted, …: nothing is written.
    """
    wish = _Wish(draft, tenant_id, is_test, request_key, created_by, branch, key_for_good)
    try:
        return Booked(_book(wish, at), created=True)
    except (IntegrityError, Refusal):
        # Most requests come once, so whether this one was booked before is asked only here.
        found = _booked_before(wish)
        if found is None:
            raise
        return found


@dataclass(frozen=True, slots=True)
class _Wish:
    draft: Draft
    tenant_id: int | None
    is_test: bool
    request_key: str | None
    created_by: int | None
    branch: Branch | None
    key_for_good: bool


def _book(wish: _Wish, at: datetime) -> ExpressOrder:
    tenant_id = wish.tenant_id
    metered = None if wish.is_test else tenant_id
    if tenant_id is not None and metered is None and tenant_by_id(tenant_id).suspended:
        raise TenantSuspended
    columns = complete_draft(wish.draft) | {
        "tenant_id": tenant_id,
        "is_test": wish.is_test,
        "account_id": account_for(is_test=wish.is_test).pk,
        "request_key": wish.request_key,
        "created_by": wish.created_by,
        **_branch_columns(wish.branch),
    }
    for attempt in range(1, TRIES + 1):
        try:
            return again_if_deadlocked(lambda: _insert(columns, metered=metered, at=at))
        except IntegrityError:
            if attempt == TRIES or _booked_before(wish) is not None:
                raise
            # The key's first effect has other content and is history, or else an order number
            # was drawn twice; the next try draws another.
            columns["request_key"] = None if _is_spent(wish.request_key) else wish.request_key
        except QuotaMoved:
            if attempt == TRIES:
                raise
    raise AssertionError


def _insert(columns: dict[str, Any], *, metered: int | None, at: datetime) -> ExpressOrder:
    allowance = look(tenant_id=metered, at=at) if metered is not None else None
    if allowance is not None and allowance.suspended:
        raise TenantSuspended
    with transaction.atomic():
        order = insert(
            ExpressOrder,
            {
                "order_no": new_number(NUMBER_PREFIX, at),
                "status": OrderStatus.CREATED,
                "due_at": at,
                "news_at": at,
                "created_at": at,
                "updated_at": at,
                **columns,
            },
        )
        nudge(WORK_TASK)
        if allowance is not None:
            reserve(allowance=allowance, order_id=order.pk, at=at, cp_code=order.cp_code)
    return order


def _booked_before(wish: _Wish) -> Booked | None:
    draft = wish.draft
    if wish.request_key is not None:
        order = ExpressOrder.objects.filter(request_key=wish.request_key).first()
        # Other content: the key's 24 hours are over, and it names a new request.
        if order is not None and order.content_hash == draft.content_hash:
            return Booked(order, created=False)
        if order is not None and wish.key_for_good:
            raise OrderDiffers(order_no=order.order_no)
    order = None
    if draft.tenant_order_no and wish.tenant_id is not None:
        order = ExpressOrder.objects.filter(
            tenant_id=wish.tenant_id, is_test=wish.is_test, tenant_order_no=draft.tenant_order_no
        ).first()
    if order is None:
        return None
    if order.content_hash != draft.content_hash:
        raise OrderDiffers(order_no=order.order_no)
    return Booked(order, created=False)


def _is_spent(request_key: str | None) -> bool:
    return ExpressOrder.objects.filter(request_key=request_key).exists()


def complete_draft(draft: Draft) -> dict[str, Any]:
    """The columns that this request books, completed by its carrier's rule and the default one.

    :raises RuleMissing: something is left open that no rule says.
    """
    rule = rule_for(cp_code=draft.cp_code)
    # Asked for only where a carrier's own rule leaves the sender open.
    default = rule if rule is None or rule.sender_address else default_rule()
    return _columns(draft, rule, default)


def _branch_columns(branch: Branch | None) -> dict[str, Any]:
    if branch is None:
        return {}
    return {
        "branch_code": clip(branch.code, 50),
        "branch_name": clip(branch.name, 100) or None,
        "branch_phone": clip(branch.phone, 50) or None,
    }


_SENDER = ("name", "phone", "province", "city", "district", "town", "address")


def _columns(draft: Draft, rule: ExpressRule | None, default: ExpressRule | None) -> dict[str, Any]:
    """The order's columns: the request's words, completed by the rule's, then the default one's."""
    sender = {f"sender_{part}": getattr(draft, f"sender_{part}") or None for part in _SENDER}
    if not any((sender["sender_address"], sender["sender_province"])):
        # A place is taken whole from one source: half of each would be nowhere.
        source = next((r for r in (rule, default) if r and r.sender_address), None)
        for part in _SENDER[2:]:
            sender[f"sender_{part}"] = getattr(source, f"sender_{part}", None) or None
    for name in ("sender_name", "sender_phone"):
        sender[name] = sender[name] or getattr(rule, name, None) or getattr(default, name, None)
    cp_code = draft.cp_code or (rule.cp_code if rule else "")
    missing = [
        label
        for label, value in (
            ("快递公司 cp_code", cp_code),
            ("寄件人姓名 sender_name", sender["sender_name"]),
            ("寄件人电话 sender_phone", sender["sender_phone"]),
            ("寄件地址 sender_address", sender["sender_address"]),
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

"""An order in exception, or one that waits for a person, goes on where it stopped."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from config.kernel.encryption import lookup_hash
from config.kernel.errors import Malformed
from config.kernel.phones import is_phone, search_form
from config.kernel.states import Outrun
from config.kernel.text import unstorable
from config.kernel.work.claims import again_if_deadlocked
from logistics.errors import NothingToResume, WaybillIssued
from logistics.models import ExpressOrder
from logistics.services.former_people import with_former_people
from logistics.services.orders import change_order, is_metered, wake_order
from logistics.services.steps import QUIET
from logistics.states import CANCELLABLE, OrderStatus, WaybillStatus
from quotas.services.reservation import holds_unit, look, reserve

REQUIRED = frozenset({"sender_name", "sender_phone", "receiver_name", "receiver_phone"})
CORRECTABLE = frozenset(
    {f"{side}_{part}" for side in ("sender", "receiver")
     for part in ("name", "phone", "province", "city", "district", "town", "address")}
    | {"goods_name", "remark", "branch_code"}
)  # fmt: skip


def resume_order(
    *, order_id: int, at: datetime, corrections: dict[str, Any] | None = None
) -> ExpressOrder:
    """Take an order out of exception, with corrected fields, and let the workers carry on.

    A unit that went back is reserved anew first. An order that waits for the outcome of a call
    is asked about again.

    :raises NothingToResume: it is not in exception and waits for nobody.
    :raises QuotaExhausted, …: no unit can be had; nothing is written.
    :raises WaybillIssued: a correction of what the waybill says already.
    :raises Malformed: a correction of a column that may not be corrected.
    """
    changes = _checked(corrections or {})
    order = ExpressOrder.objects.get(pk=order_id)
    allowance = None
    if _needs_unit(order) and order.tenant_id is not None:
        allowance = look(tenant_id=order.tenant_id, at=at)

    def resume() -> ExpressOrder:
        with transaction.atomic():
            order = ExpressOrder.objects.select_for_update().get(pk=order_id)
            needed = _needs_unit(order)
            if needed and allowance is None:
                raise Outrun  # a worker returned it since we looked
            if order.status == OrderStatus.EXCEPTION:
                _leave_exception(order, changes, at)
            elif order.asking is None or order.due_at is not None:
                raise NothingToResume(state=order.status)
            else:
                change_order(order, at=at, absent_at=None, resends=0)
            wake_order(order, at=at)
            if needed and allowance is not None:
                reserve(
                    allowance=allowance, order_id=order.pk, at=at,
                    cp_code=order.cp_code, again=True,
                )  # fmt: skip
        return order

    return again_if_deadlocked(resume)


def _needs_unit(order: ExpressOrder) -> bool:
    resumable = order.status == OrderStatus.EXCEPTION and order.exception_from in CANCELLABLE
    return is_metered(order) and resumable and not holds_unit(order_id=order.pk)


def _leave_exception(order: ExpressOrder, changes: dict[str, Any], at: datetime) -> None:
    if order.waybill_no and any(getattr(order, name) != value for name, value in changes.items()):
        raise WaybillIssued(waybill_no=order.waybill_no)
    changes = with_former_people(order, changes)
    back = str(order.exception_from)
    if back in CANCELLABLE and order.waybill_no:
        changes = {**changes, "waybill_status": WaybillStatus.UNUSED}
    for side in ("sender", "receiver"):
        # A new address text is parsed again unless its levels came with it.
        if changes.get(f"{side}_address") and not changes.get(f"{side}_province"):
            changes |= dict.fromkeys(
                (f"{side}_{level}" for level in ("province", "city", "district", "town")), None
            )
    if any(name.startswith("sender_") for name in changes) and "branch_code" not in changes:
        changes |= dict.fromkeys(("branch_code", "branch_name", "branch_phone"))
    if order.news_at is None or order.news_at <= at - QUIET:
        # That a person moved it is no word of the carrier's: who was silent for long is asked.
        changes = {**changes, "news_at": None}
    change_order(
        order, at=at, status=back, exception_reason=None, exception_from=None,
        exception_at=None, attempts=0, resends=0, **changes,
    )  # fmt: skip


def _checked(corrections: dict[str, Any]) -> dict[str, Any]:
    wrong = {name: ["不可修改。"] for name in corrections if name not in CORRECTABLE}
    for name in ("sender_phone", "receiver_phone"):
        if name in corrections and not is_phone(str(corrections[name])):
            wrong[name] = ["电话格式不正确。"]
    for name, value in corrections.items():
        field = ExpressOrder._meta.get_field(name) if name in CORRECTABLE else None
        length = getattr(field, "max_length", None)
        if length and len(str(value)) > length:
            wrong[name] = [f"最长 {length} 个字符。"]
        if name in REQUIRED and not str(value).strip():
            wrong[name] = ["不能为空。"]
        if unstorable(str(value)):
            wrong[name] = ["含有不允许的字符。"]
    if wrong:
        raise Malformed(fields=wrong)
    changes = {name: value or None for name, value in corrections.items()}
    if changes.get("receiver_phone"):
        changes["receiver_phone_hash"] = lookup_hash(search_form(str(changes["receiver_phone"])))
    return changes

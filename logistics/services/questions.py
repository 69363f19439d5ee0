"""Before a step is asked its intent is committed; then the asking is a function without tables.

`asking` is what law 1 leaves behind: a process that dies after this commit has asked perhaps,
so the next one queries instead of asking again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import F
from django.utils import timezone

from config.kernel.http import Outcome
from config.kernel.work import LostLease
from logistics.carriers.base import Carrier, Party, Place, Reply, Shipment
from logistics.models import ExpressOrder
from logistics.services.accounts import DEADLINE_SECONDS, account_by_pk, carrier_of
from logistics.services.steps import Step, next_step
from logistics.states import Asking

if TYPE_CHECKING:
    from datetime import datetime

Asked = Callable[[], "Attempt"]
# With the deadline of the call itself two thirds of the lease (services/work.py).
LATEST_START = timedelta(seconds=DEADLINE_SECONDS)
INTENTS = {Step.WAYBILL: Asking.WAYBILL, Step.CREATE: Asking.CREATE, Step.CANCEL: Asking.CANCEL}


@dataclass(frozen=True, slots=True)
class Attempt:
    """A step and what became of it; `step` None: there was nothing to do, or nobody to ask."""

    step: Step | None
    reply: Reply[Any]
    waits_for_person: bool = False
    account_off: bool = False


def prepare_question(order: ExpressOrder) -> Asked:
    """Commit the intent of the order's next step and return its network part.

    :raises LostLease: the order changed hands, or changed, since it was claimed.
    """
    at = timezone.now()
    account = account_by_pk(order.account_id)
    if account is None:
        return _answer(Attempt(None, Reply(Outcome.RETRY), account_off=True))
    carrier = carrier_of(account)
    step = next_step(order, waybill_at_order=carrier.waybill_at_order, at=at)
    if step in {None, Step.DROP}:
        return _answer(Attempt(step, Reply(Outcome.DONE)))
    if step == Step.QUERY and not carrier.can_query:
        return _answer(Attempt(None, Reply(Outcome.DONE), waits_for_person=True))
    if step == Step.LOOK and not carrier.can_query:
        return _answer(Attempt(step, Reply(Outcome.DONE)))
    if step in INTENTS:
        _commit_intent(order, INTENTS[step], at)
    return _in_time(_network(carrier, step, order), at)


def _in_time(asked: Asked, intended_at: datetime) -> Asked:
    """Ask only while the lease surely holds until the answer.

    A worker that stood still meanwhile (a suspended machine) may have been followed by one that
    asked in its place: its own question would be the second.
    """

    def ask() -> Attempt:
        if timezone.now() - intended_at > LATEST_START:
            raise LostLease
        return asked()

    return ask


def _answer(attempt: Attempt) -> Asked:
    return lambda: attempt


def _commit_intent(order: ExpressOrder, asking: Asking, at: datetime) -> None:
    """One conditional UPDATE: the lease is ours and the order is as we read it."""
    updated = ExpressOrder.objects.filter(
        pk=order.pk, lease_token=order.lease_token, version=order.version
    ).update(asking=asking, asked_at=at, absent_at=None, version=F("version") + 1)
    if updated != 1:
        raise LostLease


def _network(carrier: Carrier, step: Step | None, order: ExpressOrder) -> Asked:
    shipment = _shipment(order)
    number, outside = order.order_no, order.cainiao_order_id or ""
    reason = order.cancel_reason or ""
    match step:
        case Step.RECEIVER:
            text = full_text(order, "receiver")
            return lambda: Attempt(step, carrier.parse_address(text))
        case Step.SENDER:
            text = full_text(order, "sender")
            return lambda: Attempt(step, carrier.parse_address(text))
        case Step.BRANCH:
            place = shipment.sender.place
            return lambda: Attempt(step, carrier.find_branch(shipment.cp_code, place))
        case Step.WAYBILL:
            return lambda: Attempt(step, carrier.get_waybill(shipment))
        case Step.CREATE:
            return lambda: Attempt(step, carrier.create_pickup(shipment))
        case Step.CANCEL:
            return lambda: Attempt(step, carrier.cancel_pickup(number, outside, reason))
        case _:
            return lambda: Attempt(step, carrier.query(number))


def full_text(order: ExpressOrder, side: str) -> str:
    """The address as one text, with the levels that were given in front."""
    parts = [
        getattr(order, f"{side}_{level}") or ""
        for level in ("province", "city", "district", "town", "address")
    ]
    return "".join(parts)


def _party(order: ExpressOrder, side: str) -> Party:
    def text(part: str) -> str:
        return getattr(order, f"{side}_{part}") or ""

    return Party(
        name=text("name"),
        phone=text("phone"),
        place=Place(
            province=text("province"),
            city=text("city"),
            district=text("district"),
            town=text("town"),
            detail=text("address"),
        ),
    )


def _shipment(order: ExpressOrder) -> Shipment:
    return Shipment(
        order_no=order.order_no,
        cp_code=order.cp_code,
        sender=_party(order, "sender"),
        receiver=_party(order, "receiver"),
        goods_name=order.goods_name or "",
        goods_count=order.goods_count or 1,
        weight_kg=order.weight,
        volume_m3=order.volume,
        remark=order.remark or "",
        service_type=order.service_type or "",
        pay_method=order.pay_method or "",
        branch_code=order.branch_code or "",
        waybill_no=order.waybill_no or "",
    )

"""What holds once everything is quiet: our rows, the books, and the carrier's say the same."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from django.db.models import Sum

from accounts.models import TenantEvent
from logistics.carriers.cainiao.sandbox.parcels import Parcel
from logistics.models import CallbackRecord, ExpressOrder, FreightRevision
from logistics.services.outcomes.pacing import UNKNOWN_TEXT
from logistics.states import EVENT_KIND
from quotas.models import QuotaDetail, TenantQuota
from quotas.queries import find_discrepancies
from tests.proofs.schedules.trace import Broken

if TYPE_CHECKING:
    from tests.proofs.schedules.simulation import Simulation

SAME = frozenset({"dispatched", "picked", "in_transit", "delivering", "signed", "rejected"})
NO_UNIT_LEFT = "包裹已在途，但配额不足未能占用，请核对"


def check_everything(sim: Simulation, *, people_decided: bool = False) -> None:
    """Every invariant; raises `Broken` with all that do not hold."""
    orders = list(ExpressOrder.objects.order_by("pk"))
    wrong = [f"violation: {violation}" for violation in sim.cast.book.violations]
    wrong += [f"books: {row}" for row in find_discrepancies()]
    wrong += _wishes(sim, orders) + _callbacks() + _units(sim, orders) + _parcels(sim, orders)
    for order in orders:
        label = f"{sim.label(order.pk)} ({order.status})"
        found = _work(order) + _history(order) + _told(order) + _agreement(sim, order)
        if people_decided and order.asking is not None:
            found.append(f"still in doubt: {order.asking}")
        wrong += [f"{label}: {text}" for text in found]
    if wrong:
        raise Broken("\n  ".join(["does not hold:", *wrong]))


def waits_for_person(order: ExpressOrder) -> bool:
    """Whether the order says, where people look, that somebody must see to it."""
    if order.status == "exception":
        return bool(order.exception_reason)
    return order.asking is not None and order.status_desc == UNKNOWN_TEXT


def _wishes(sim: Simulation, orders: list[ExpressOrder]) -> list[str]:
    """One wish is one order, and each order somebody's."""
    names = Counter(order.goods_name for order in orders)
    wrong = [f"{name} became {n} orders" for name, n in names.items() if n > 1]
    untold = len(orders) - len(sim.known)
    return [*wrong, f"{untold} orders nobody knows of"] if untold else wrong


def _callbacks() -> list[str]:
    wrong = []
    for record in CallbackRecord.objects.order_by("pk"):
        if record.due_at is not None or record.lease_token is not None:
            wrong.append(f"callback {record.callback_id}: still at work")
        if not record.process_result or record.process_time is None:
            wrong.append(f"callback {record.callback_id}: neither handled nor given a reason")
        if not record.processed and record.order_id is not None:
            wrong.append(f"callback {record.callback_id}: not handled though its order is known")
    return wrong


def _units(sim: Simulation, orders: list[ExpressOrder]) -> list[str]:
    """The units in the books are those of orders that should hold one."""
    rows = QuotaDetail.objects.values("order_id").annotate(units=Sum("used_num")).order_by()
    held = {row["order_id"]: row["units"] for row in rows}
    metered = {known.pk for known in sim.known if known.owner.metered}
    wrong = []
    for order in orders:
        units = held.pop(order.pk, 0)
        if order.pk not in metered or order.status == "cancelled":
            allowed = {0}
        elif order.status == "exception":
            parcel = sim.cast.parcel(order.order_no, is_test=order.is_test)
            allowed = {0} if parcel is None else {0, 1}
        else:
            allowed = {0, 1} if order.status_desc == NO_UNIT_LEFT else {1}
        if units not in allowed:
            wrong.append(f"{sim.label(order.pk)} ({order.status}) holds {units} units")
    wrong += [f"units of no order: {pk}" for pk in held]
    for quota in TenantQuota.objects.all():
        mine = QuotaDetail.objects.filter(tenant_id=quota.tenant_id)
        last = {row.order_id: row for row in mine.order_by("line_no")}
        holding = [row for row in last.values() if row.used_num > 0]
        now = sum(row.period_no == quota.period_no for row in holding)
        if (len(holding), now) != (quota.total_used, quota.monthly_used):
            wrong.append(f"{len(holding)} orders hold units, {quota.total_used} are in use")
    return wrong


def _parcels(sim: Simulation, orders: list[ExpressOrder]) -> list[str]:
    """No parcel at the carrier that is not exactly one order of ours."""
    ours = {order.order_no for order in orders}
    wrong = []
    for parcel in sim.cast.book.parcels.values():
        if not parcel.order_code:
            continue
        accepted = parcel.row()["creates_accepted"]
        if parcel.trade_order_no not in ours or accepted != 1:
            wrong.append(f"parcel {parcel.trade_order_no}: accepted {accepted} times")
    return wrong


def _work(order: ExpressOrder) -> list[str]:
    wrong = []
    if order.lease_token is not None:
        wrong.append("a lease is left")
    if order.due_at is not None:
        wrong.append(f"still due at {order.due_at}")
    if order.asking is not None and not waits_for_person(order):
        wrong.append(f"asks for {order.asking}, and nobody is told")
    return wrong


def _history(order: ExpressOrder) -> list[str]:
    """No scan twice on the timeline, no settlement of freight twice."""
    wrong = []
    track = order.track_info or []
    scans = Counter((event["time"], event["code"], event["desc"]) for event in track)
    wrong += [f"scan {scan} is there {n} times" for scan, n in scans.items() if n > 1]
    if [event["time"] for event in track] != sorted(event["time"] for event in track):
        wrong.append("the timeline is out of order")
    settled = FreightRevision.objects.filter(order=order)
    revisions = Counter(settled.values_list("event_time", "freight", "weight"))
    wrong += [f"freight {found} is there {n} times" for found, n in revisions.items() if n > 1]
    newest = settled.exclude(freight=None).order_by("-event_time", "-id").first()
    if newest is not None and order.freight != newest.freight:
        wrong.append(f"freight {order.freight}, though settled at {newest.freight}")
    return wrong


def _told(order: ExpressOrder) -> list[str]:
    """The tenant is owed every move once, the last of which is the state; one of them is due."""
    rows = TenantEvent.objects.filter(kind=EVENT_KIND, subject_id=order.pk).order_by("sequence")
    events = list(rows)
    if order.tenant_id is None:
        return ["told to nobody's tenant"] if events else []
    wrong = []
    told = [event.sequence for event in events]
    if told != list(range(1, order.event_sequence + 1)):
        wrong.append(f"told as {told}, {order.event_sequence} moves")
    if (events[-1].content["status"] if events else "created") != order.status:
        wrong.append("the last the tenant is told is not its state")
    if [event.due_at is not None for event in events] != [n == 0 for n in range(len(events))]:
        wrong.append("not exactly the first event is due")
    return wrong


def _agreement(sim: Simulation, order: ExpressOrder) -> list[str]:
    parcel = sim.cast.parcel(order.order_no, is_test=order.is_test)
    if parcel is None:
        nowhere = order.status == "cancelled" or waits_for_person(order)
        return [] if nowhere else ["the carrier has nothing of it"]
    if order.cainiao_order_id not in {None, parcel.order_code}:
        return [f"says {order.cainiao_order_id}, the carrier {parcel.order_code}"]
    asked = sim.cast.can_query or order.is_test
    if order.status == "cancelled":
        return [] if parcel.status == "cancelled" else [f"a parcel lives there: {parcel.status}"]
    if not asked and order.status not in {"signed", "rejected"}:
        return []  # what was not pushed nobody can know, and nothing may be made up
    return [] if _agrees(order, parcel) else [f"the carrier says {parcel.status}"]


def _agrees(order: ExpressOrder, parcel: Parcel) -> bool:
    if parcel.status in SAME:
        return order.status == parcel.status
    if parcel.status == "cancelled":
        return waits_for_person(order)
    if parcel.status == "created":
        return order.status == "waybill_created" or waits_for_person(order)
    # A return has no state of ours: it ends nothing here.
    return order.status not in {"signed", "rejected"}

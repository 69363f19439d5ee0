"""Operators cancel, correct and resume, decide, replay, look again, and turn every switch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone

from config.kernel.errors import Refusal
from logistics.models import CainiaoAccount, CallbackRecord, ExpressOrder
from logistics.services.cancelling import cancel_order
from logistics.services.deciding import decide_outcome
from logistics.services.replaying import replay_callback
from logistics.services.resuming import resume_order
from logistics.services.syncing import sync_orders_now
from quotas.models import TenantQuota
from quotas.services.closing import reset_now
from quotas.services.settings import save_quota

if TYPE_CHECKING:
    from tests.proofs.schedules.simulation import Simulation

GOOD_RECEIVER = {"receiver_address": "浙江省杭州市西湖区龙井路1号"}
GOOD_SENDER = {"sender_address": "浙江省杭州市桐庐县迎春南路1号"}
CORRECTIONS: tuple[dict[str, str], ...] = (
    {}, {}, GOOD_RECEIVER, GOOD_RECEIVER, {**GOOD_RECEIVER, **GOOD_SENDER}, GOOD_SENDER,
    {"receiver_name": "李四"}, {"receiver_phone": "0571-88886666"}, {"branch_code": ""},
    {"receiver_name": " "}, {"order_no": "EX1"},
)  # fmt: skip


def cancel(sim: Simulation) -> str | None:
    known = sim.pick()
    if known is None:
        return None
    try:
        order = cancel_order(order_id=known.pk, reason="运营取消", at=timezone.now())
    except Refusal as refusal:
        return f"{known.label} {refusal.slug}"
    return f"{known.label} {order.status}"


def resume(sim: Simulation) -> str | None:
    """Mostly somebody's order that does wait for a person."""
    pk = _one_of(sim, ExpressOrder.objects.filter(status="exception"))
    if pk is None:
        return None
    changes = sim.dice.choice(CORRECTIONS)
    try:
        order = resume_order(order_id=pk, at=timezone.now(), corrections=changes)
    except Refusal as refusal:
        sim.trace.count(f"resume {refusal.slug}")
        return f"{sim.label(pk)} {sorted(changes)} {refusal.slug}"
    return f"{sim.label(pk)} {sorted(changes)} back to {order.status}"


def decide(sim: Simulation) -> str | None:
    """A person who asked the carrier otherwise says the truth, once an order waits for one."""
    waiting = ExpressOrder.objects.exclude(asking=None).filter(due_at=None)
    pk = _one_of(sim, waiting)
    return None if pk is None else decide_truthfully(sim, pk)


def decide_truthfully(sim: Simulation, pk: int) -> str:
    order = ExpressOrder.objects.get(pk=pk)
    parcel = sim.cast.parcel(order.order_no, is_test=order.is_test)
    happened = parcel is not None
    if order.asking == "cancel":
        happened = parcel is None or parcel.status == "cancelled"
    number = parcel.order_code if parcel is not None else ""
    asking = order.asking
    try:
        order = decide_outcome(
            order_id=pk, happened=happened, at=timezone.now(), carrier_order_id=number
        )
    except Refusal as refusal:
        return f"{sim.label(pk)} {refusal.slug}"
    return f"{sim.label(pk)} {asking} happened: {happened}, now {order.status}"


def replay(sim: Simulation) -> str | None:
    pk = _one_of(sim, CallbackRecord.objects.all())
    if pk is None:
        return None
    record = replay_callback(record_id=pk, at=timezone.now())
    return f"{record.callback_type} of {sim.label(record.order_id or 0)}"


def look_again(sim: Simulation) -> str | None:
    known = sim.pick()
    if known is None:
        return None
    return f"{known.label} {sync_orders_now(order_ids=[known.pk], at=timezone.now())}"


def grant_more(sim: Simulation) -> str | None:
    """Never less: what was drawn under a larger grant was allowed."""
    owner = sim.dice.choice([o for o in sim.cast.owners if o.metered])
    quota = TenantQuota.objects.get(tenant_id=owner.tenant_id)
    free = quota.monthly_free_quota + sim.dice.randint(0, 3)
    save_quota(tenant_id=quota.tenant_id, at=timezone.now(), monthly_free_quota=free)
    return f"{owner.name} {free}"


def close_today(sim: Simulation) -> str | None:
    owner = sim.dice.choice([o for o in sim.cast.owners if o.metered])
    assert owner.tenant_id is not None
    statement = reset_now(tenant_id=owner.tenant_id, at=timezone.now())
    if statement is None:
        return None
    return f"{owner.name} period {statement.period_no}: {statement.units} units"


def switch_account(sim: Simulation) -> str | None:
    """Off now and then, and soon on again."""
    account = CainiaoAccount.objects.get()
    if account.status == "enabled" and sim.dice.random() < 0.8:
        return None
    account.status = "disabled" if account.status == "enabled" else "enabled"
    account.save(update_fields=["status", "updated_at"])
    sim.cast.door.switch(off=account.status == "disabled")
    return account.status


ACTIONS = {
    "operator cancels": (2, cancel),
    "resume": (7, resume),
    "decide": (3, decide),
    "replay": (3, replay),
    "look again": (2, look_again),
    "grant more": (1, grant_more),
    "close today": (1, close_today),
    "switch account": (3, switch_account),
}


def _one_of(sim: Simulation, rows: Any) -> int | None:
    pks = list(rows.order_by("pk").values_list("pk", flat=True))
    if rows.model is ExpressOrder and sim.focus is not None and sim.focus.pk in pks:
        return sim.focus.pk
    return sim.dice.choice(pks) if pks else None

"""How long an order is offered to riders: what began it, when it ends, and why it is over.

The order's history tells: its last line as `pending` is how it began to wait, when it was booked,
handed back, or offered by an operator.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from delivery.models import DeliveryStep
from delivery.states import Actor, DeliveryStatus

if TYPE_CHECKING:
    from delivery.models import DeliveryOrder
    from delivery.services.settings import TenantSettings


@dataclass(frozen=True, slots=True)
class OfferRun:
    """The offering that goes on; `by_hand` where an operator asked for it."""

    began: datetime
    by_hand: bool

    def ends(self, rules: TenantSettings) -> datetime:
        """When nobody is asked any more."""
        return self.began + timedelta(minutes=rules.offer_minutes)


def run_of(order: DeliveryOrder) -> OfferRun:
    """Since when a pending order has been offered, and by whose wish; one statement."""
    steps = DeliveryStep.objects.filter(order_id=order.pk, status=DeliveryStatus.PENDING)
    last = steps.order_by("-created_at", "-id").first()
    if last is None:
        return OfferRun(order.created_at, by_hand=False)
    # An operator who takes an order from its rider tells the tenant; one who offers it does not.
    by_hand = last.actor == Actor.OPERATOR and last.told is None
    return OfferRun(last.created_at, by_hand=by_hand)


def why_over(run: OfferRun, rules: TenantSettings, at: datetime) -> str:
    """What the history is to say of the end; empty while the offering goes on."""
    if at >= run.ends(rules):
        return f"推送给骑手 {rules.offer_minutes} 分钟，无人接单，已停止推送，等待人工派单"
    if not (rules.auto_offer or run.by_hand):
        return "自动推送已关闭，等待人工派单"
    return ""

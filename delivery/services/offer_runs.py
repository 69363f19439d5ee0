"""How long an order is offered to riders: what began it, when it ends, and why it is over.

The order's history tells: its last line as `pending` is how it began to wait, when it was booked,
handed back, or offered by an operator. An end is for good, so it is written only by settings just
read; and where no worker ran all the time, the order is offered once before its time ends it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from delivery.models import DeliveryStep, DispatchOffer
from delivery.services.settings import fresh_settings_of, settings_of
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

    def wanted(self, rules: TenantSettings) -> bool:
        """Whether it is offered at all, however long."""
        return rules.auto_offer or self.by_hand


def run_of(order: DeliveryOrder) -> OfferRun:
    """Since when a pending order has been offered, and by whose wish; one statement."""
    steps = DeliveryStep.objects.filter(order_id=order.pk, status=DeliveryStatus.PENDING)
    last = steps.order_by("-created_at", "-id").first()
    if last is None:
        return OfferRun(order.created_at, by_hand=False)
    # An operator who takes an order from its rider tells the tenant; one who offers it does not.
    by_hand = last.actor == Actor.OPERATOR and last.told is None
    return OfferRun(last.created_at, by_hand=by_hand)


def rules_of(run: OfferRun, tenant_id: int, at: datetime) -> TenantSettings:
    """The tenant's settings; by those that would end the offering only if they are the latest."""
    rules = settings_of(tenant_id=tenant_id)
    if run.wanted(rules) and at < run.ends(rules):
        return rules
    return fresh_settings_of(tenant_id=tenant_id)


def why_over(order: DeliveryOrder, run: OfferRun, rules: TenantSettings, at: datetime) -> str:
    """What the history is to say of the end; empty while the offering goes on.

    Its time ends it only when somebody was asked: else those who are free now are, or nobody is
    (see `nobody_found`).
    """
    if not run.wanted(rules):
        return "自动推送已关闭，等待人工派单"
    if at >= run.ends(rules) and _somebody_asked(order, run):
        return f"推送给骑手 {rules.offer_minutes} 分钟，无人接单，已停止推送，等待人工派单"
    return ""


def nobody_found(run: OfferRun, rules: TenantSettings, at: datetime) -> str:
    """What the history is to say where nobody was asked and nobody is free now; empty as above."""
    if at < run.ends(rules):
        return ""
    return f"等待 {rules.offer_minutes} 分钟，附近没有找到空闲骑手，已停止推送，等待人工派单"


def _somebody_asked(order: DeliveryOrder, run: OfferRun) -> bool:
    offers = DispatchOffer.objects.filter(order_id=order.pk, created_at__gte=run.began)
    return offers.exists()

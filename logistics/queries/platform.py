"""What operators see: every tenant's rows, without what was removed."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.states import Mode
from config.kernel.errors import Missing
from logistics.models import CainiaoAccount, CallLog, ExpressOrder, ExpressRule


def live_account() -> CainiaoAccount | None:
    """The live account, None where it is yet to be set up."""
    return CainiaoAccount.objects.filter(mode=Mode.LIVE).first()


def rules_shown() -> QuerySet[ExpressRule]:
    """Every rule that was not removed."""
    return ExpressRule.objects.filter(hidden_at=None)


def rule_shown(rule_id: int) -> ExpressRule:
    """One of them.

    :raises Missing: there is none, or it was removed.
    """
    rule = rules_shown().filter(pk=rule_id).first()
    if rule is None:
        raise Missing
    return rule


def all_orders() -> QuerySet[ExpressOrder]:
    """Every order, test ones included."""
    return ExpressOrder.objects.all()


def any_order(order_id: int) -> ExpressOrder:
    """One of them.

    :raises Missing: there is none.
    """
    order = ExpressOrder.objects.filter(pk=order_id).first()
    if order is None:
        raise Missing
    return order


def call_log() -> QuerySet[CallLog]:
    """Every call that was made."""
    return CallLog.objects.all()

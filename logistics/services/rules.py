"""Which rule completes an order: its carrier's, else the default one."""

from __future__ import annotations

from logistics.models import ExpressRule
from logistics.states import SwitchStatus


def rule_for(*, cp_code: str) -> ExpressRule | None:
    """The enabled rule of this carrier (the default one first), else the default rule."""
    rules = ExpressRule.objects.filter(status=SwitchStatus.ENABLED, hidden_at=None)
    if cp_code:
        own = rules.filter(cp_code=cp_code).order_by("-is_default", "id").first()
        if own is not None:
            return own
    return rules.filter(is_default=True).first()

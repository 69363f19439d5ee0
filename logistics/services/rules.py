"""Which rule completes an order: its carrier's, else the default one."""

from __future__ import annotations

from django.db.models import QuerySet

from logistics.models import ExpressRule
from logistics.states import SwitchStatus


def default_rule() -> ExpressRule | None:
    """The default rule, if it is enabled."""
    return _enabled().filter(is_default=True).first()


def rule_for(*, cp_code: str) -> ExpressRule | None:
    """The enabled rule of this carrier (the default one first), else the default rule."""
    if cp_code:
        own = _enabled().filter(cp_code=cp_code).order_by("-is_default", "id").first()
        if own is not None:
            return own
    return default_rule()


def _enabled() -> QuerySet[ExpressRule]:
    return ExpressRule.objects.filter(status=SwitchStatus.ENABLED, hidden_at=None)

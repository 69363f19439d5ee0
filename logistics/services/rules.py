"""Which rule completes an order: its carrier's, else the default one.

A change of a rule takes effect within 2 seconds.
"""

from __future__ import annotations

from django.db.models import QuerySet

from config.kernel.keeping import Kept
from logistics.models import ExpressRule
from logistics.states import SwitchStatus

CHOICE_SECONDS = 2
_rules: Kept[ExpressRule | None] = Kept(CHOICE_SECONDS)


def default_rule() -> ExpressRule | None:
    """The default rule, if it is enabled."""
    return _rules.get("", lambda: _enabled().filter(is_default=True).first())


def rule_for(*, cp_code: str) -> ExpressRule | None:
    """The enabled rule of this carrier (the default one first), else the default rule."""
    own = _rules.get(cp_code, lambda: _of_carrier(cp_code)) if cp_code else None
    return own or default_rule()


def forget_cached_rules() -> None:
    """Read every rule from the database again."""
    _rules.forget()


def _of_carrier(cp_code: str) -> ExpressRule | None:
    return _enabled().filter(cp_code=cp_code).order_by("-is_default", "id").first()


def _enabled() -> QuerySet[ExpressRule]:
    return ExpressRule.objects.filter(status=SwitchStatus.ENABLED, hidden_at=None)

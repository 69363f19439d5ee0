"""What an operator may do to rules: at most one is the default one, kept so by the database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, IntegrityError, transaction
from django.db.models import Q

from config.kernel.errors import Malformed, Missing
from config.kernel.work.claims import again_if_deadlocked
from logistics.errors import DefaultRuleKept, RuleOff
from logistics.models import ExpressOrder, ExpressRule
from logistics.services.rules import forget_cached_rules
from logistics.states import SwitchStatus

SETTINGS = (
    "rule_name", "cp_code", "cp_name", "sender_name", "sender_phone", "sender_province",
    "sender_city", "sender_district", "sender_town", "sender_address", "service_type",
    "pay_method", "is_default", "status",
)  # fmt: skip
PAY_METHODS = ("PREPAY", "COLLECT")
DEFAULTED = ("service_type", "pay_method")  # emptied, they stand for their default
TRIES = 3
# A rule is removed, not hidden, where fewer orders than this were made since it was, by clocks
# at most so far apart.
LOOKED_AT = 5_000
CLOCKS_APART = timedelta(hours=1)
Result = TypeVar("Result")


def save_rule(*, rule_id: int | None, values: Mapping[str, Any]) -> ExpressRule:
    """Create a rule (`rule_id` None) or change what is given of it.

    A new default takes the mark from the old one; the default one may lose it.

    :raises Malformed: no name, no carrier, no such payment method, or no such status.
    :raises RuleOff: a rule that is switched off would become the default. :raises Missing: 404.
    """
    given = {name: value for name, value in values.items() if name in SETTINGS}
    return _changed(lambda: _save(rule_id, given))


def make_default(*, rule_id: int) -> ExpressRule:
    """Give this rule the mark, and take it from whichever has it.

    :raises RuleOff: it is switched off. :raises Missing: there is none, or it was removed.
    """
    return save_rule(rule_id=rule_id, values={"is_default": True})


def set_rule_status(*, rule_id: int, status: str) -> ExpressRule:
    """Switch a rule on or off; off, it supplies nothing, the default one included.

    :raises Malformed: no such status. :raises Missing: there is none, or it was removed.
    """
    return save_rule(rule_id=rule_id, values={"status": status})


def remove_rule(*, rule_id: int, at: datetime) -> bool:
    """Remove a rule that surely no order used (True), else hide it (False).

    Sure it is only where few orders were made since the rule was: no index knows who used it.
    Another process may book with it for two seconds more; what it supplied is on the order.

    :raises DefaultRuleKept: it is the default one. :raises Missing: there is none.
    """
    used = _may_be_used(rule_id)  # before anything is locked
    return _changed(lambda: _remove(rule_id, used=used, at=at))


def _may_be_used(rule_id: int) -> bool:
    """Whether an order used it, or more were made since than are looked at."""
    made = ExpressRule.objects.filter(pk=rule_id).values_list("created_at", flat=True).first()
    if made is None:
        return False
    orders = ExpressOrder.objects.filter(created_at__gte=made - CLOCKS_APART)
    used = list(orders.order_by("created_at").values_list("rule_id", flat=True)[:LOOKED_AT])
    return len(used) == LOOKED_AT or rule_id in used


def _save(rule_id: int | None, given: dict[str, Any]) -> ExpressRule:
    with transaction.atomic():
        rule = ExpressRule() if rule_id is None else _locked(rule_id)
        was_default = rule.is_default
        for name, value in given.items():
            setattr(rule, name, _or_default(name, value))
        _require_complete(rule, given)
        if rule.is_default and not was_default:
            if rule.status != SwitchStatus.ENABLED:
                raise RuleOff
            ExpressRule.objects.filter(is_default=True).update(is_default=False,
                                                               default_marker=None)  # fmt: skip
        rule.default_marker = 1 if rule.is_default else None
        rule.save()
    return rule


def _remove(rule_id: int, *, used: bool, at: datetime) -> bool:
    with transaction.atomic():
        rule = _locked(rule_id)
        if rule.is_default:
            raise DefaultRuleKept
        if not used:
            # `delete()` would search all orders once more, with the rules locked.
            ExpressRule.objects.filter(pk=rule_id)._raw_delete(using=DEFAULT_DB_ALIAS)  # noqa: SLF001
            return True
        rule.hidden_at = at
        rule.save(update_fields=["hidden_at", "updated_at"])
    return False


def _locked(rule_id: int) -> ExpressRule:
    """The rule, locked together with the default one, so that two new defaults take turns."""
    wanted = ExpressRule.objects.select_for_update().filter(Q(pk=rule_id) | Q(is_default=True))
    found = {rule.pk: rule for rule in wanted.order_by("pk")}
    if rule_id not in found or found[rule_id].hidden_at is not None:
        raise Missing
    return found[rule_id]


def _or_default(name: str, value: Any) -> Any:
    if value not in (None, ""):
        return value
    field: Any = ExpressRule._meta.get_field(name)
    return field.get_default() if name in DEFAULTED else None


def _require_complete(rule: ExpressRule, given: Mapping[str, Any]) -> None:
    wrong = {name: ["不能为空。"] for name in ("rule_name", "cp_code") if not getattr(rule, name)}
    if rule.status not in SwitchStatus.values:
        wrong["status"] = [f"只能是 {'、'.join(SwitchStatus.values)}。"]
    if "pay_method" in given and rule.pay_method not in PAY_METHODS:
        wrong["pay_method"] = ["只能是 PREPAY（寄付）或 COLLECT（到付）。"]
    if wrong:
        raise Malformed(fields=wrong)


def _changed(action: Callable[[], Result]) -> Result:
    """Run the whole transaction, again where somebody else's new default came in between."""
    for attempt in range(1, TRIES + 1):
        try:
            result = again_if_deadlocked(action)
            break
        except IntegrityError:
            if attempt == TRIES:
                raise
    forget_cached_rules()
    transaction.on_commit(forget_cached_rules)
    return result

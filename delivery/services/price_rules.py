"""Price rules change here alone: of each owner (a tenant, or all) at most one is enabled."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.queries import tenant_by_id
from config.kernel.errors import Malformed, Missing
from config.kernel.work.claims import again_if_deadlocked
from delivery.models import PriceRule
from delivery.services.pricing import forget_cached_rules

TRIES = 5
_NAMES = frozenset({
    "name", "tenant_id", "enabled", "base_fee", "base_km", "per_km", "base_kg", "per_kg",
    "night_from", "night_to", "night_fee", "longest_km",
})  # fmt: skip


def save_price_rule(*, values: Mapping[str, Any], rule_id: int | None = None) -> PriceRule:
    """Make a rule, or change the columns named in `values`; `tenant_id` None is the rule for all.

    Enabling one disables the owner's former in the same transaction.

    :raises Malformed: a value that cannot be. :raises Missing: no such rule or tenant.
    """
    unknown = sorted(set(values) - _NAMES)
    if unknown:
        msg = f"no such columns: {unknown}"
        raise TypeError(msg)
    if values.get("tenant_id") is not None:
        tenant_by_id(values["tenant_id"])
    for attempt in range(1, TRIES + 1):
        try:
            rule = again_if_deadlocked(lambda: _save(rule_id, values))
        except IntegrityError:
            # Two first rules at once: the other one stands now, and is found and disabled.
            if attempt == TRIES:
                raise
        else:
            forget_cached_rules()
            return rule
    raise AssertionError


def _save(rule_id: int | None, values: Mapping[str, Any]) -> PriceRule:
    with transaction.atomic():
        rule = PriceRule()
        if rule_id is not None:
            found = PriceRule.objects.select_for_update().filter(pk=rule_id).first()
            if found is None:
                raise Missing
            rule = found
        for name, value in values.items():
            setattr(rule, name, value)
        rule.owner = rule.tenant_id or 0
        rule.marker = 1 if rule.enabled else None
        _check(rule)
        if rule.enabled:
            former = PriceRule.objects.filter(owner=rule.owner, marker=1).exclude(pk=rule.pk)
            former.update(enabled=False, marker=None)
        rule.save()
    return rule


def _check(rule: PriceRule) -> None:
    wrong: dict[str, list[str]] = {}
    try:
        rule.clean_fields(exclude=("tenant",))
    except ValidationError as exc:
        wrong |= exc.message_dict
    for name in ("base_fee", "base_km", "per_km", "base_kg", "per_kg", "night_fee"):
        if name not in wrong and getattr(rule, name) < 0:
            wrong[name] = ["不能小于 0。"]
    if "longest_km" not in wrong and rule.longest_km <= Decimal(0):
        wrong["longest_km"] = ["必须大于 0。"]
    if (rule.night_from is None) != (rule.night_to is None):
        wrong["night_to"] = ["夜间开始与结束时间须同时填写。"]
    if rule.night_from is not None and rule.night_from == rule.night_to:
        wrong["night_to"] = ["夜间结束时间不能与开始时间相同。"]
    if wrong:
        raise Malformed(fields=wrong)

"""What a delivery costs whose tenant has no price of its own: base, distance, weight, night.

Distances are as the crow flies; each begun km and kg beyond what the base covers counts whole.
Night is told by the tenant's own clock. All amounts in yuan with two places.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING

from accounts.queries import tenant_by_id
from config.kernel.errors import Malformed
from config.kernel.keeping import Kept
from delivery.errors import PriceUnknown, TooFar
from delivery.models import PriceRule
from delivery.places import distance_m

if TYPE_CHECKING:
    from collections.abc import Iterator

KEPT_SECONDS = 2
MOST = Decimal("99999999.99")
_CENT, _TENTH = Decimal("0.01"), Decimal("0.1")
_rules: Kept[PriceRule | None] = Kept(KEPT_SECONDS)


@dataclass(frozen=True, slots=True)
class Component:
    """One part of a price: a stable name, its Chinese label, yuan."""

    name: str
    label: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Price:
    """A price and how it came about."""

    delivery_fee: Decimal
    distance_m: int
    components: list[Component]
    rule_name: str


def quote(
    *,
    tenant_id: int,
    merchant_lat: Decimal | None,
    merchant_lng: Decimal | None,
    receiver_lat: Decimal | None,
    receiver_lng: Decimal | None,
    weight: Decimal | None,
    at: datetime,
) -> Price:
    """The price by the tenant's enabled rule, else by the rule for all.

    :raises Malformed: a coordinate is missing. :raises PriceUnknown: there is no rule.
    :raises TooFar: beyond the rule's longest distance.
    """
    given = {
        "merchant_lat": merchant_lat, "merchant_lng": merchant_lng,
        "receiver_lat": receiver_lat, "receiver_lng": receiver_lng,
    }  # fmt: skip
    if merchant_lat is None or merchant_lng is None or receiver_lat is None or receiver_lng is None:
        text = "按距离计价需要双方坐标，请填写；或自行填写配送费 delivery_fee。"
        raise Malformed(fields={name: [text] for name, value in given.items() if value is None})
    rule = _rule_of(tenant_id)
    if rule is None:
        raise PriceUnknown
    metres = distance_m(merchant_lat, merchant_lng, receiver_lat, receiver_lng)
    if metres > rule.longest_km * 1000:
        # Rounded up: "10.0 km, beyond 10 km" would explain nothing.
        km = (Decimal(metres) / 1000).quantize(_TENTH, rounding=ROUND_CEILING)
        raise TooFar(km=f"{km}", most=f"{rule.longest_km.normalize():f}")
    local = at.astimezone(tenant_by_id(tenant_id).zone).time() if rule.night_fee else None
    parts = list(_components(rule, metres, weight, local))
    fee = min(MOST, sum((part.amount for part in parts), Decimal(0)))
    return Price(fee.quantize(_CENT), metres, parts, rule.name)


def forget_cached_rules() -> None:
    """Read every rule from the database again."""
    _rules.forget()


def _rule_of(tenant_id: int) -> PriceRule | None:
    return _rules.get(tenant_id, lambda: _read_rule(tenant_id) or _read_rule(0))


def _read_rule(owner: int) -> PriceRule | None:
    return PriceRule.objects.filter(owner=owner, marker=1).first()


def _components(
    rule: PriceRule, metres: int, weight: Decimal | None, local: time | None
) -> Iterator[Component]:
    yield Component("base", "起步价", rule.base_fee.quantize(_CENT))
    km = _begun(Decimal(metres) / 1000 - rule.base_km)
    if km:
        yield Component("distance", f"超出 {km} 公里", (rule.per_km * km).quantize(_CENT))
    kg = _begun((weight or Decimal(0)) - rule.base_kg)
    if kg:
        yield Component("weight", f"超出 {kg} 公斤", (rule.per_kg * kg).quantize(_CENT))
    if local is not None and _is_night(rule, local):
        yield Component("night", "夜间服务费", rule.night_fee.quantize(_CENT))


def _begun(beyond: Decimal) -> int:
    return max(0, int(beyond.to_integral_value(rounding=ROUND_CEILING)))


def _is_night(rule: PriceRule, local: time) -> bool:
    """From the first minute to before the last; the night may pass midnight."""
    first, last = rule.night_from, rule.night_to
    if first is None or last is None:
        return False
    if first < last:
        return first <= local < last
    return local >= first or local < last

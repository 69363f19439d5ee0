"""A price has a rule, and each of its parts is said; of each owner one rule is enabled."""

from __future__ import annotations

from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Tenant
from config.kernel.errors import Malformed, Missing
from config.kernel.keeping import Kept
from delivery.errors import PriceUnknown, TooFar
from delivery.models import DeliverySettings, PriceRule
from delivery.services.price_rules import save_price_rule
from delivery.services.pricing import Price, quote
from delivery.services.settings import save_settings, settings_of
from tests.delivery.making import SHOP
from tests.factories import TenantFactory
from tests.races import race

ZONES = ("Asia/Shanghai", "America/St_Johns", "Asia/Kathmandu", "Pacific/Kiritimati")
NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai
KM = Decimal("0.0089932")  # of latitude
RULE: dict[str, Any] = {
    "name": "默认", "base_fee": Decimal("5.00"), "base_km": Decimal("3.00"),
    "per_km": Decimal("1.50"), "base_kg": Decimal("5.00"), "per_kg": Decimal("1.00"),
    "night_from": time(22), "night_to": time(6), "night_fee": Decimal("3.00"),
    "longest_km": Decimal("20.00"),
}  # fmt: skip


def price(tenant: Tenant, km: str, at: datetime = NOON, weight: Any = None) -> Price:
    return quote(
        tenant_id=tenant.pk, merchant_lat=SHOP[0], merchant_lng=SHOP[1],
        receiver_lat=SHOP[0] + KM * Decimal(km), receiver_lng=SHOP[1],
        weight=None if weight is None else Decimal(weight), at=at,
    )  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("km", "weight", "hour", "fee", "parts"),
    [
        ("0", None, 12, "5.00", ["base"]),
        ("2.99", "5", 12, "5.00", ["base"]),
        ("3.01", "5.001", 12, "7.50", ["base", "distance", "weight"]),
        ("7.4", None, 12, "12.50", ["base", "distance"]),
        ("1", None, 22, "8.00", ["base", "night"]),
        ("1", None, 5, "8.00", ["base", "night"]),
        ("1", None, 6, "5.00", ["base"]),
        ("19.9", "100", 23, "128.50", ["base", "distance", "weight", "night"]),
    ],
)
def test_each_part_of_a_price(
    km: str, weight: str | None, hour: int, fee: str, parts: list[str]
) -> None:
    save_price_rule(values=RULE)
    found = price(TenantFactory(), km, NOON.replace(hour=(hour - 8) % 24), weight)
    assert (str(found.delivery_fee), found.rule_name) == (fee, "默认")
    assert [part.name for part in found.components] == parts
    assert sum(part.amount for part in found.components) == found.delivery_fee


@pytest.mark.django_db
def test_beyond_the_longest_distance_it_is_refused() -> None:
    save_price_rule(values=RULE)
    with pytest.raises(TooFar) as refused:
        price(TenantFactory(), "20.02")
    assert "20.1" in refused.value.text  # rounded up: 20.0 is not beyond 20


@pytest.mark.django_db
def test_without_a_rule_or_a_place_there_is_no_price() -> None:
    tenant = TenantFactory()
    with pytest.raises(PriceUnknown):
        price(tenant, "1")
    with pytest.raises(Malformed) as refused:
        quote(
            tenant_id=tenant.pk, merchant_lat=None, merchant_lng=None,
            receiver_lat=SHOP[0], receiver_lng=SHOP[1], weight=None, at=NOON,
        )  # fmt: skip
    assert set(refused.value.fields) == {"merchant_lat", "merchant_lng"}


@pytest.mark.django_db
def test_a_tenants_own_rule_goes_before_the_one_for_all() -> None:
    own, other = TenantFactory(), TenantFactory()
    save_price_rule(values=RULE)
    save_price_rule(values={**RULE, "tenant_id": own.pk, "base_fee": Decimal("4.00")})
    assert price(own, "1").delivery_fee == Decimal("4.00")
    assert price(other, "1").delivery_fee == Decimal("5.00")


@pytest.mark.django_db
def test_enabling_a_rule_disables_the_owners_former_and_no_other() -> None:
    tenant = TenantFactory()
    first, own = (
        save_price_rule(values=RULE),
        save_price_rule(values={**RULE, "tenant_id": tenant.pk}),
    )
    second = save_price_rule(values={**RULE, "base_fee": Decimal("6.00")})
    enabled = PriceRule.objects.filter(enabled=True).order_by("id").values_list("id", flat=True)
    assert list(enabled) == [own.pk, second.pk]
    save_price_rule(rule_id=first.pk, values={"enabled": True})
    assert list(enabled.all()) == [first.pk, own.pk]
    save_price_rule(rule_id=first.pk, values={"enabled": False})
    assert list(enabled.all()) == [own.pk]


@pytest.mark.django_db(transaction=True)
def test_of_rules_enabled_at_once_one_stays() -> None:
    outcomes = race([lambda: save_price_rule(values=RULE)] * 6)
    assert [type(outcome) for outcome in outcomes] == [PriceRule] * 6, outcomes
    assert PriceRule.objects.filter(marker=1).count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"base_fee": Decimal(-1)}, "base_fee"),
        ({"per_km": Decimal("1.005")}, "per_km"),
        ({"longest_km": Decimal(0)}, "longest_km"),
        ({"night_to": None}, "night_to"),
        ({"night_to": time(22)}, "night_to"),
        ({"name": ""}, "name"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_by_name(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Malformed) as refused:
        save_price_rule(values={**RULE, **changes})
    assert set(refused.value.fields) == {field}
    assert not PriceRule.objects.exists()


@pytest.mark.django_db
def test_settings_are_the_defaults_until_they_are_saved() -> None:
    tenant = TenantFactory()
    assert (settings_of(tenant_id=tenant.pk).auto_offer, DeliverySettings.objects.count()) == (
        False, 0,
    )  # fmt: skip
    save_settings(tenant_id=tenant.pk, values={"auto_offer": True})
    assert settings_of(tenant_id=tenant.pk).auto_offer


@pytest.mark.django_db
@pytest.mark.parametrize(
    "values", [{"offer_seconds": 1}, {"promised_minutes": 0}, {"first_radius_m": 6_000}]
)
def test_settings_that_cannot_be_are_refused_and_nothing_is_saved(values: dict[str, int]) -> None:
    tenant = TenantFactory()
    with pytest.raises(Malformed):
        save_settings(tenant_id=tenant.pk, values=values)
    assert not DeliverySettings.objects.exists()


@pytest.mark.django_db
@settings(max_examples=100, suppress_health_check=list(HealthCheck))
@given(
    km=st.decimals(0, 19, places=4), kg=st.none() | st.decimals(0, 60, places=3),
    fees=st.lists(st.decimals(0, 99, places=2), min_size=4, max_size=4),
    base=st.tuples(st.decimals(0, 9, places=2), st.decimals(0, 9, places=2)),
    night=st.tuples(st.integers(0, 1439), st.integers(0, 1439)),
    when=st.tuples(st.integers(0, 1439), st.sampled_from(ZONES)),
)  # fmt: skip
def test_any_price_is_what_plain_counting_says(
    *, km: Decimal, kg: Decimal | None, fees: list[Decimal], base: tuple[Decimal, Decimal],
    night: tuple[int, int], when: tuple[int, str],
) -> None:  # fmt: skip
    Kept.forget_all()
    (first, last), (minute, zone) = night, when
    values = {
        "base_fee": fees[0], "per_km": fees[1], "per_kg": fees[2], "night_fee": fees[3],
        "base_km": base[0], "base_kg": base[1],
        "night_from": None if first == last else time(first // 60, first % 60),
        "night_to": None if first == last else time(last // 60, last % 60),
    }  # fmt: skip
    local = datetime(2026, 11, 22, minute // 60, minute % 60, tzinfo=ZoneInfo(zone))
    with transaction.atomic():
        save_price_rule(values={**RULE, **values})
        found = price(TenantFactory(time_zone=zone), str(km), local.astimezone(UTC), kg)
        transaction.set_rollback(True)
    # Plain counting: in whole metres, grams, minutes and fen.
    beyond_m = found.distance_m - int(base[0] * 1000)
    beyond_g = int((kg or 0) * 1000) - int(base[1] * 1000)
    fen = [int(fee * 100) for fee in fees]
    km_more, kg_more = (max(0, -(-beyond // 1000)) for beyond in (beyond_m, beyond_g))
    is_night = first != last and (minute - first) % 1440 < (last - first) % 1440
    expected = fen[0] + fen[1] * km_more + fen[2] * kg_more + fen[3] * is_night
    assert found.delivery_fee == Decimal(expected) / 100
    assert found.delivery_fee.as_tuple().exponent == -2
    assert sum(part.amount for part in found.components) == found.delivery_fee


@pytest.mark.django_db
def test_nobodys_settings_and_rules_are_not_there() -> None:
    with pytest.raises(Missing):
        save_settings(tenant_id=0, values={})
    with pytest.raises(Missing):
        save_price_rule(values={**RULE, "tenant_id": 999_999})
    with pytest.raises(Missing):
        save_price_rule(rule_id=999_999, values={})

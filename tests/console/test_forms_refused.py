"""A form that its service refuses comes back as it was typed, each text beside its field."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from config.kernel.errors import Conflict
from delivery.admin import preferences
from delivery.models import DeliverySettings, PriceRule, Rider
from tests.console.deliveries import make_rider
from tests.factories import TenantFactory

pytestmark = pytest.mark.django_db
RIDER = {
    "name": "李雷", "phone": "13700001234", "vehicle": "ebike", "area": "西湖", "most_orders": 3,
    "username": "lilei", "password": "Tonglu-2026!", "repeated": "Tonglu-2026!",
}  # fmt: skip
PRICE = {
    "name": "默认", "tenant": "", "enabled": "on", "base_fee": "5.00", "base_km": "3",
    "per_km": "1.5", "longest_km": "20", "base_kg": "5", "per_kg": "1", "night_from": "",
    "night_to": "", "night_fee": "0",
}  # fmt: skip
SETTINGS: dict[str, Any] = {
    "auto_offer": "on", "offer_seconds": 20, "offer_minutes": 15, "first_radius_m": 800,
    "radius_step_m": 500, "largest_radius_m": 3000, "riders_at_once": 2, "promised_minutes": 40,
}  # fmt: skip


def page(name: str, *args: Any) -> str:
    return reverse(f"admin:delivery_{name}", args=args)


def errors_of(answer: Any) -> dict[str, list[str]]:
    """What the form shown says, by field."""
    assert answer.status_code == 200
    return {name: list(texts) for name, texts in answer.context["adminform"].form.errors.items()}


def test_settings_out_of_bounds_come_back_as_typed(admin_client: Client) -> None:
    given = {**SETTINGS, "tenant": TenantFactory().pk, "first_radius_m": 4000}
    answer = admin_client.post(page("deliverysettings_add"), given)
    assert errors_of(answer) == {"largest_radius_m": ["最大半径不能小于首次半径。"]}
    text = answer.content.decode()
    assert 'value="4000"' in text
    assert 'value="40"' in text
    assert not DeliverySettings.objects.exists()
    assert not LogEntry.objects.exists()


def test_settings_changed_wrongly_leave_the_row_and_can_be_mended(admin_client: Client) -> None:
    row = DeliverySettings.objects.create(
        tenant=TenantFactory(), **{**SETTINGS, "auto_offer": True}
    )
    url = page("deliverysettings_change", row.pk)
    answer = admin_client.post(url, {**SETTINGS, "offer_seconds": 1, "promised_minutes": 1})
    assert errors_of(answer) == {
        "offer_seconds": ["应在 5 到 600 之间。"], "promised_minutes": ["应在 5 到 1440 之间。"],
    }  # fmt: skip
    row.refresh_from_db()
    assert row.offer_seconds == 20
    assert admin_client.post(url, {**SETTINGS, "offer_seconds": 30}).status_code == 302


def test_a_riders_name_that_is_taken_is_told_beside_it(admin_client: Client) -> None:
    assert admin_client.post(page("rider_add"), RIDER).status_code == 302
    answer = admin_client.post(page("rider_add"), {**RIDER, "name": "韩梅梅"})
    assert errors_of(answer) == {"username": ["该用户名已存在，请更换。"]}
    assert 'value="韩梅梅"' in answer.content.decode()
    assert Rider.objects.count() == 1


def test_each_reason_against_a_password_is_a_line_of_its_own(admin_client: Client) -> None:
    given = {**RIDER, "password": "123", "repeated": "123"}
    answer = admin_client.post(page("rider_add"), given)
    assert len(errors_of(answer)["password"]) > 1
    assert "。；" not in answer.content.decode()
    url = page("rider_act", make_rider().pk, "password")
    asked = admin_client.post(url, {"password": "123", "repeated": "123", "reason": "忘了"})
    assert asked.status_code == 200
    assert len(asked.context["form"].errors["password"]) > 1
    assert "忘了" in asked.content.decode()


def test_a_price_by_night_wants_both_its_hours(admin_client: Client) -> None:
    answer = admin_client.post(page("pricerule_add"), {**PRICE, "night_from": "22:00"})
    assert errors_of(answer) == {"night_to": ["夜间开始与结束时间须同时填写。"]}
    assert 'value="默认"' in answer.content.decode()
    assert not PriceRule.objects.exists()


@pytest.mark.parametrize(
    "name", ["base_fee", "base_km", "per_km", "base_kg", "per_kg", "night_fee"]
)
def test_an_amount_below_0_is_named(admin_client: Client, name: str) -> None:
    answer = admin_client.post(page("pricerule_add"), {**PRICE, name: "-1"})
    assert list(errors_of(answer)) == [name]
    assert "price_rule_amounts" not in answer.content.decode()


def test_the_longest_distance_is_not_below_the_base_one(admin_client: Client) -> None:
    url = page("pricerule_add")
    answer = admin_client.post(url, {**PRICE, "base_km": "3", "longest_km": "2.99"})
    assert list(errors_of(answer)) == ["longest_km"]
    assert admin_client.post(url, {**PRICE, "base_km": "3", "longest_km": "3"}).status_code == 302


def test_what_names_no_field_stays_a_banner(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_values: Any) -> None:
        raise Conflict

    monkeypatch.setattr(preferences, "save_settings", refuse)
    given = {**SETTINGS, "tenant": TenantFactory().pk}
    answer = admin_client.post(page("deliverysettings_add"), given, follow=True)
    assert answer.redirect_chain
    assert "与现有数据冲突，请刷新后重试。" in answer.content.decode()


def test_a_field_that_the_form_lacks_is_told_above_it(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_values: Any) -> None:
        raise Conflict(fields={"elsewhere": ["另一处有误。"], "tenant_id": ["租户有误。"]})

    monkeypatch.setattr(preferences, "save_settings", refuse)
    answer = admin_client.post(
        page("deliverysettings_add"), {**SETTINGS, "tenant": TenantFactory().pk}
    )
    assert errors_of(answer) == {
        "__all__": ["与现有数据冲突，请刷新后重试。", "另一处有误。"], "tenant": ["租户有误。"],
    }  # fmt: skip

"""A throttled tenant is told what is left and when to come back; others send as they please."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.core.cache import cache

from accounts.models import IdempotencyKey, Tenant
from accounts.services.tenants import update_tenant
from accounts.services.throttling import take_request
from config.kernel.errors import Malformed, Throttled
from tests.accounts.callers import URL, a_tenant, caller, data, refused

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 22, 8, 0, 20, tzinfo=UTC)
RESET = int(AT.timestamp()) + 40


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    cache.clear()


def limits(answer: Any) -> tuple[str | None, ...]:
    names = ("Limit", "Remaining", "Reset")
    return tuple(answer.headers.get(f"X-RateLimit-{name}") for name in names)


def test_every_answer_says_what_is_left_and_one_too_many_when_to_return() -> None:
    tenant = a_tenant(requests_per_minute=2)
    client = caller(tenant)
    with time_machine.travel(AT, tick=False) as clock:
        assert limits(client.get(URL)) == ("2", "1", str(RESET))
        assert limits(client.get(f"{URL}/evt_none")) == ("2", "0", str(RESET))
        answer = client.post(f"{URL}/pause", {}, extra={"Idempotency-Key": "k"})
        refused(answer, 429, "throttled")
        assert (*limits(answer), answer["Retry-After"]) == ("2", "0", str(RESET), "40")
        assert not IdempotencyKey.objects.exists()
        assert limits(caller(tenant, "test").get(URL))[1] == "1"
        clock.shift(40)
        assert limits(client.get(URL)) == ("2", "1", str(RESET + 60))


def test_who_is_not_throttled_is_told_nothing() -> None:
    answer = caller(a_tenant()).get(URL)
    data(answer)
    assert limits(answer) == (None, None, None)


def test_a_cache_that_is_away_lets_in(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr(cache, "add", away)
    for _ in range(3):
        assert take_request(tenant_id=1, is_test=False, limit=1, at=AT).remaining == 0


def test_the_count_is_one_tenants_and_one_modes() -> None:
    take_request(tenant_id=1, is_test=False, limit=1, at=AT)
    take_request(tenant_id=1, is_test=True, limit=1, at=AT)
    take_request(tenant_id=2, is_test=False, limit=1, at=AT)
    with pytest.raises(Throttled):
        take_request(tenant_id=1, is_test=False, limit=1, at=AT)


def test_operators_set_limits_addresses_and_what_counts_as_delivered() -> None:
    key = a_tenant().pk
    update_tenant(
        tenant_id=key, callback_ack="http", requests_per_minute=600,
        external_addresses=["203.0.113.7", " 203.0.113.9/24", "2001:DB8::1", "::ffff:198.51.100.1"],
    )  # fmt: skip
    row = Tenant.objects.get(pk=key)
    assert (row.callback_ack, row.requests_per_minute) == ("http", 600)
    assert row.external_addresses == [
        "203.0.113.7", "203.0.113.0/24", "2001:db8::1", "198.51.100.1",
    ]  # fmt: skip
    update_tenant(tenant_id=key, name="新名")
    row = Tenant.objects.get(pk=key)
    assert (row.callback_ack, row.requests_per_minute) == ("http", 600)
    update_tenant(tenant_id=key, requests_per_minute=None, external_addresses=[])
    row = Tenant.objects.get(pk=key)
    assert (row.requests_per_minute, row.external_addresses) == (None, [])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("requests_per_minute", 0), ("requests_per_minute", 1_000_001), ("callback_ack", "any"),
        ("external_addresses", ["example.com"]), ("external_addresses", ["10.0.0.0/33"]),
        ("external_addresses", [f"10.0.0.{n}" for n in range(101)]),
    ],
)  # fmt: skip
def test_what_cannot_be_set_names_its_field(name: str, value: Any) -> None:
    tenant = a_tenant()
    with pytest.raises(Malformed) as caught:
        update_tenant(tenant_id=tenant.pk, name="x", **{name: value})
    assert list(caught.value.fields) == [name]
    assert Tenant.objects.get(pk=tenant.pk).name == tenant.name

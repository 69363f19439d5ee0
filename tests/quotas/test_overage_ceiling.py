"""Overage ends where its column does: a refusal, never a row that nobody can write or read."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import transaction

from quotas.errors import QuotaExhausted
from quotas.models import QuotaDetail, TenantQuota
from quotas.queries import find_discrepancies, quota_as_of
from quotas.services.reservation import look, reserve
from tests.factories import QuotaFactory

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
HALF = Decimal("50000000.00")


def draw(tenant_id: int, order_id: int) -> None:
    allowance = look(tenant_id=tenant_id, at=NOW)
    with transaction.atomic():
        reserve(allowance=allowance, order_id=order_id, at=NOW)


def test_a_unit_that_the_period_cannot_add_up_is_refused() -> None:
    quota = QuotaFactory(monthly_free_quota=0, overage_enabled=True, overage_price=HALF)
    draw(quota.tenant_id, 1)
    with pytest.raises(QuotaExhausted):
        draw(quota.tenant_id, 2)
    shown = quota_as_of(tenant_id=quota.tenant_id, at=NOW)
    assert (shown.overage_used, shown.overage_amount) == (1, HALF)
    assert QuotaDetail.objects.count() == 1
    assert list(find_discrepancies()) == []


def test_the_last_fen_of_the_column_can_be_drawn() -> None:
    quota = QuotaFactory(monthly_free_quota=0, overage_enabled=True, overage_price=HALF)
    draw(quota.tenant_id, 1)
    TenantQuota.objects.update(overage_price=HALF - Decimal("0.01"))
    draw(quota.tenant_id, 2)
    assert TenantQuota.objects.get().overage_amount == Decimal("99999999.99")


def test_two_who_looked_at_once_do_not_go_beyond_it_together() -> None:
    quota = QuotaFactory(monthly_free_quota=0, overage_enabled=True, overage_price=HALF)
    early = look(tenant_id=quota.tenant_id, at=NOW)
    draw(quota.tenant_id, 1)
    with pytest.raises(QuotaExhausted), transaction.atomic():
        reserve(allowance=early, order_id=2, at=NOW)
    assert QuotaDetail.objects.count() == 1
    assert list(find_discrepancies()) == []

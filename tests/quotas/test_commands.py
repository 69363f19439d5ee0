"""check_quotas finds what does not add up; reset_quotas does what the clock does."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from quotas.models import QuotaDetail, QuotaStatement, TenantQuota
from quotas.services.closing import close_elapsed
from quotas.services.reservation import look, reserve
from tests.factories import QuotaFactory

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


def run(name: str, *args: str) -> tuple[int, dict[str, Any]]:
    out = io.StringIO()
    code = 0
    try:
        call_command(name, *args, "--json", stdout=out, stderr=io.StringIO())
    except SystemExit as exc:
        code = int(exc.code or 0)
    return code, json.loads(out.getvalue())


@pytest.fixture
def quota() -> TenantQuota:
    quota = QuotaFactory(period_end=date(2026, 12, 1))
    allowance = look(tenant_id=quota.tenant_id, at=NOW)
    with transaction.atomic():
        reserve(allowance=allowance, order_id=1, at=NOW)
    return quota


def test_books_that_close_exit_with_zero(quota: TenantQuota) -> None:
    assert run("check_quotas") == (0, {"ok": True, "discrepancies": []})


@pytest.mark.parametrize(
    "break_it",
    [
        lambda: TenantQuota.objects.update(monthly_used=2),
        lambda: TenantQuota.objects.update(total_used=0),
        lambda: TenantQuota.objects.update(overage_amount="0.01"),
        lambda: QuotaDetail.objects.all().delete(),
        lambda: QuotaDetail.objects.update(line_no=2),
        lambda: QuotaDetail.objects.update(quota_type="overage"),
        lambda: TenantQuota.objects.update(period_no=2),
        lambda: TenantQuota.objects.all().delete(),
    ],
)
def test_each_way_to_break_them_is_found(quota: TenantQuota, break_it: Any) -> None:
    break_it()
    code, report = run("check_quotas")
    assert code == 1
    assert report["discrepancies"]


def test_a_changed_statement_is_found(quota: TenantQuota) -> None:
    close_elapsed(tenant_id=quota.tenant_id, at=datetime(2026, 12, 5, tzinfo=UTC))
    assert run("check_quotas")[0] == 0
    QuotaStatement.objects.update(units=0)
    assert run("check_quotas")[0] == 1


def test_resetting_early_does_nothing_and_a_future_date_needs_a_dry_run(
    quota: TenantQuota,
) -> None:
    assert run("reset_quotas", "--as-of", "2026-11-20")[1] == {"closed": []}
    with pytest.raises(CommandError):
        run("reset_quotas", "--as-of", "2126-12-02")
    _, report = run("reset_quotas", "--as-of", "2126-12-02", "--dry-run")
    assert report["closed"][0]["units"] == 1
    assert not QuotaStatement.objects.exists()


def test_an_unknown_tenant_is_refused() -> None:
    with pytest.raises(CommandError):
        run("check_quotas", "--tenant", "nobody")


@pytest.mark.parametrize("text", ["0001-01-01", "9999-12-31", "20261101", "x"])
def test_a_day_no_zone_can_compute_is_refused(quota: TenantQuota, text: str) -> None:
    with pytest.raises(CommandError, match="2026-02-28"):
        call_command("reset_quotas", "--as-of", text, "--dry-run", stderr=io.StringIO())

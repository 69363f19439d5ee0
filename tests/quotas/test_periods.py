"""Periods come from the calendar, in any month, zone and leap year, after any downtime."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from quotas.models import QuotaStatement, TenantQuota
from quotas.periods import next_reset, period_containing
from quotas.queries import find_discrepancies, quota_as_of
from quotas.services.closing import close_all_elapsed, close_elapsed, reset_now
from quotas.services.settings import save_quota
from tests.factories import QuotaFactory, TenantFactory
from tests.races import race

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("day", "reset_day", "start", "end"),
    [
        ("2026-02-15", 1, "2026-02-01", "2026-03-01"),
        ("2026-02-28", 31, "2026-02-28", "2026-03-31"),
        ("2028-02-29", 29, "2028-02-29", "2028-03-29"),
        ("2028-02-28", 29, "2028-01-29", "2028-02-29"),
        ("2027-03-01", 30, "2027-02-28", "2027-03-30"),
        ("2026-01-01", 15, "2025-12-15", "2026-01-15"),
        ("2026-12-31", 31, "2026-12-31", "2027-01-31"),
    ],
)
def test_a_day_lies_in_its_period(day: str, reset_day: int, start: str, end: str) -> None:
    found = period_containing(date.fromisoformat(day), reset_day)
    assert found == (date.fromisoformat(start), date.fromisoformat(end))


@given(st.dates(date(2000, 1, 1), date(2200, 1, 1)), st.integers(1, 31))
def test_periods_cover_every_day_once(day: date, reset_day: int) -> None:
    start, end = period_containing(day, reset_day)
    assert start <= day < end
    assert 28 <= (end - start).days <= 31
    assert period_containing(end - timedelta(days=1), reset_day) == (start, end)
    assert period_containing(end, reset_day)[0] == end == next_reset(start, reset_day)


def local(year: int, month: int, day: int, hour: int = 12) -> datetime:
    return datetime(year, month, day, hour, tzinfo=SHANGHAI)


@pytest.mark.django_db(transaction=True)
class TestClosing:
    def quota(self, **more: object) -> TenantQuota:
        return QuotaFactory(period_start=date(2026, 1, 1), period_end=date(2026, 2, 1), **more)

    def test_nothing_is_closed_before_the_local_midnight(self) -> None:
        quota = self.quota()
        before = datetime(2026, 1, 31, 15, 59, 59, tzinfo=UTC)
        assert close_elapsed(tenant_id=quota.tenant_id, at=before) == []
        after = datetime(2026, 1, 31, 16, 0, tzinfo=UTC)
        assert len(close_elapsed(tenant_id=quota.tenant_id, at=after)) == 1

    def test_the_tenants_own_zone_decides(self) -> None:
        quota = self.quota(tenant=TenantFactory(time_zone="America/New_York"))
        midnight_in_shanghai = datetime(2026, 1, 31, 16, 0, tzinfo=UTC)
        assert close_elapsed(tenant_id=quota.tenant_id, at=midnight_in_shanghai) == []
        at = datetime(2026, 2, 1, 5, 0, tzinfo=UTC)
        assert len(close_elapsed(tenant_id=quota.tenant_id, at=at)) == 1

    def test_a_year_of_downtime_gives_a_statement_for_each_month(self) -> None:
        quota = self.quota()
        closed = close_elapsed(tenant_id=quota.tenant_id, at=local(2027, 1, 10))
        assert [row.period_no for row in closed] == list(range(1, 13))
        assert closed[-1].period_end == date(2027, 1, 1)
        assert close_elapsed(tenant_id=quota.tenant_id, at=local(2027, 1, 10)) == []
        assert list(find_discrepancies()) == []

    def test_a_new_reset_day_counts_from_the_next_period(self) -> None:
        quota = self.quota()
        save_quota(tenant_id=quota.tenant_id, at=local(2026, 1, 5), quota_reset_day=20)
        quota.refresh_from_db()
        assert quota.period_end == date(2026, 2, 1)
        close_elapsed(tenant_id=quota.tenant_id, at=local(2026, 2, 1))
        quota.refresh_from_db()
        assert (quota.period_start, quota.period_end) == (date(2026, 2, 1), date(2026, 2, 20))

    def test_the_quota_is_shown_as_of_now_before_any_reset_ran(self) -> None:
        quota = self.quota(monthly_used=3)
        shown = quota_as_of(tenant_id=quota.tenant_id, at=local(2026, 3, 5))
        assert (shown.monthly_used, shown.period_start) == (0, date(2026, 3, 1))
        assert not QuotaStatement.objects.exists()

    def test_many_closing_at_once_write_one_statement(self) -> None:
        quota = self.quota()
        results = race(
            [lambda: close_elapsed(tenant_id=quota.tenant_id, at=local(2026, 2, 2))] * 12
        )
        assert sorted(map(len, results)) == [0] * 11 + [1]
        assert QuotaStatement.objects.count() == 1

    def test_every_tenant_is_closed_by_one_run(self) -> None:
        for _ in range(3):
            self.quota()
        assert len(list(close_all_elapsed(at=local(2026, 2, 2)))) == 3
        assert list(close_all_elapsed(at=local(2026, 2, 2))) == []

    def test_a_manual_reset_closes_today_and_opens_the_rest(self) -> None:
        quota = self.quota()
        closed = reset_now(tenant_id=quota.tenant_id, at=local(2026, 1, 10))
        assert closed is not None
        quota.refresh_from_db()
        assert (closed.period_end, quota.period_start) == (date(2026, 1, 10), date(2026, 1, 10))
        assert quota.period_end == date(2026, 2, 1)
        assert reset_now(tenant_id=quota.tenant_id, at=local(2026, 1, 10)) is None
        assert list(find_discrepancies()) == []

    def test_a_quota_made_today_begins_in_todays_period(self) -> None:
        tenant = TenantFactory()
        quota = save_quota(
            tenant_id=tenant.pk, at=local(2028, 2, 29, 23), monthly_free_quota=1,
            quota_reset_day=31,
        )  # fmt: skip
        assert (quota.period_start, quota.period_end) == (date(2028, 2, 29), date(2028, 3, 31))
        assert timezone.is_aware(quota.created_at)

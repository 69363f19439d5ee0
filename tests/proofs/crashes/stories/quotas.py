"""A period is closed once, with one statement, whoever dies while closing it."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime
from decimal import Decimal

from django.utils import timezone

from config.kernel.errors import Missing
from logistics.services.cancelling import cancel_order
from quotas.models import QuotaStatement, TenantQuota
from quotas.services.closing import close_all_elapsed, reset_now
from quotas.services.settings import remove_quota, save_quota
from tests.factories import QuotaFactory
from tests.proofs.crashes.ground import Ground
from tests.proofs.crashes.story import Least, Story


def give_up(ground: Ground, number: int) -> None:
    cancel_order(order_id=ground.orders()[number].pk, reason="不寄了", at=timezone.now())


def used_over(ground: Ground) -> None:
    """Three units, two of them overage, one of those returned; and a tenant who sent nothing."""
    QuotaFactory(
        tenant=ground.silent_tenant, period_start=date(2031, 1, 1), period_end=date(2031, 2, 1)
    )
    ground.quota(
        monthly_free_quota=1, overage_enabled=True, overage_price=Decimal("2.50"),
        period_start=date(2031, 1, 1), period_end=date(2031, 2, 1), quota_reset_day=1,
    )  # fmt: skip
    ground.clock.move_to(datetime(2031, 1, 15, 4, tzinfo=UTC))
    for _ in range(4):
        ground.book()
    give_up(ground, 3)


def two_periods_ago(ground: Ground) -> None:
    """The first is closed; then one of its units comes back, and the second is over as well."""
    used_over(ground)
    ground.clock.move_to(datetime(2031, 2, 2, 4, tzinfo=UTC))
    close(ground)
    assert QuotaStatement.objects.count() == 2
    ground.book()
    give_up(ground, 2)
    ground.clock.move_to(datetime(2031, 4, 2, 4, tzinfo=UTC))


def close(_: Ground) -> None:
    list(close_all_elapsed(at=timezone.now()))


def reset(ground: Ground) -> None:
    reset_now(tenant_id=ground.tenant.pk, at=timezone.now())


def two_statements_each(ground: Ground) -> None:
    ours = QuotaStatement.objects.filter(tenant=ground.tenant).order_by("period_no")
    figures = [(row.units, row.overage_amount_minor, row.credit_amount_minor) for row in ours]
    assert figures == [(3, 500, 0), (1, 0, 250), (0, 0, 0)]
    assert QuotaStatement.objects.count() == 6
    assert set(TenantQuota.objects.values_list("period_no", flat=True)) == {4}


def booked(ground: Ground) -> None:
    ground.book()


def set_anew(ground: Ground) -> None:
    save_quota(
        tenant_id=ground.tenant.pk, at=timezone.now(), monthly_free_quota=50,
        overage_enabled=True, overage_price=Decimal("3.00"),
    )  # fmt: skip


def remove(ground: Ground) -> None:
    """Whoever got no answer finds it gone."""
    with contextlib.suppress(Missing):
        remove_quota(quota_id=TenantQuota.objects.get().pk, at=timezone.now())


def is_set(_: Ground) -> None:
    quota = TenantQuota.objects.get()
    assert (quota.monthly_free_quota, quota.monthly_used, quota.hidden_at) == (50, 1, None)


def is_hidden(_: Ground) -> None:
    quota = TenantQuota.objects.get()
    assert (quota.status, quota.monthly_used, quota.hidden_at is None) == ("disabled", 1, False)


def one_statement(ground: Ground) -> None:
    statement = QuotaStatement.objects.get()
    assert (statement.units, statement.overage_amount_minor) == (3, 500)
    quota = TenantQuota.objects.get(tenant=ground.tenant)
    assert (quota.period_no, quota.monthly_used, quota.total_used) == (2, 0, 3)


STORIES = (
    Story(
        "periods-close",
        two_periods_ago,
        close,
        two_statements_each,
        # Who; of each tenant twice its row, and of each period credits, statement, new period.
        Least(statements=1 + 2 * (2 + 2 * 3), commits=2, calls=0),
        close,
    ),
    Story(
        "period-reset-by-hand",
        used_over,
        reset,
        one_statement,
        Least(statements=4, commits=1, calls=0),
        reset,
    ),
    # The tenant, its row locked, written.
    Story("quota-set", booked, set_anew, is_set, Least(3, 1, 0), set_anew),
    # The row locked, its lines looked for, closed.
    Story("quota-removed", booked, remove, is_hidden, Least(3, 1, 0), remove),
)

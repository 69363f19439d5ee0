"""How much of a quota is left, in words an operator can filter by."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from config.kernel.days import local_date
from quotas.services.closing import FURTHEST_ZONE

if TYPE_CHECKING:
    from quotas.models import TenantQuota

NEARLY_PERCENT = 10


class Level(models.TextChoices):
    """`nearly` includes `gone`: both want to be looked at."""

    PLENTY = "plenty", _("more than a tenth left")
    NEARLY = "nearly", _("a tenth or less left")
    GONE = "gone", _("nothing left")


def level_of(quota: TenantQuota) -> Level:
    """The level of a row as of now; where only overage is sold, nothing can run out."""
    if not quota.monthly_free_quota and quota.overage_enabled:
        return Level.PLENTY
    if not quota.free_left:
        return Level.GONE
    nearly = quota.free_left * 100 <= quota.monthly_free_quota * NEARLY_PERCENT
    return Level.NEARLY if nearly else Level.PLENTY


def with_level(rows: QuerySet[TenantQuota], level: str, at: datetime) -> QuerySet[TenantQuota]:
    """The rows at `level` at `at`, elapsed periods counted as reset; one statement."""
    left = F("monthly_free_quota") - F("monthly_used") + F("overage_used")
    percent = NEARLY_PERCENT if level != Level.GONE else 0
    fresh = elapsed(rows, at)
    low = (
        Q(hundredfold__lte=F("monthly_free_quota") * percent) & ~fresh
        | Q(monthly_free_quota=0)
    ) & ~Q(monthly_free_quota=0, overage_enabled=True)  # fmt: skip
    return rows.alias(hundredfold=left * 100).filter(~low if level == Level.PLENTY else low)


def elapsed(rows: QuerySet[TenantQuota], at: datetime) -> Q:
    """Which of `rows` hold a period that is over at `at`, each on its own tenant's wall."""
    near = rows.filter(period_end__lte=(at.astimezone(UTC) + FURTHEST_ZONE).date())
    zones = near.order_by().values_list("tenant__time_zone", flat=True).distinct()
    over = Q(pk__in=())
    for name in zones:
        over |= Q(tenant__time_zone=name, period_end__lte=local_date(at, ZoneInfo(name)))
    return over

"""What the reports read: orders added up by business day, and which days have been counted.

All of it can be thrown away: `services.rolling` makes it anew from the orders.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from logistics.states import OrderStatus


class DailySums(models.Model):
    """The live orders of one day, carrier and present state, added up; money in fen.

    The day is that of `created_at` in TIME_ZONE. An order's first word on freight is the carrier's
    earliest by its own time; `revisions` counts the later ones, and `freight_minor` −
    `first_freight_minor` is what they changed.
    """

    business_date = models.DateField(_("business day"))
    cp_code = models.CharField(_("carrier code"), max_length=50)
    status = models.CharField(_("status"), max_length=30, choices=OrderStatus)
    orders = models.IntegerField(_("number of orders"))
    freight_minor = models.BigIntegerField(_("freight (fen)"))
    first_freight_minor = models.BigIntegerField(_("freight as first said (fen)"))
    revisions = models.IntegerField(_("number of revisions"))

    class Meta:
        abstract = True


class DailyOrders(DailySums):
    """The sums of each tenant; `tenant_id` 0 is the platform itself.

    The index holds all that is summed up: whoever sums tenants over months reads it alone.
    """

    tenant_id = models.BigIntegerField(_("tenant"))

    class Meta:
        db_table = "platform_daily_orders"
        default_permissions = ()
        verbose_name = _("daily orders")
        verbose_name_plural = _("daily orders")
        constraints = [
            models.UniqueConstraint(
                fields=["business_date", "tenant_id", "cp_code", "status"], name="uk_daily_cell"
            ),
            models.CheckConstraint(
                condition=Q(status__in=OrderStatus.values), name="daily_status_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=[
                    "tenant_id", "business_date", "cp_code", "status", "orders", "freight_minor",
                    "first_freight_minor", "revisions",
                ],
                name="idx_daily_tenant",
            )
        ]  # fmt: skip


class DailyTotals(DailySums):
    """The sums of everybody, so that a report on all tenants costs the same for any number."""

    class Meta:
        db_table = "platform_daily_totals"
        default_permissions = ()
        verbose_name = _("daily totals")
        verbose_name_plural = _("daily totals")
        constraints = [
            models.UniqueConstraint(
                fields=["business_date", "cp_code", "status"], name="uk_daily_total"
            ),
            models.CheckConstraint(
                condition=Q(status__in=OrderStatus.values), name="daily_total_status_known"
            ),
        ]


class RolledDay(models.Model):
    """A business day that has orders: when it was counted, and whether it must be again.

    `counted_at` is the start of the run that counted it; `stale_at` that of the run that saw
    orders of this day changed, NULL once they are counted.
    """

    business_date = models.DateField(_("business day"), unique=True)
    counted_at = models.DateTimeField(_("counted at"), null=True)
    stale_at = models.DateTimeField(_("changed as seen at"), null=True)

    class Meta:
        db_table = "platform_rolled_days"
        default_permissions = ()
        verbose_name = _("counted day")
        verbose_name_plural = _("counted days")

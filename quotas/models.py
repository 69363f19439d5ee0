"""Tables of quotas; counters are a checked cache of the details (law 4).

Relations carry no database constraint (seed red line 7.1), and no child row ever locks the
tenant's one hot row.
"""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quotas.states import QuotaStatus, QuotaType


class TenantQuota(models.Model):
    """One tenant's quota and the counters of its open period `period_no` (seed 3.2.4).

    `monthly_used` counts all units of the period, `overage_used` the overage part of them;
    `total_used` is net of returns over all periods. The period is `[period_start, period_end)`
    in the tenant's zone.
    """

    tenant = models.ForeignKey(
        "accounts.Tenant",
        on_delete=models.PROTECT,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("tenant"),
    )
    tenant_name = models.CharField(_("tenant name"), max_length=200, null=True, blank=True)
    monthly_free_quota = models.IntegerField(
        _("free units a month"), default=0, validators=[MinValueValidator(0)]
    )
    monthly_used = models.IntegerField(_("used this period"), default=0, editable=False)
    total_used = models.IntegerField(_("used in all"), default=0, editable=False)
    overage_enabled = models.BooleanField(_("overage allowed"), default=False)
    overage_price = models.DecimalField(
        _("price of an overage unit (yuan)"),
        max_digits=10,
        decimal_places=2,
        default=Decimal("0.00"),
        validators=[MinValueValidator(Decimal(0))],
    )
    overage_used = models.IntegerField(_("overage units"), default=0, editable=False)
    overage_amount = models.DecimalField(
        _("overage amount (yuan)"),
        max_digits=10,
        decimal_places=2,
        default=Decimal("0.00"),
        editable=False,
    )
    quota_reset_day = models.IntegerField(
        _("reset day"), default=1, validators=[MinValueValidator(1), MaxValueValidator(31)]
    )
    last_reset_at = models.DateField(_("last reset on"), null=True, editable=False)
    status = models.CharField(
        _("status"), max_length=20, choices=QuotaStatus, default=QuotaStatus.ENABLED
    )
    # Removed by an operator although it has details: switched off and hidden, until set anew.
    hidden_at = models.DateTimeField(_("removed at"), null=True, editable=False)
    period_no = models.PositiveIntegerField(_("period"), default=1, editable=False)
    period_start = models.DateField(_("period start"), editable=False)
    period_end = models.DateField(_("period end"), editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    class Meta:
        db_table = "platform_tenant_quota"
        verbose_name = _("tenant quota")
        verbose_name_plural = _("tenant quotas")
        constraints = [
            models.UniqueConstraint(fields=["tenant"], name="uk_quota_tenant_id"),
            models.CheckConstraint(
                condition=Q(status__in=QuotaStatus.values), name="quota_status_known"
            ),
            models.CheckConstraint(
                condition=Q(monthly_free_quota__gte=0, overage_price__gte=0),
                name="quota_settings_positive",
            ),
            models.CheckConstraint(
                condition=Q(overage_used__gte=0, monthly_used__gte=F("overage_used")),
                name="quota_counters_sane",
            ),
            models.CheckConstraint(
                condition=Q(quota_reset_day__gte=1, quota_reset_day__lte=31),
                name="quota_reset_day_range",
            ),
            models.CheckConstraint(
                condition=Q(period_end__gt=F("period_start")), name="quota_period_order"
            ),
        ]
        indexes = [models.Index(fields=["period_end"], name="idx_quota_period_end")]

    def __str__(self) -> str:
        return self.tenant_name or str(self.tenant_id)

    @property
    def free_left(self) -> int:
        """Free units still to be had this period."""
        return max(0, self.monthly_free_quota - (self.monthly_used - self.overage_used))


class QuotaDetail(models.Model):
    """One unit drawn (+1) or returned (−1) by an order; append-only (seed 3.2.6).

    An order's lines alternate: odd ones draw, even ones return. The unique key on them is what
    keeps a unit from being drawn or returned twice.
    """

    tenant = models.ForeignKey(
        "accounts.Tenant",
        on_delete=models.PROTECT,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("tenant"),
    )
    order_id = models.BigIntegerField(_("order"))
    quota_type = models.CharField(
        _("type"), max_length=20, choices=QuotaType, default=QuotaType.NORMAL
    )
    used_num = models.IntegerField(_("units"), default=1)
    amount = models.DecimalField(
        _("amount (yuan)"), max_digits=10, decimal_places=2, default=Decimal("0.00")
    )
    waybill_no = models.CharField(_("waybill"), max_length=100, null=True)
    cp_code = models.CharField(_("carrier"), max_length=50, null=True)
    line_no = models.PositiveIntegerField(_("line"))
    period_no = models.PositiveIntegerField(_("period"))
    period_start = models.DateField(_("period start"))
    # The open period that credits this return, when its own had been closed before.
    credit_period_no = models.PositiveIntegerField(_("credited in period"), null=True)
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        db_table = "platform_tenant_quota_detail"
        verbose_name = _("quota detail")
        verbose_name_plural = _("quota details")
        indexes = [
            models.Index(fields=["tenant", "created_at"], name="idx_detail_tenant_created"),
            models.Index(fields=["tenant", "period_no"], name="idx_detail_tenant_period"),
            models.Index(fields=["created_at"], name="idx_detail_created_at"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["order_id", "line_no"], name="uk_detail_order_line"),
            models.CheckConstraint(
                condition=Q(quota_type__in=QuotaType.values), name="detail_type_known"
            ),
            models.CheckConstraint(
                condition=Q(used_num=1, amount__gte=0, credit_period_no__isnull=True)
                | Q(used_num=-1, amount__lte=0),
                name="detail_one_unit",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class QuotaStatement(models.Model):
    """A closed period, for ever: what was used, what overage costs, what is credited.

    `credit_*` are returns of units whose own period had been closed before;
    money is in fen: amount = overage − credit.
    """

    tenant = models.ForeignKey(
        "accounts.Tenant",
        on_delete=models.PROTECT,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("tenant"),
    )
    period_no = models.PositiveIntegerField(_("period"))
    period_start = models.DateField(_("period start"))
    period_end = models.DateField(_("period end"))
    free_quota = models.IntegerField(_("free units granted"))
    units = models.IntegerField(_("units used"))
    overage_units = models.IntegerField(_("overage units"))
    overage_amount_minor = models.BigIntegerField(_("overage amount (fen)"))
    credit_units = models.IntegerField(_("units credited"))
    credit_amount_minor = models.BigIntegerField(_("amount credited (fen)"))
    amount_minor = models.BigIntegerField(_("amount due (fen)"))
    created_at = models.DateTimeField(_("closed at"))

    class Meta:
        db_table = "platform_quota_statements"
        verbose_name = _("quota statement")
        verbose_name_plural = _("quota statements")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "period_no"], name="uk_statement_period"),
            models.CheckConstraint(
                condition=Q(amount_minor=F("overage_amount_minor") - F("credit_amount_minor")),
                name="statement_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tenant_id} #{self.period_no}"

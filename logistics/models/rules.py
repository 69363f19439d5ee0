"""Rules supply a sender and a service where an order does not say them (seed 3.2.2)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from logistics.states import SwitchStatus


class ExpressRule(models.Model):
    """A carrier's default sender; at most one rule is the default one."""

    rule_name = models.CharField(_("name"), max_length=100)
    cp_code = models.CharField(_("carrier code"), max_length=50)
    cp_name = models.CharField(_("carrier"), max_length=100, null=True, blank=True)
    sender_name = models.CharField(_("sender"), max_length=100, null=True, blank=True)
    sender_phone = models.CharField(_("sender's phone"), max_length=50, null=True, blank=True)
    sender_province = models.CharField(_("province"), max_length=50, null=True, blank=True)
    sender_city = models.CharField(_("city"), max_length=50, null=True, blank=True)
    sender_district = models.CharField(_("district"), max_length=50, null=True, blank=True)
    sender_town = models.CharField(_("town"), max_length=50, null=True, blank=True)
    sender_address = models.CharField(_("address"), max_length=500, null=True, blank=True)
    service_type = models.CharField(
        _("service"), max_length=50, null=True, blank=True, default="STANDARD"
    )
    pay_method = models.CharField(
        _("payment"), max_length=20, null=True, blank=True, default="PREPAY"
    )
    is_default = models.BooleanField(_("default"), default=False)
    # 1 on the default rule, NULL elsewhere: "one default" kept by the database.
    default_marker = models.PositiveSmallIntegerField(null=True, unique=True, editable=False)
    status = models.CharField(
        _("status"), max_length=20, choices=SwitchStatus, default=SwitchStatus.ENABLED
    )
    hidden_at = models.DateTimeField(_("removed at"), null=True, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    class Meta:
        db_table = "platform_express_rules"
        verbose_name = _("express rule")
        verbose_name_plural = _("express rules")
        indexes = [
            models.Index(fields=["cp_code"], name="idx_rule_cp_code"),
            models.Index(fields=["is_default"], name="idx_rule_is_default"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=SwitchStatus.values), name="rule_status_known"
            ),
            models.CheckConstraint(
                condition=Q(is_default=True, default_marker=1)
                | Q(is_default=False, default_marker__isnull=True),
                name="rule_default_marked",
            ),
        ]

    def __str__(self) -> str:
        return self.rule_name

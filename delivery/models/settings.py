"""How a tenant's deliveries are dispatched, and what one costs that has no price of its own."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class DeliverySettings(models.Model):
    """One row per tenant that wants other than the defaults."""

    tenant = models.OneToOneField(
        "accounts.Tenant", models.PROTECT, related_name="+", verbose_name=_("tenant")
    )
    auto_offer = models.BooleanField(_("offer to near riders by itself"), default=False)
    offer_seconds = models.PositiveIntegerField(_("an offer stands for (s)"), default=30)
    offer_minutes = models.PositiveIntegerField(_("offered for at most (min)"), default=30)
    first_radius_m = models.PositiveIntegerField(_("first radius (m)"), default=1_000)
    radius_step_m = models.PositiveIntegerField(_("wider by (m)"), default=1_000)
    largest_radius_m = models.PositiveIntegerField(_("widest radius (m)"), default=5_000)
    riders_at_once = models.PositiveSmallIntegerField(_("riders asked at once"), default=3)
    needs_pickup_code = models.BooleanField(_("pick-up code"), default=False)
    needs_delivery_code = models.BooleanField(_("delivery code"), default=False)
    promised_minutes = models.PositiveIntegerField(_("promised within (min)"), default=45)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    class Meta:
        db_table = "delivery_settings"
        verbose_name = _("delivery settings of a tenant")
        verbose_name_plural = _("delivery settings")

    def __str__(self) -> str:
        return str(self.tenant)


class PriceRule(models.Model):
    """A price in yuan by distance, weight and time of day; a tenant's own goes before the default.

    `base_fee` covers `base_km` and `base_kg`; each begun km and kg beyond costs its own.
    `night_fee` is added from `night_from` to `night_to` (local time, may pass midnight).
    """

    name = models.CharField(_("name"), max_length=100)
    tenant = models.ForeignKey(
        "accounts.Tenant", models.PROTECT, null=True, blank=True, db_index=False,
        related_name="+", verbose_name=_("tenant"),
        help_text=_("Empty: for every tenant without a rule of its own."),
    )  # fmt: skip
    enabled = models.BooleanField(_("enabled"), default=True)
    # 1 while enabled, else NULL: "at most one" without a conditional constraint.
    marker = models.PositiveSmallIntegerField(null=True, editable=False)
    # The tenant's key, 0 for the rule for all: NULLs would not be unique.
    owner = models.BigIntegerField(default=0, editable=False)
    base_fee = models.DecimalField(
        _("base fee (yuan)"), max_digits=10, decimal_places=2, default=Decimal("5.00")
    )
    base_km = models.DecimalField(
        _("base distance (km)"), max_digits=6, decimal_places=2, default=Decimal("3.00")
    )
    per_km = models.DecimalField(
        _("each km beyond (yuan)"), max_digits=10, decimal_places=2, default=Decimal("1.50")
    )
    base_kg = models.DecimalField(
        _("base weight (kg)"), max_digits=6, decimal_places=2, default=Decimal("5.00")
    )
    per_kg = models.DecimalField(
        _("each kg beyond (yuan)"), max_digits=10, decimal_places=2, default=Decimal("1.00")
    )
    night_from = models.TimeField(_("night from"), null=True, blank=True)
    night_to = models.TimeField(_("night to"), null=True, blank=True)
    night_fee = models.DecimalField(
        _("night fee (yuan)"), max_digits=10, decimal_places=2, default=Decimal("0.00")
    )
    longest_km = models.DecimalField(
        _("longest distance (km)"), max_digits=6, decimal_places=2, default=Decimal("20.00")
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    class Meta:
        db_table = "delivery_price_rule"
        verbose_name = _("price rule")
        verbose_name_plural = _("price rules")
        constraints = [
            models.UniqueConstraint(fields=["owner", "marker"], name="uk_price_rule_enabled"),
            models.CheckConstraint(
                condition=Q(enabled=True, marker=1) | Q(enabled=False, marker__isnull=True),
                name="price_rule_marker",
            ),
            models.CheckConstraint(
                condition=Q(tenant__isnull=True, owner=0) | Q(tenant=F("owner")),
                name="price_rule_owner",
            ),
            models.CheckConstraint(
                condition=Q(base_fee__gte=0, per_km__gte=0, per_kg__gte=0, night_fee__gte=0),
                name="price_rule_amounts",
            ),
        ]

    def __str__(self) -> str:
        return self.name

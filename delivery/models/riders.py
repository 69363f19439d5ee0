"""Riders, and the orders offered to them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from delivery.states import OfferStatus, Vehicle


class Rider(models.Model):
    """A person who carries orders; logs in at `/api/rider/` as `user`, who is never staff."""

    user = models.OneToOneField(
        "accounts.User", models.PROTECT, related_name="+", verbose_name=_("user")
    )
    name = models.CharField(_("name"), max_length=50)
    phone = models.CharField(_("phone"), max_length=50)
    vehicle = models.CharField(_("vehicle"), max_length=20, choices=Vehicle, default=Vehicle.EBIKE)
    area = models.CharField(_("area"), max_length=100, default="", blank=True)
    enabled = models.BooleanField(_("may take orders"), default=True)
    on_duty = models.BooleanField(_("on duty"), default=False)
    # Orders in hand at once.
    most_orders = models.PositiveSmallIntegerField(_("most orders at once"), default=5)
    lat = models.DecimalField(_("latitude"), max_digits=10, decimal_places=7, null=True)
    lng = models.DecimalField(_("longitude"), max_digits=10, decimal_places=7, null=True)
    located_at = models.DateTimeField(_("located at"), null=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    class Meta:
        db_table = "delivery_rider"
        verbose_name = _("rider")
        verbose_name_plural = _("riders")
        indexes = [models.Index(fields=["on_duty", "enabled"], name="idx_rider_on_duty")]
        constraints = [
            models.CheckConstraint(condition=Q(vehicle__in=Vehicle.values), name="rider_vehicle")
        ]

    def __str__(self) -> str:
        return self.name


class DispatchOffer(models.Model):
    """An order offered to one near rider until `expires_at`; of many, at most one is accepted."""

    order = models.ForeignKey(
        "delivery.DeliveryOrder", models.PROTECT, db_constraint=False, db_index=False,
        related_name="+", verbose_name=_("delivery order"),
    )  # fmt: skip
    rider = models.ForeignKey(
        Rider, models.PROTECT, db_constraint=False, db_index=False,
        related_name="+", verbose_name=_("rider"),
    )  # fmt: skip
    # The order's offer round; the order's assignment that it would become.
    round = models.PositiveIntegerField(_("round"))
    attempt = models.PositiveIntegerField(_("assignment"))
    radius_m = models.PositiveIntegerField(_("radius (m)"))
    distance_m = models.PositiveIntegerField(_("distance (m)"))
    status = models.CharField(
        _("status"), max_length=20, choices=OfferStatus, default=OfferStatus.OPEN
    )
    expires_at = models.DateTimeField(_("expires at"))
    created_at = models.DateTimeField(_("offered at"))

    class Meta:
        db_table = "delivery_offer"
        verbose_name = _("offer to a rider")
        verbose_name_plural = _("offers to riders")
        indexes = [
            models.Index(fields=["rider", "status", "expires_at"], name="idx_offer_rider"),
            models.Index(fields=["order", "created_at"], name="idx_offer_order"),
            models.Index(fields=["created_at"], name="idx_offer_created_at"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["order", "round", "rider"], name="uk_offer"),
            models.CheckConstraint(
                condition=Q(status__in=OfferStatus.values), name="offer_status_known"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

"""Carriers settle weight and freight after pick-up, more than once (D10)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class FreightRevision(models.Model):
    """One word of the carrier on what a parcel weighs (kg) and costs (yuan); never taken back.

    Said again it stays one, from `event_time` until `said_until` (null: once), by the carrier's
    clock.
    """

    order = models.ForeignKey(
        "logistics.ExpressOrder", models.PROTECT, db_constraint=False, db_index=False,
        related_name="freight_revisions", verbose_name=_("order"),
    )  # fmt: skip
    freight = models.DecimalField(_("freight (yuan)"), max_digits=10, decimal_places=2, null=True)
    weight = models.DecimalField(_("weight (kg)"), max_digits=10, decimal_places=3, null=True)
    event_time = models.DateTimeField(_("carrier's time"))
    said_until = models.DateTimeField(_("said again until"), null=True, editable=False)
    source = models.CharField(_("source"), max_length=200)
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        db_table = "platform_freight_revisions"
        verbose_name = _("freight revision")
        verbose_name_plural = _("freight revisions")
        constraints = [
            models.UniqueConstraint(fields=["order", "source"], name="uk_freight_source"),
        ]
        indexes = [models.Index(fields=["created_at"], name="idx_freight_created_at")]

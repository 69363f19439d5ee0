"""An uploaded file of parcels, line by line as it was previewed: that, and nothing else, is booked.

Workers book the waiting lines; a line's content is encrypted and goes as soon as it is booked.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.kernel.encryption import SecretTextField
from config.kernel.work import WorkRow
from logistics.states import ImportStatus, LineOutcome


class OrderImport(WorkRow):
    """One file for one tenant, with what it came to so far."""

    tenant = models.ForeignKey(
        "accounts.Tenant", models.PROTECT, db_column="tenant_id", db_constraint=False,
        db_index=False, related_name="+", verbose_name=_("tenant"),
    )  # fmt: skip
    filename = models.CharField(_("file"), max_length=200)
    status = models.CharField(
        _("status"), max_length=20, choices=ImportStatus, default=ImportStatus.PREVIEWED
    )
    total_lines = models.PositiveIntegerField(_("lines in the file"), default=0)
    bad_lines = models.PositiveIntegerField(_("faulty lines"), default=0)
    known_lines = models.PositiveIntegerField(_("booked before the upload"), default=0)
    created_lines = models.PositiveIntegerField(_("booked"), default=0)
    existing_lines = models.PositiveIntegerField(_("booked before"), default=0)
    refused_lines = models.PositiveIntegerField(_("refused"), default=0)
    created_by = models.IntegerField(_("uploaded by"), null=True, editable=False)
    created_at = models.DateTimeField(_("uploaded at"), editable=False)
    confirmed_by = models.IntegerField(_("confirmed by"), null=True, editable=False)
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, editable=False)
    finished_at = models.DateTimeField(_("finished at"), null=True, editable=False)

    class Meta:
        db_table = "platform_order_imports"
        default_permissions = ()
        verbose_name = _("order import")
        verbose_name_plural = _("order imports")
        indexes = [
            models.Index(fields=["due_at"], name="idx_import_due_at"),
            models.Index(fields=["lease_token"], name="idx_import_lease"),
            models.Index(fields=["created_at"], name="idx_import_created_at"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=ImportStatus.values), name="import_status_known"
            ),
        ]

    def __str__(self) -> str:
        return self.filename

    @property
    def good_lines(self) -> int:
        """The lines that may be booked."""
        return self.total_lines - self.bad_lines

    @property
    def handled_lines(self) -> int:
        """The lines a worker has been through."""
        return self.created_lines + self.existing_lines + self.refused_lines


class OrderImportLine(models.Model):
    """One line: `draft` is its checked content as JSON, `errors` what is wrong, by column."""

    order_import = models.ForeignKey(
        OrderImport, models.CASCADE, db_constraint=False, db_index=False, related_name="lines",
        verbose_name=_("order import"),
    )  # fmt: skip
    line = models.PositiveIntegerField(_("line"))
    tenant_order_no = models.CharField(_("tenant's number"), max_length=64, blank=True)
    outcome = models.CharField(_("outcome"), max_length=20, choices=LineOutcome)
    draft = SecretTextField(null=True, editable=False)
    errors = models.JSONField(_("errors"), default=dict, editable=False)
    order_no = models.CharField(_("order number"), max_length=32, null=True)

    class Meta:
        db_table = "platform_order_import_lines"
        default_permissions = ()
        verbose_name = _("imported line")
        verbose_name_plural = _("imported lines")
        indexes = [
            models.Index(fields=["order_import", "outcome", "line"], name="idx_import_line_outcome")
        ]
        constraints = [
            models.UniqueConstraint(fields=["order_import", "line"], name="uk_import_line"),
            models.CheckConstraint(
                condition=Q(outcome__in=LineOutcome.values), name="import_outcome_known"
            ),
        ]

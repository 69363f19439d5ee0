"""The columns every table of work carries."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class WorkRow(models.Model):
    """A row that may be due; concrete tables index `due_at`."""

    due_at = models.DateTimeField(_("due at"), null=True, editable=False)
    attempts = models.PositiveIntegerField(_("attempts"), default=0, editable=False)
    lease_token = models.CharField(max_length=32, null=True, editable=False)

    class Meta:
        abstract = True

"""Words of quotas."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class QuotaStatus(models.TextChoices):
    """Whether a tenant's quota may be drawn on (seed 3.2.4)."""

    ENABLED = "enabled", _("enabled")
    DISABLED = "disabled", _("disabled")
    SUSPENDED = "suspended", _("suspended")


class QuotaType(models.TextChoices):
    """What a unit was drawn from (seed 3.2.6)."""

    NORMAL = "normal", _("free")
    OVERAGE = "overage", _("overage")

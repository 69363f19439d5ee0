"""Words of accounts: tenant and credential states, modes, operators' roles."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class TenantStatus(models.TextChoices):
    """Whether a tenant may use its doors."""

    ENABLED = "enabled", _("enabled")
    SUSPENDED = "suspended", _("suspended")


class CredentialStatus(models.TextChoices):
    """Whether a credential opens the door."""

    ACTIVE = "active", _("active")
    REVOKED = "revoked", _("revoked")


class Mode(models.TextChoices):
    """Live credentials send parcels; test ones do everything against the sandbox."""

    LIVE = "live", _("live")
    TEST = "test", _("test")


class Role(models.TextChoices):
    """What a staff user may do; each is a group of the same (Chinese) name."""

    PLATFORM_ADMIN = "platform_admin", "平台管理员"
    OPERATIONS = "operations", "运营"
    FINANCE = "finance", "财务"
    SUPPORT = "support", "客服"
    AUDITOR = "auditor", "审计"

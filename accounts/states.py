"""Words of accounts: tenants, credentials, modes, operators' roles, events for tenants."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class TenantStatus(models.TextChoices):
    """Whether a tenant may use its doors."""

    ENABLED = "enabled", _("enabled")
    # Chinese has other words for a tenant that is shut out than for a quota that pauses.
    SUSPENDED = "suspended", pgettext_lazy("tenant", "suspended")


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


class CallbackAck(models.TextChoices):
    """What a tenant's server must answer for an event to count as delivered."""

    CODE = "code", _("2xx and code 0, or the text success")
    HTTP = "http", _("any 2xx")


class EventStatus(models.TextChoices):
    """What became of an event for a tenant; `passed` ones are still tried, behind nobody."""

    WAITING = "waiting", _("to be delivered")
    PASSED = "passed", _("passed over")
    DELIVERED = "delivered", _("delivered")
    EXHAUSTED = "exhausted", _("given up")
    KEPT = "kept", _("no address")


# Those still to be sent, whoever waits for them.
UNDELIVERED = (EventStatus.WAITING, EventStatus.PASSED)


class EndpointState(models.TextChoices):
    """How a tenant's server does; slow is one whose last call timed out."""

    OK = "ok", _("in order")
    FAILING = "failing", _("failing")
    SLOW = "slow", _("slow")
    PAUSED = "paused", _("paused")


class AttemptOutcome(models.TextChoices):
    """How one call to a tenant's server ended."""

    DELIVERED = "delivered", _("delivered")
    REFUSED = "refused", _("refused")
    NO_ANSWER = "no_answer", _("no answer")
    FORBIDDEN = "forbidden", _("address not allowed")

"""What we owe tenants: their servers, the events for them, and every attempt at telling them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.states import AttemptOutcome, EventStatus
from config.kernel.work import WorkRow


class CallbackEndpoint(WorkRow):
    """One server of a tenant, and the queue in front of it: at most one call is in flight.

    `host` is empty for the tenant's own callback URL, whatever it is at the time; orders that name
    another URL go by its host. The row is due when an event of it is; `slow` ones (the last call
    timed out) are served apart. `failing_since` is the first failure after the last success.
    Test and live orders have endpoints of their own: neither pauses the other.
    """

    tenant = models.ForeignKey(
        "accounts.Tenant", models.PROTECT, related_name="endpoints", verbose_name=_("tenant")
    )
    is_test = models.BooleanField(_("test"), default=False)
    host = models.CharField(_("host"), max_length=255, default="", blank=True)
    slow = models.BooleanField(_("slow"), default=False)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    failing_since = models.DateTimeField(_("failing since"), null=True)
    last_attempt_at = models.DateTimeField(_("last attempt at"), null=True)
    last_success_at = models.DateTimeField(_("last success at"), null=True)
    paused_at = models.DateTimeField(_("paused at"), null=True)
    paused_reason = models.CharField(_("why paused"), max_length=200, null=True)
    # On the row of the tenant's own URL, while the tenant has all its servers rest: one that comes
    # later begins paused, for this reason.
    all_paused_reason = models.CharField(max_length=200, null=True, editable=False)
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        db_table = "accounts_callback_endpoint"
        verbose_name = _("callback endpoint")
        verbose_name_plural = _("callback endpoints")
        indexes = [
            models.Index(fields=["due_at"], name="idx_endpoint_due_at"),
            models.Index(fields=["lease_token"], name="idx_endpoint_lease"),
            models.Index(fields=["failing_since"], name="idx_endpoint_failing"),
            models.Index(fields=["paused_at"], name="idx_endpoint_paused"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "is_test", "host"], name="uk_endpoint")
        ]

    def __str__(self) -> str:
        return f"{self.tenant} {self.host}".rstrip()


class TenantEvent(models.Model):
    """One change of an order, as its tenant is told of it; `(kind, subject_id)` is the order.

    Only an order's first event neither delivered nor passed over, and those passed over, carry a
    due time. `url` is set where the order named another than the tenant's. `content` are the
    body's fields but for those that are columns here; times are added when it is sent.
    """

    event_id = models.CharField(_("event id"), max_length=40, unique=True)
    endpoint = models.ForeignKey(
        CallbackEndpoint, models.PROTECT, related_name="+", db_index=False,
        db_constraint=False, verbose_name=_("callback endpoint"),
    )  # fmt: skip
    tenant = models.ForeignKey(
        "accounts.Tenant", models.PROTECT, related_name="+", db_index=False,
        db_constraint=False, verbose_name=_("tenant"),
    )  # fmt: skip
    is_test = models.BooleanField(_("test"), default=False)
    kind = models.CharField(_("kind"), max_length=20)
    subject_id = models.BigIntegerField(_("order"))
    sequence = models.PositiveIntegerField(_("sequence"))
    order_no = models.CharField(_("order number"), max_length=32)
    external_order_no = models.CharField(_("tenant's number"), max_length=64, null=True)
    event_type = models.CharField(_("event"), max_length=60)
    content = models.JSONField(_("content"))
    url = models.CharField(_("callback URL"), max_length=500, null=True)
    status = models.CharField(
        _("status"), max_length=20, choices=EventStatus, default=EventStatus.WAITING
    )
    due_at = models.DateTimeField(_("due at"), null=True)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    refusals = models.PositiveIntegerField(_("answered refusals"), default=0)
    first_attempt_at = models.DateTimeField(_("first attempt at"), null=True)
    delivered_at = models.DateTimeField(_("delivered at"), null=True)
    last_status = models.PositiveSmallIntegerField(_("last answer"), null=True)
    last_error = models.CharField(_("last error"), max_length=300, null=True)
    occurred_at = models.DateTimeField(_("occurred at"))
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        db_table = "accounts_event"
        verbose_name = _("event for a tenant")
        verbose_name_plural = _("callbacks to tenants")
        indexes = [
            models.Index(fields=["endpoint", "due_at"], name="idx_event_endpoint_due"),
            models.Index(fields=["tenant", "is_test", "created_at"], name="idx_event_tenant"),
            models.Index(fields=["tenant", "is_test", "id"], name="idx_event_tenant_key"),
            models.Index(
                fields=["tenant", "is_test", "status", "created_at"], name="idx_event_status"
            ),
            models.Index(fields=["status", "created_at"], name="idx_event_all_status"),
            models.Index(fields=["order_no"], name="idx_event_order_no"),
            models.Index(fields=["external_order_no"], name="idx_event_external_no"),
            models.Index(fields=["created_at"], name="idx_event_created_at"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject_id", "sequence"], name="uk_event_sequence"
            ),
            models.CheckConstraint(
                condition=Q(status__in=EventStatus.values), name="event_status_known"
            ),
        ]

    def __str__(self) -> str:
        return self.event_id


class CallbackAttempt(models.Model):
    """One call to a tenant's server: when, how long, what came back (2 kB at most, masked)."""

    event = models.ForeignKey(
        TenantEvent, models.PROTECT, related_name="+", db_constraint=False, db_index=False,
        verbose_name=_("event for a tenant"),
    )  # fmt: skip
    endpoint_id = models.BigIntegerField(_("callback endpoint"))
    tenant_id = models.BigIntegerField(_("tenant"))
    number = models.PositiveIntegerField(_("attempt"))
    url = models.CharField(_("callback URL"), max_length=500)
    outcome = models.CharField(_("outcome"), max_length=20, choices=AttemptOutcome)
    http_status = models.PositiveSmallIntegerField(_("HTTP status"), null=True)
    duration_ms = models.PositiveIntegerField(_("ms"))
    answer = models.TextField(_("answer (masked)"), null=True)
    error = models.CharField(_("error"), max_length=500, null=True)
    created_at = models.DateTimeField(_("sent at"))

    class Meta:
        db_table = "accounts_callback_attempt"
        verbose_name = _("callback attempt")
        verbose_name_plural = _("callback attempts")
        indexes = [
            models.Index(fields=["event", "created_at"], name="idx_attempt_event"),
            models.Index(fields=["tenant_id", "created_at"], name="idx_attempt_tenant"),
            models.Index(fields=["created_at"], name="idx_attempt_created_at"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=AttemptOutcome.values), name="attempt_outcome_known"
            )
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

"""Tables of accounts: users, tenants, credentials, nonces, idempotency keys."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.states import CallbackAck, CredentialStatus, Mode, TenantStatus
from config.kernel.encryption import SecretTextField


def check_zone(name: str) -> None:
    """Refuse a time zone this machine does not know."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValidationError(_("Unknown time zone.")) from None


class User(AbstractUser):
    """A person: an operator (staff, with roles as groups), later a mini-program user or rider."""

    class Meta:
        db_table = "accounts_user"
        verbose_name = _("user")
        verbose_name_plural = _("users")


class Tenant(models.Model):
    """A company that sends through the platform.

    `platform_code` never changes; `callback_hosts` are the only hosts its events may go to.
    `external_addresses` (addresses or networks; empty: any) may use `/api/external` with a secret
    in the message. `requests_per_minute` null: no throttle on `/api/v1`, the platform's own on
    `/api/external`.
    """

    platform_code = models.CharField(_("platform code"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=200)
    status = models.CharField(
        _("status"), max_length=20, choices=TenantStatus, default=TenantStatus.ENABLED
    )
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="Asia/Shanghai", validators=[check_zone]
    )
    callback_url = models.URLField(_("callback URL"), max_length=500, blank=True)
    callback_hosts = models.JSONField(_("callback hosts"), default=list, blank=True)
    callback_secret = SecretTextField(_("callback secret"), editable=False)
    # Signs beside the new one until then, so that a tenant may change over at leisure.
    previous_callback_secret = SecretTextField(null=True, editable=False)
    previous_secret_until = models.DateTimeField(null=True, editable=False)
    callback_ack = models.CharField(
        _("counts as delivered"), max_length=10, choices=CallbackAck, default=CallbackAck.CODE
    )
    external_addresses = models.JSONField(
        _("addresses allowed at /api/external"), default=list, blank=True
    )
    requests_per_minute = models.PositiveIntegerField(_("requests a minute"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    class Meta:
        db_table = "accounts_tenant"
        verbose_name = _("tenant")
        verbose_name_plural = _("tenants")
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=TenantStatus.values), name="tenant_status_known"
            ),
            models.CheckConstraint(
                condition=Q(callback_ack__in=CallbackAck.values), name="tenant_ack_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.platform_code})"

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the tenant's days and months."""
        return ZoneInfo(self.time_zone)


class ApiCredential(models.Model):
    """A key pair of a tenant; at most two per mode are active, each in a slot of its own."""

    tenant = models.ForeignKey(
        Tenant, on_delete=models.PROTECT, related_name="credentials", verbose_name=_("tenant")
    )
    key_id = models.CharField(_("key id"), max_length=64, unique=True)
    secret = SecretTextField(_("secret"), editable=False)
    mode = models.CharField(_("mode"), max_length=10, choices=Mode, default=Mode.LIVE)
    status = models.CharField(
        _("status"), max_length=20, choices=CredentialStatus, default=CredentialStatus.ACTIVE
    )
    # 1 or 2 while active, NULL once revoked: "at most two" without a conditional constraint.
    slot = models.PositiveSmallIntegerField(_("slot"), null=True, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, editable=False)

    class Meta:
        db_table = "accounts_credential"
        verbose_name = _("API credential")
        verbose_name_plural = _("API credentials")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "mode", "slot"], name="credential_slot"),
            models.CheckConstraint(
                condition=Q(status=CredentialStatus.ACTIVE, slot__in=(1, 2))
                | Q(status=CredentialStatus.REVOKED, slot__isnull=True),
                name="credential_slot_status",
            ),
            models.CheckConstraint(condition=Q(mode__in=Mode.values), name="credential_mode_known"),
        ]

    def __str__(self) -> str:
        return self.key_id


class RequestNonce(models.Model):
    """A nonce that was used; pruned once its timestamp could no longer pass."""

    credential_id = models.BigIntegerField()
    nonce = models.CharField(max_length=64)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "accounts_nonce"
        constraints = [
            models.UniqueConstraint(fields=["credential_id", "nonce"], name="nonce_once")
        ]


class IdempotencyKey(models.Model):
    """One `Idempotency-Key` of a tenant: running until `locked_until`, then its stored answer."""

    tenant_id = models.BigIntegerField()
    key = models.CharField(max_length=260)
    request_hash = models.CharField(max_length=64)
    locked_until = models.DateTimeField(null=True)
    lock_token = models.CharField(max_length=32)
    status_code = models.PositiveSmallIntegerField(null=True)
    answer = models.JSONField(null=True)
    # Instead of `answer` where the answer shows a secret.
    sealed_answer = SecretTextField(null=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "accounts_idempotency_key"
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "key"], name="idempotency_key_once")
        ]


class SecurityEvent(models.Model):
    """What did not verify at a door: time, address, digest; never the content."""

    door = models.CharField(_("door"), max_length=40)
    reason = models.CharField(_("reason"), max_length=60)
    address = models.CharField(_("address"), max_length=50)
    digest = models.CharField(_("digest"), max_length=64)
    created_at = models.DateTimeField(_("created at"), db_index=True)

    class Meta:
        db_table = "accounts_security_event"
        verbose_name = _("security event")
        verbose_name_plural = _("security log")
        indexes = [
            models.Index(fields=["address", "created_at"], name="idx_security_address"),
            models.Index(fields=["door", "created_at"], name="idx_security_door"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

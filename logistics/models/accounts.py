"""Our accounts with Cainiao (seed 3.2.1): one live, at most one for test orders."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.states import Mode
from config.kernel.encryption import SecretTextField
from logistics.states import SwitchStatus


class SignMethod(models.TextChoices):
    """How calls are signed (D2)."""

    LINK = "link", _("LINK digest")
    MD5 = "md5", "md5"
    HMAC = "hmac", "hmac"


class CainiaoAccount(models.Model):
    """Keys and address of one account, and the parts of the wire that are data.

    The JSON columns override the adapter's default tables key by key (CONTRACT section 4).
    """

    # An authorisation, or a literal that is sent along: no history quotes them.
    may_hold_tokens: ClassVar[tuple[str, ...]] = ("provider_id", "question_fields")

    mode = models.CharField(_("mode"), max_length=10, choices=Mode, default=Mode.LIVE)
    app_key = models.CharField("AppKey", max_length=200)
    app_secret = SecretTextField("AppSecret")
    endpoint_url = models.CharField(
        _("endpoint"),
        max_length=500,
        null=True,
        default="https://link.cainiao.com/gateway/link.do",
    )
    sign_method = models.CharField(
        _("signing"), max_length=50, null=True, choices=SignMethod, default=SignMethod.LINK
    )
    callback_url = models.CharField(_("callback URL"), max_length=500, null=True, blank=True)
    callback_secret = SecretTextField(_("callback secret"), null=True, blank=True)
    status = models.CharField(
        _("status"), max_length=20, choices=SwitchStatus, default=SwitchStatus.ENABLED
    )
    test_passed = models.BooleanField(_("connection tested"), default=False, editable=False)
    last_test_at = models.DateTimeField(_("last test at"), null=True, editable=False)
    test_error = models.TextField(_("last error"), null=True, editable=False)
    provider_id = models.CharField(_("logistic_provider_id"), max_length=200, blank=True)
    waybill_at_order = models.BooleanField(_("waybill comes with the order"), default=False)
    message_names = models.JSONField(_("message names"), default=dict, blank=True)
    question_fields = models.JSONField(_("question fields"), default=dict, blank=True)
    answer_fields = models.JSONField(_("answer fields"), default=dict, blank=True)
    status_map = models.JSONField(_("status map"), default=dict, blank=True)
    retry_codes = models.JSONField(_("codes to retry"), default=list, blank=True)
    not_found_codes = models.JSONField(_("codes of an unknown number"), default=list, blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)
    created_by = models.IntegerField(_("created by"), null=True, editable=False)
    updated_by = models.IntegerField(_("updated by"), null=True, editable=False)

    class Meta:
        db_table = "platform_cainiao_config"
        verbose_name = _("Cainiao account")
        verbose_name_plural = _("Cainiao accounts")
        constraints = [
            models.UniqueConstraint(fields=["mode"], name="uk_cainiao_mode"),
            models.CheckConstraint(
                condition=Q(status__in=SwitchStatus.values), name="cainiao_status_known"
            ),
            models.CheckConstraint(condition=Q(mode__in=Mode.values), name="cainiao_mode_known"),
            models.CheckConstraint(
                condition=Q(sign_method__in=SignMethod.values), name="cainiao_sign_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_mode_display()} {self.app_key}"

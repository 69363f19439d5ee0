"""Every call to a carrier leaves one masked row (seed 3.2.5)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from logistics.states import ErrorType


class CallLog(models.Model):
    """What was asked, what was answered, how long it took; prunable by date."""

    api_method = models.CharField(_("API"), max_length=100)
    api_version = models.CharField(_("version"), max_length=20, null=True)
    request_id = models.CharField(_("request id"), max_length=100, null=True)
    request_params = models.JSONField(_("request (masked)"), null=True)
    request_time = models.DateTimeField(_("asked at"))
    response_code = models.CharField(_("code"), max_length=50, null=True)
    response_sub_code = models.CharField(_("sub code"), max_length=50, null=True)
    response_msg = models.CharField(_("message"), max_length=500, null=True)
    response_data = models.JSONField(_("answer (masked)"), null=True)
    response_time = models.DateTimeField(_("answered at"), null=True)
    duration_ms = models.IntegerField(_("ms"), null=True)
    tenant_id = models.BigIntegerField(_("tenant"), null=True)
    order_id = models.BigIntegerField(_("order"), null=True)
    success = models.BooleanField(_("success"), default=False)
    error_type = models.CharField(_("error"), max_length=50, null=True, choices=ErrorType)
    error_detail = models.TextField(_("error detail"), null=True)
    client_ip = models.CharField(_("address"), max_length=50, null=True)
    outcome = models.CharField(_("outcome"), max_length=10)
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        db_table = "platform_cainiao_logs"
        verbose_name = _("carrier call")
        verbose_name_plural = _("call log")
        indexes = [
            models.Index(fields=["api_method", "created_at"], name="idx_log_api_method"),
            models.Index(fields=["request_time"], name="idx_log_request_time"),
            models.Index(fields=["tenant_id", "created_at"], name="idx_log_tenant_id"),
            models.Index(fields=["success", "created_at"], name="idx_log_success"),
            models.Index(fields=["error_type", "created_at"], name="idx_log_error_type"),
            models.Index(fields=["order_id"], name="idx_log_order_id"),
            models.Index(fields=["created_at"], name="idx_log_created_at"),
        ]

    def __str__(self) -> str:
        return self.api_method

"""What carriers told us, word for word (seed 3.2.7, D1, D17)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from config.kernel.callbacks import CallbackRow


class CallbackRecord(CallbackRow):
    """A verified callback of one account; `order_no` is the number of ours it carries."""

    callback_type = models.CharField(_("type"), max_length=50, null=True)
    cainiao_order_id = models.CharField(_("Cainiao order"), max_length=100, null=True)
    order_no = models.CharField(_("order number"), max_length=32, null=True)
    order = models.ForeignKey(
        "logistics.ExpressOrder", models.PROTECT, db_column="order_id", db_constraint=False,
        db_index=False, null=True, related_name="+", verbose_name=_("order"),
    )  # fmt: skip
    account_id = models.BigIntegerField(_("account"))

    class Meta:
        db_table = "platform_callback_records"
        verbose_name = _("callback record")
        verbose_name_plural = _("callback records")
        constraints = [
            models.UniqueConstraint(fields=["callback_id"], name="uk_callback_id"),
        ]
        indexes = [
            models.Index(fields=["cainiao_order_id"], name="idx_callback_cainiao_id"),
            models.Index(fields=["order"], name="idx_callback_order_id"),
            models.Index(fields=["created_at"], name="idx_callback_created_at"),
            models.Index(fields=["due_at"], name="idx_callback_due_at"),
            models.Index(fields=["processed", "created_at"], name="idx_callback_processed"),
            models.Index(fields=["lease_token"], name="idx_callback_lease"),
        ]

    def __str__(self) -> str:
        return self.callback_id

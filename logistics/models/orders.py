"""The express order: the seed's columns (3.2.3), and ours for numbers, work and law 1."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.kernel.work import WorkRow
from logistics.states import Asking, OrderStatus, WaybillStatus


class ExpressOrder(WorkRow):
    """One parcel. Names, phones and addresses are plain beside a keyed hash of the phone.

    Every write goes through `services.orders.change_order`, which compares `version`. `asking`
    is committed before a call that must not be repeated blindly and cleared by its outcome;
    `absent_at` is when the carrier first said it knows no such number. `track_info` is
    `[{time, status | null, code, desc, applied}]`, oldest first.
    """

    order_no = models.CharField(_("order number"), max_length=32, unique=True)
    tenant_order_no = models.CharField(_("tenant's number"), max_length=64, null=True)
    request_key = models.CharField(max_length=64, null=True, unique=True, editable=False)
    content_hash = models.CharField(max_length=64, editable=False)
    is_test = models.BooleanField(_("test"), default=False, editable=False)
    account = models.ForeignKey(
        "logistics.CainiaoAccount", models.PROTECT, db_constraint=False, null=True,
        related_name="+", verbose_name=_("account"),
    )  # fmt: skip

    cainiao_order_id = models.CharField(_("Cainiao order"), max_length=100, null=True)
    mail_no = models.CharField(_("mail number"), max_length=100, null=True)
    cp_code = models.CharField(_("carrier code"), max_length=50)
    cp_name = models.CharField(_("carrier"), max_length=100, null=True)
    waybill_no = models.CharField(_("waybill"), max_length=100, null=True)
    waybill_status = models.CharField(
        _("waybill status"), max_length=20, choices=WaybillStatus, default=WaybillStatus.UNUSED
    )
    waybill_get_time = models.DateTimeField(_("waybill got at"), null=True)
    print_data = models.JSONField(_("print data"), null=True)

    sender_name = models.CharField(_("sender"), max_length=100)
    sender_phone = models.CharField(_("sender's phone"), max_length=50)
    sender_province = models.CharField(_("sender's province"), max_length=50, null=True)
    sender_city = models.CharField(_("sender's city"), max_length=50, null=True)
    sender_district = models.CharField(_("sender's district"), max_length=50, null=True)
    sender_town = models.CharField(_("sender's town"), max_length=50, null=True)
    sender_address = models.CharField(_("sender's address"), max_length=500, null=True)
    receiver_name = models.CharField(_("receiver"), max_length=100)
    receiver_phone = models.CharField(_("receiver's phone"), max_length=50)
    receiver_phone_hash = models.CharField(max_length=64, editable=False)
    receiver_province = models.CharField(_("receiver's province"), max_length=50, null=True)
    receiver_city = models.CharField(_("receiver's city"), max_length=50, null=True)
    receiver_district = models.CharField(_("receiver's district"), max_length=50, null=True)
    receiver_town = models.CharField(_("receiver's town"), max_length=50, null=True)
    receiver_address = models.CharField(_("receiver's address"), max_length=500, null=True)
    # The receiver's address as it was given, once parsing took its levels out of it.
    receiver_address_text = models.CharField(max_length=500, null=True, editable=False)
    # The division table answered because ADDRLIB did not.
    address_fallback = models.BooleanField(_("address parsed by us"), default=False)

    goods_name = models.CharField(_("goods"), max_length=200, null=True)
    goods_count = models.IntegerField(_("pieces"), null=True, default=1)
    weight = models.DecimalField(_("weight (kg)"), max_digits=10, decimal_places=3, null=True)
    volume = models.DecimalField(_("volume (m³)"), max_digits=10, decimal_places=3, null=True)
    remark = models.CharField(_("remark"), max_length=500, null=True)
    branch_code = models.CharField(_("branch code"), max_length=50, null=True)
    branch_name = models.CharField(_("branch"), max_length=100, null=True)
    branch_phone = models.CharField(_("branch's phone"), max_length=50, null=True)
    courier_name = models.CharField(_("courier"), max_length=50, null=True)
    courier_phone = models.CharField(_("courier's phone"), max_length=50, null=True)
    # Whom it named before: `[{column: value}]`, for texts that name them still.
    former_people = models.JSONField(null=True, editable=False)

    status = models.CharField(
        _("status"), max_length=30, choices=OrderStatus, default=OrderStatus.CREATED
    )
    status_desc = models.CharField(_("status text"), max_length=200, null=True)
    exception_reason = models.CharField(_("exception"), max_length=500, null=True)
    exception_from = models.CharField(max_length=30, null=True, editable=False)
    exception_at = models.DateTimeField(null=True, editable=False)
    cancel_reason = models.CharField(_("cancel reason"), max_length=500, null=True)
    cancel_requested_at = models.DateTimeField(_("cancel asked at"), null=True)
    cancel_refused_reason = models.CharField(_("cancel refused"), max_length=500, null=True)
    asking = models.CharField(
        _("waiting for the outcome of"), max_length=20, choices=Asking, null=True, editable=False
    )
    asked_at = models.DateTimeField(null=True, editable=False)
    absent_at = models.DateTimeField(null=True, editable=False)
    resends = models.PositiveSmallIntegerField(default=0, editable=False)
    version = models.PositiveIntegerField(default=0, editable=False)
    # How many changes its tenant was told of.
    event_sequence = models.PositiveIntegerField(default=0, editable=False)

    freight = models.DecimalField(
        _("freight (yuan)"), max_digits=10, decimal_places=2, null=True, default=Decimal("0.00")
    )
    pay_method = models.CharField(_("payment"), max_length=20, null=True, default="PREPAY")
    service_type = models.CharField(_("service"), max_length=50, null=True)
    track_info = models.JSONField(_("timeline"), null=True)
    last_track_time = models.DateTimeField(_("last event at"), null=True)
    last_track_desc = models.CharField(_("last event"), max_length=500, null=True)
    news_at = models.DateTimeField(_("last heard of at"), null=True, editable=False)
    waybill_time = models.DateTimeField(_("waybill at"), null=True)
    dispatch_time = models.DateTimeField(_("dispatched at"), null=True)
    pick_time = models.DateTimeField(_("picked up at"), null=True)
    sign_time = models.DateTimeField(_("signed at"), null=True)
    cancel_time = models.DateTimeField(_("cancelled at"), null=True)

    tenant = models.ForeignKey(
        "accounts.Tenant", models.PROTECT, db_column="tenant_id", db_constraint=False,
        db_index=False, null=True, related_name="+", verbose_name=_("tenant"),
    )  # fmt: skip
    tenant_order_id = models.IntegerField(_("tenant's order id"), null=True)
    rule = models.ForeignKey(
        "logistics.ExpressRule", models.PROTECT, db_column="rule_id", db_constraint=False,
        db_index=False, null=True, related_name="+", verbose_name=_("rule"),
    )  # fmt: skip
    created_at = models.DateTimeField(_("created at"), editable=False)
    updated_at = models.DateTimeField(_("updated at"), editable=False)
    created_by = models.IntegerField(_("created by"), null=True, editable=False)

    class Meta:
        db_table = "platform_express_orders"
        verbose_name = _("express order")
        verbose_name_plural = _("express orders")
        # Stored once by `migrate`, in one language for everybody.
        permissions = [("reveal_expressorder", "可查看完整的姓名、电话与地址")]
        indexes = [
            models.Index(fields=["cainiao_order_id"], name="idx_order_cainiao_id"),
            models.Index(fields=["mail_no"], name="idx_order_mail_no"),
            models.Index(fields=["waybill_no"], name="idx_order_waybill_no"),
            models.Index(fields=["waybill_status", "created_at"], name="idx_order_waybill_status"),
            models.Index(fields=["status", "created_at"], name="idx_order_status"),
            models.Index(fields=["tenant", "is_test", "created_at"], name="idx_order_tenant"),
            models.Index(
                fields=["tenant", "is_test", "status", "created_at"],
                name="idx_order_tenant_status",
            ),
            models.Index(fields=["cp_code", "created_at"], name="idx_order_cp_code"),
            models.Index(fields=["created_at"], name="idx_order_created_at"),
            models.Index(fields=["is_test", "created_at"], name="idx_order_mode"),
            models.Index(fields=["asking"], name="idx_order_asking"),
            models.Index(fields=["receiver_phone_hash"], name="idx_order_phone"),
            models.Index(fields=["due_at"], name="idx_order_due_at"),
            models.Index(fields=["lease_token"], name="idx_order_lease"),
            models.Index(fields=["status", "news_at"], name="idx_order_news"),
            models.Index(fields=["is_test", "sign_time"], name="idx_order_sign_time"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "tenant_order_no", "is_test"], name="uk_order_tenant_no"
            ),
            models.CheckConstraint(
                condition=Q(status__in=OrderStatus.values), name="order_status_known"
            ),
            models.CheckConstraint(
                condition=Q(waybill_status__in=WaybillStatus.values), name="order_waybill_known"
            ),
            models.CheckConstraint(
                condition=Q(asking__isnull=True) | Q(asking__in=Asking.values),
                name="order_asking_known",
            ),
            models.CheckConstraint(
                condition=~Q(status="exception") | Q(exception_from__isnull=False),
                name="order_exception_from",
            ),
        ]

    def __str__(self) -> str:
        return self.order_no

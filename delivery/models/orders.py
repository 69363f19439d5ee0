"""The delivery order (S000 3.1), its history, and where its riders were."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.kernel.encryption import SecretBytesField
from config.kernel.work import WorkRow
from delivery.states import Actor, DeliveryStatus


class DeliveryOrder(WorkRow):
    """Goods that a rider takes from a shop to a receiver. Amounts in yuan, coordinates GCJ-02.

    Every write goes through `services.orders.change_delivery`, which compares `version`.
    `sequence` counts what the tenant was told; `attempt` counts assignments to riders. Rider's
    name and phone are copied from the profile when the order is assigned. Due while it is being
    offered to riders, and, of a test order, while its rehearsal goes on.
    """

    order_no = models.CharField(_("order number"), max_length=32, unique=True)
    external_order_no = models.CharField(_("tenant's number"), max_length=64)
    tenant = models.ForeignKey(
        "accounts.Tenant", models.PROTECT, db_constraint=False, db_index=False,
        related_name="+", verbose_name=_("tenant"),
    )  # fmt: skip
    is_test = models.BooleanField(_("test"), default=False, editable=False)
    request_key = models.CharField(max_length=64, null=True, unique=True, editable=False)
    content_hash = models.CharField(max_length=64, editable=False)

    merchant_name = models.CharField(_("shop"), max_length=100)
    merchant_phone = models.CharField(_("shop's phone"), max_length=50)
    merchant_address = models.CharField(_("shop's address"), max_length=500)
    merchant_lat = models.DecimalField(
        _("shop's latitude"), max_digits=10, decimal_places=7, null=True
    )
    merchant_lng = models.DecimalField(
        _("shop's longitude"), max_digits=10, decimal_places=7, null=True
    )
    receiver_name = models.CharField(_("receiver"), max_length=100)
    receiver_phone = models.CharField(_("receiver's phone"), max_length=50)
    receiver_phone_hash = models.CharField(max_length=64, editable=False)
    receiver_address = models.CharField(_("receiver's address"), max_length=500)
    receiver_lat = models.DecimalField(
        _("receiver's latitude"), max_digits=10, decimal_places=7, null=True
    )
    receiver_lng = models.DecimalField(
        _("receiver's longitude"), max_digits=10, decimal_places=7, null=True
    )
    # As the crow flies; null where a coordinate is missing.
    distance_m = models.PositiveIntegerField(_("distance (m)"), null=True)
    goods_info = models.TextField(_("goods"), default="", blank=True)
    weight = models.DecimalField(_("weight (kg)"), max_digits=10, decimal_places=3, null=True)
    goods_amount = models.DecimalField(_("goods (yuan)"), max_digits=10, decimal_places=2)
    delivery_fee = models.DecimalField(_("delivery fee (yuan)"), max_digits=10, decimal_places=2)
    total_amount = models.DecimalField(_("total (yuan)"), max_digits=10, decimal_places=2)
    remark = models.CharField(_("remark"), max_length=500, default="", blank=True)
    pickup_code = models.CharField(_("pick-up code"), max_length=12, null=True)
    delivery_code = models.CharField(_("delivery code"), max_length=12, null=True)
    callback_url = models.CharField(_("callback URL"), max_length=500, null=True)

    status = models.CharField(
        _("status"), max_length=20, choices=DeliveryStatus, default=DeliveryStatus.PENDING
    )
    # Why it was cancelled, failed, or goes back.
    reason = models.CharField(_("reason"), max_length=500, null=True)
    rider = models.ForeignKey(
        "delivery.Rider", models.PROTECT, null=True, db_constraint=False, db_index=False,
        related_name="+", verbose_name=_("rider"),
    )  # fmt: skip
    rider_name = models.CharField(_("rider's name"), max_length=50, null=True)
    rider_phone = models.CharField(_("rider's phone"), max_length=50, null=True)
    attempt = models.PositiveIntegerField(_("assignment"), default=0, editable=False)
    sequence = models.PositiveIntegerField(default=0, editable=False)
    version = models.PositiveIntegerField(default=0, editable=False)
    offer_round = models.PositiveIntegerField(default=0, editable=False)
    # When it should be at the receiver's.
    promised_at = models.DateTimeField(_("promised by"))
    accepted_at = models.DateTimeField(_("accepted at"), null=True)
    arrived_at = models.DateTimeField(_("at the shop at"), null=True)
    picked_up_at = models.DateTimeField(_("picked up at"), null=True)
    delivered_at = models.DateTimeField(_("delivered at"), null=True)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True)
    # When it came to a terminal state other than delivered and cancelled.
    closed_at = models.DateTimeField(_("closed at"), null=True)
    created_at = models.DateTimeField(_("created at"), editable=False)
    updated_at = models.DateTimeField(_("updated at"), editable=False)

    class Meta:
        db_table = "delivery_order"
        verbose_name = _("delivery order")
        verbose_name_plural = _("delivery orders")
        # Stored once by `migrate`, in one language for everybody.
        permissions = [
            ("reveal_deliveryorder", "可查看配送单完整的姓名、电话与地址"),
            ("dispatch_deliveryorder", "可派单、改派、收回并处理异常配送单"),
        ]
        indexes = [
            models.Index(fields=["tenant", "is_test", "created_at"], name="idx_delivery_tenant"),
            models.Index(
                fields=["tenant", "is_test", "status", "created_at"],
                name="idx_delivery_tenant_status",
            ),
            models.Index(fields=["is_test", "created_at"], name="idx_delivery_mode"),
            models.Index(fields=["is_test", "status", "created_at"], name="idx_delivery_status"),
            models.Index(fields=["is_test", "status", "promised_at"], name="idx_delivery_promised"),
            models.Index(fields=["rider", "status"], name="idx_delivery_rider"),
            models.Index(fields=["external_order_no"], name="idx_delivery_external_no"),
            models.Index(fields=["receiver_phone_hash"], name="idx_delivery_phone"),
            models.Index(fields=["due_at"], name="idx_delivery_due_at"),
            models.Index(fields=["lease_token"], name="idx_delivery_lease"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "external_order_no", "is_test"], name="uk_delivery_external_no"
            ),
            models.CheckConstraint(
                condition=Q(status__in=DeliveryStatus.values), name="delivery_status_known"
            ),
            models.CheckConstraint(
                condition=Q(goods_amount__gte=0, delivery_fee__gte=0, total_amount__gte=0),
                name="delivery_amounts",
            ),
            # Whoever holds goods or a promise is named.
            models.CheckConstraint(
                condition=~Q(status__in=("accepted", "picked_up", "delivered", "returning"))
                | Q(rider_name__isnull=False),
                name="delivery_has_rider",
            ),
            models.CheckConstraint(
                condition=~Q(status="pending") | Q(rider__isnull=True), name="delivery_pending_free"
            ),
        ]

    def __str__(self) -> str:
        return self.order_no


class DeliveryStep(models.Model):
    """One line of an order's history; `told` is the sequence its tenant was told it under."""

    order = models.ForeignKey(
        DeliveryOrder, models.PROTECT, db_constraint=False, db_index=False,
        related_name="+", verbose_name=_("delivery order"),
    )  # fmt: skip
    status = models.CharField(_("status"), max_length=20, choices=DeliveryStatus)
    actor = models.CharField(_("who"), max_length=10, choices=Actor)
    # An operator's or rider's user; null for tenants and the system.
    user_id = models.BigIntegerField(null=True)
    rider_name = models.CharField(_("rider's name"), max_length=50, null=True)
    note = models.CharField(_("note"), max_length=500, default="")
    attempt = models.PositiveIntegerField(_("assignment"), default=0)
    told = models.PositiveIntegerField(_("told as"), null=True)
    created_at = models.DateTimeField(_("at"))

    class Meta:
        db_table = "delivery_step"
        verbose_name = _("delivery step")
        verbose_name_plural = _("delivery steps")
        indexes = [models.Index(fields=["order", "created_at"], name="idx_step_order")]

    def __str__(self) -> str:
        return f"#{self.pk}"


class RiderPosition(models.Model):
    """Where a rider was with an order; of one order and one assignment, and none after its end."""

    order = models.ForeignKey(
        DeliveryOrder, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    attempt = models.PositiveIntegerField()
    rider_id = models.BigIntegerField()
    lat = models.DecimalField(max_digits=10, decimal_places=7)
    lng = models.DecimalField(max_digits=10, decimal_places=7)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "delivery_position"
        indexes = [
            models.Index(fields=["order", "attempt", "created_at"], name="idx_position_order"),
            models.Index(fields=["created_at"], name="idx_position_created_at"),
        ]


class DeliveryProof(models.Model):
    """The photo of a delivery, encrypted; one per order."""

    order = models.OneToOneField(
        DeliveryOrder, models.PROTECT, db_constraint=False, related_name="+"
    )
    content = SecretBytesField()
    content_type = models.CharField(max_length=40)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "delivery_proof"

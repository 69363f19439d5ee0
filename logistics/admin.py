"""物流控制台: accounts, rules, orders, call log, callbacks."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from config.kernel.console import ReadOnlyAdmin
from config.kernel.encryption import lookup_hash
from config.kernel.masking import mask_address, mask_name, mask_phone
from logistics.carriers.cainiao.profile import ENDPOINT
from logistics.models import (
    CainiaoAccount,
    CallbackRecord,
    CallLog,
    ExpressOrder,
    ExpressRule,
    FreightRevision,
)
from logistics.phones import is_phone, search_form
from logistics.queries import HEAVY
from logistics.services.accounts import check_endpoint, profile_of


def _pretty(value: Any) -> SafeString:
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return format_html("<pre>{}</pre>", text)


class AccountForm(forms.ModelForm[CainiaoAccount]):
    """Secrets are write-only: an empty field keeps what is stored."""

    app_secret = forms.CharField(
        label="AppSecret", required=False, widget=forms.PasswordInput, max_length=500
    )
    callback_secret = forms.CharField(
        label=_("callback secret"), required=False, widget=forms.PasswordInput, max_length=200
    )

    class Meta:
        model = CainiaoAccount
        fields = (
            "mode", "app_key", "app_secret", "endpoint_url", "sign_method", "callback_url",
            "callback_secret", "status", "provider_id", "waybill_at_order", "message_names",
            "question_fields", "answer_fields", "status_map", "retry_codes", "not_found_codes",
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Keep secrets that were not given."""
        cleaned = super().clean() or {}
        for name in ("app_secret", "callback_secret"):
            cleaned[name] = cleaned.get(name) or getattr(self.instance, name)
        if not cleaned["app_secret"]:
            self.add_error("app_secret", _("Enter the AppSecret."))
        return cleaned

    def _post_clean(self) -> None:
        """Refuse columns no account could be made of, by name."""
        super()._post_clean()  # type: ignore[misc]
        if not self.errors:
            try:
                check_endpoint(self.instance.endpoint_url or ENDPOINT)
                profile_of(self.instance)
            except ValueError as exc:
                self.add_error(None, str(exc))


@admin.register(CainiaoAccount)
class AccountAdmin(admin.ModelAdmin[CainiaoAccount]):
    """菜鸟账号."""

    form = AccountForm
    list_display = ("app_key", "mode", "status", "sign_method", "test_passed", "last_test_at")
    readonly_fields = ("test_passed", "last_test_at", "test_error")


@admin.register(ExpressRule)
class RuleAdmin(admin.ModelAdmin[ExpressRule]):
    """快递规则."""

    list_display = ("rule_name", "cp_code", "cp_name", "sender_name", "is_default", "status")
    list_filter: ClassVar[Any] = ("status",)
    exclude = ("hidden_at",)

    def get_queryset(self, request: HttpRequest) -> Any:
        """Removed rules are hidden."""
        return super().get_queryset(request).filter(hidden_at=None)

    def save_model(self, request: HttpRequest, obj: ExpressRule, form: Any, change: bool) -> None:  # noqa: FBT001
        """A new default takes the mark from the old one."""
        if obj.is_default:
            ExpressRule.objects.filter(is_default=True).exclude(pk=obj.pk).update(
                is_default=False, default_marker=None
            )
        obj.default_marker = 1 if obj.is_default else None
        super().save_model(request, obj, form, change)


@admin.register(ExpressOrder)
class OrderAdmin(ReadOnlyAdmin):
    """快递订单: found by any of its numbers or by phone."""

    list_display = (
        "order_no", "status", "cp_code", "waybill_no", "receiver_brief", "tenant",
        "created_at",
    )  # fmt: skip
    list_filter: ClassVar[Any] = ("status", "waybill_status", "asking", "is_test")
    search_fields = ("=order_no",)
    search_help_text = _("Exact order, waybill, mail, Cainiao or tenant's number, or a phone.")
    readonly_fields = ("receiver", "sender", "timeline")
    fieldsets = (
        (None, {"fields": (
            "order_no", ("status", "status_desc"), ("tenant", "tenant_order_no"), "rule",
            ("is_test", "account"), "exception_reason", "asking", "due_at", "attempts",
        )}),
        (_("waybill"), {"fields": (
            ("cp_code", "cp_name"), ("waybill_no", "waybill_status"),
            ("mail_no", "cainiao_order_id"),
        )}),
        (_("addresses"), {"fields": ("sender", "receiver", "address_fallback")}),
        (_("goods"), {"fields": (
            ("goods_name", "goods_count"), ("weight", "volume"), "remark",
            ("service_type", "pay_method"), "freight",
        )}),
        (_("branch"), {"fields": (
            ("branch_name", "branch_code", "branch_phone"), ("courier_name", "courier_phone"),
        )}),
        (_("times"), {"fields": (
            ("created_at", "waybill_time", "dispatch_time"), ("pick_time", "sign_time"),
        )}),
        (_("cancellation"), {"fields": (
            ("cancel_requested_at", "cancel_time"), "cancel_reason", "cancel_refused_reason",
        )}),
        (_("timeline"), {"fields": ("timeline",)}),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> Any:
        """Tenants come in one query of their own, long columns only where they are shown."""
        rows = super().get_queryset(request).prefetch_related("tenant")
        match = request.resolver_match
        listing = match is not None and (match.url_name or "").endswith("changelist")
        return rows.defer(*HEAVY) if listing else rows

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[Any, bool]:
        """Exact numbers only, each by its own index; a phone by its keyed hash."""
        term = search_term.strip()
        if not term:
            return queryset, False
        if is_phone(term):
            hashed = queryset.filter(receiver_phone_hash=lookup_hash(search_form(term)))
            if hashed.exists():
                return hashed, False
        for column in ("order_no", "waybill_no", "mail_no", "cainiao_order_id", "tenant_order_no"):
            found = queryset.filter(**{column: term})
            if found.exists():
                return found, False
        return queryset.none(), False

    @admin.display(description=_("receiver"))
    def receiver_brief(self, order: ExpressOrder) -> str:
        """Masked name and phone, and the city."""
        city = order.receiver_city or ""
        return f"{mask_name(order.receiver_name)} {mask_phone(order.receiver_phone)} {city}"

    @admin.display(description=_("receiver"))
    def receiver(self, order: ExpressOrder) -> str:
        """Masked."""
        return _masked(order, "receiver")

    @admin.display(description=_("sender"))
    def sender(self, order: ExpressOrder) -> str:
        """Masked."""
        return _masked(order, "sender")

    @admin.display(description=_("timeline"))
    def timeline(self, order: ExpressOrder) -> SafeString:
        """Oldest first; what moved the order in bold."""
        zone = timezone.get_default_timezone()
        return format_html_join(
            mark_safe("<br>"),
            "{} {}",
            (
                (
                    datetime.fromisoformat(event["time"]).astimezone(zone).strftime("%m-%d %H:%M"),
                    format_html(
                        "<b>{}</b>" if event["applied"] else "{}", event["desc"] or event["code"]
                    ),
                )
                for event in order.track_info or []
            ),
        )


def _masked(order: ExpressOrder, side: str) -> str:
    def text(part: str) -> str:
        return getattr(order, f"{side}_{part}") or ""

    levels = "".join(text(level) for level in ("province", "city", "district"))
    return " ".join(
        (mask_name(text("name")), mask_phone(text("phone")), levels, mask_address(text("address")))
    )


@admin.register(FreightRevision)
class FreightAdmin(ReadOnlyAdmin):
    """What carriers settled, one word after the other."""

    list_display = ("created_at", "order", "freight", "weight", "event_time")
    search_fields = ("=order__order_no",)

    def get_queryset(self, request: HttpRequest) -> Any:
        """Orders come in one query of their own."""
        return super().get_queryset(request).prefetch_related("order")


@admin.register(CallLog)
class CallLogAdmin(ReadOnlyAdmin):
    """调用日志."""

    list_display = (
        "request_time", "api_method", "success", "outcome", "response_code", "duration_ms",
        "order_id", "error_type",
    )  # fmt: skip
    list_filter: ClassVar[Any] = ("success", "error_type")
    search_fields = ("=order_id", "=request_id", "=api_method")
    exclude = ("request_params", "response_data")
    readonly_fields = ("request_pretty", "response_pretty")

    @admin.display(description=_("request (masked)"))
    def request_pretty(self, row: CallLog) -> SafeString:
        """Indented."""
        return _pretty(row.request_params)

    @admin.display(description=_("answer (masked)"))
    def response_pretty(self, row: CallLog) -> SafeString:
        """Indented."""
        return _pretty(row.response_data)


@admin.register(CallbackRecord)
class CallbackAdmin(ReadOnlyAdmin):
    """回调记录."""

    list_display = (
        "created_at", "callback_type", "cainiao_order_id", "order", "processed", "process_result",
    )  # fmt: skip
    list_filter: ClassVar[Any] = ("processed",)
    search_fields = ("=callback_id", "=cainiao_order_id", "=order_no")
    exclude = ("raw_body", "raw_data", "lease_token")
    readonly_fields = ("content",)

    def get_queryset(self, request: HttpRequest) -> Any:
        """Evidence is decrypted by nobody's list."""
        return super().get_queryset(request).defer("raw_body").prefetch_related("order")

    @admin.display(description=_("content (masked)"))
    def content(self, row: CallbackRecord) -> SafeString:
        """Indented."""
        return _pretty(row.raw_data)

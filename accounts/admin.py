"""公司管理 and 用户管理: tenants, their keys, users, and what did not verify."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from knox.models import AuthToken

from accounts.errors import CallbackUrlRefused
from accounts.models import ApiCredential, SecurityEvent, Tenant, User
from accounts.services.tenants import callback_host
from config.kernel.console import ReadOnlyAdmin

# knox ships no Chinese, and a token's row says nothing an operator could use.
admin.site.unregister(AuthToken)
admin.site.register(User, UserAdmin)


class TenantForm(forms.ModelForm[Tenant]):
    """A callback address is one we may call, and its host is on the list."""

    callback_url = forms.URLField(
        label=_("callback URL"), max_length=500, required=False, assume_scheme="https"
    )

    def clean(self) -> dict[str, Any]:
        """Check the address; put its host on the list."""
        cleaned = super().clean() or {}
        url = cleaned.get("callback_url")
        if url:
            try:
                host = callback_host(url)
            except CallbackUrlRefused as exc:
                self.add_error("callback_url", exc.text)
            else:
                hosts = [*(cleaned.get("callback_hosts") or []), host]
                cleaned["callback_hosts"] = list(dict.fromkeys(hosts))
        return cleaned


@admin.register(Tenant)
class TenantAdmin(admin.ModelAdmin[Tenant]):
    """Tenants are made by `create_tenant`; here they are renamed, suspended, pointed elsewhere."""

    form = TenantForm
    list_display = ("platform_code", "name", "status", "time_zone", "callback_url", "created_at")
    list_filter: ClassVar[Any] = ("status",)
    search_fields = ("=platform_code", "name__startswith")
    readonly_fields = ("platform_code", "created_at", "updated_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Secrets are shown once, by the command."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Tenant | None = None) -> bool:
        """Tenants are suspended, not deleted."""
        return False


@admin.register(ApiCredential)
class CredentialAdmin(ReadOnlyAdmin):
    """Keys, without their secrets."""

    list_display = ("key_id", "tenant", "mode", "status", "created_at", "revoked_at")
    list_filter: ClassVar[Any] = ("mode", "status")
    search_fields = ("=key_id",)
    fields = ("key_id", "tenant", "mode", "status", "created_at", "revoked_at")

    def get_queryset(self, request: HttpRequest) -> Any:
        """Never decrypt a secret for a list; tenants come in one query."""
        return super().get_queryset(request).defer("secret").prefetch_related("tenant")


@admin.register(SecurityEvent)
class SecurityEventAdmin(ReadOnlyAdmin):
    """What knocked and did not verify."""

    list_display = ("created_at", "door", "reason", "address", "digest")
    search_fields = ("=address",)

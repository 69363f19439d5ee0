"""The settings of a quota as operators type them; what no quota could have is named by field."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from config.kernel.console.fresh import FreshForm
from config.kernel.errors import Malformed
from quotas.models import TenantQuota
from quotas.services.settings import check_settings

SETTINGS = ("monthly_free_quota", "overage_enabled", "overage_price", "quota_reset_day")


class QuotaForm(FreshForm):
    """A new tenant's quota, or the settings of an existing one."""

    class Meta:
        model = TenantQuota
        fields = ("tenant", *SETTINGS)

    def clean_tenant(self) -> Any:
        """One quota a tenant; a removed one comes back."""
        tenant = self.cleaned_data["tenant"]
        if TenantQuota.objects.filter(tenant=tenant, hidden_at=None).exists():
            self.add_error("tenant", _("This tenant has a quota already."))
        return tenant

    def clean(self) -> dict[str, Any]:
        """The limits of the use case, beside the field at fault."""
        cleaned = super().clean()
        try:
            check_settings({name: cleaned[name] for name in SETTINGS if name in cleaned})
        except Malformed as exc:
            for name, texts in exc.fields.items():
                if name not in self.errors:
                    self.add_error(name, list(texts))
        return cleaned

    def _get_validation_exclusions(self) -> set[str]:
        """The use case decides on the tenant: a removed quota is no obstacle to a new one."""
        fixed: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return {*fixed, "tenant"}

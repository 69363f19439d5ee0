"""接口凭证: keys without their secrets; one that leaked is revoked with a reason."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiCredential, Tenant
from accounts.services.credentials import revoke_credential
from accounts.states import CredentialStatus
from config.kernel import audit
from config.kernel.console import ActingAdmin, ReadOnlyAdmin, ReasonedAction
from config.kernel.console.filters import ExactFilter
from config.kernel.errors import Rejected


def _revoke(credential: ApiCredential, _values: dict[str, Any], _user: Any) -> str:
    before = audit.snapshot(credential)
    if not revoke_credential(credential=credential, at=timezone.now()):
        raise Rejected(fields={"status": ["该密钥已吊销。"]})
    change = {"status": (before["status"], CredentialStatus.REVOKED.value)}
    return audit.changed_text(credential, changes=change)


REVOKE = ReasonedAction(
    name="revoke",
    label=_("revoke"),
    run=_revoke,
    applies=lambda credential: credential.status == CredentialStatus.ACTIVE,
    note=_("The key stops working within 30 seconds, for good. Issue another one on its tenant."),
    danger=True,
)


class TenantFilter(ExactFilter):
    """`tenant=CODE`, the platform code as it stands."""

    hint = _("platform code")

    def meaning(self, text: str) -> Any:
        """The tenant's id."""
        return Tenant.objects.filter(platform_code=text).values_list("pk", flat=True).first()


@admin.register(ApiCredential)
class CredentialAdmin(ActingAdmin, ReadOnlyAdmin):
    """Keys, without their secrets."""

    reasoned = (REVOKE,)
    list_display = ("key_id", "tenant", "mode", "status", "created_at", "revoked_at")
    list_filter: ClassVar[Any] = (("tenant", TenantFilter), "mode", "status")
    search_fields = ("key_id__exact",)
    search_help_text = _("Exact key id.")
    fields = ("key_id", "tenant", "mode", "status", "created_at", "revoked_at")
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> Any:
        """Never decrypt a secret for a list; tenants come in one query."""
        return super().get_queryset(request).defer("secret").prefetch_related("tenant")

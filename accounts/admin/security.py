"""安全日志: what knocked and did not verify."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.models import SecurityEvent
from config.kernel.console import ReadOnlyAdmin
from config.kernel.console.filters import DateRangeFilter, ExactFilter

# As `accounts.services.logins` and the callbacks' doors name them.
REASONS = {"digest": _("wrong signature"), "login_failed": _("wrong user name or password")}


@admin.register(SecurityEvent)
class SecurityEventAdmin(ReadOnlyAdmin):
    """Time, address and digest; what was sent is nowhere kept."""

    list_display = ("created_at", "door", "why", "address", "digest_head")
    list_filter: ClassVar[Any] = (("door", ExactFilter), ("created_at", DateRangeFilter))
    search_fields = ("address__exact",)
    search_help_text = _("Exact network address.")
    ordering: ClassVar[Any] = ("-created_at", "-id")
    sortable_by = ()
    fields = ("created_at", "door", "why", "address", "digest")

    @admin.display(description=_("reason"))
    def why(self, event: SecurityEvent) -> str:
        """In words; a reason we have none for as it was kept."""
        return str(REASONS.get(event.reason, event.reason))

    @admin.display(description=_("digest"))
    def digest_head(self, event: SecurityEvent) -> str:
        """Enough of it to tell two apart."""
        return event.digest[:16]

"""安全日志: what knocked and did not verify."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.models import SecurityEvent
from config.kernel.console import ReadOnlyAdmin
from config.kernel.console.filters import DateRangeFilter, ExactFilter


@admin.register(SecurityEvent)
class SecurityEventAdmin(ReadOnlyAdmin):
    """Time, address and digest; what was sent is nowhere kept."""

    list_display = ("created_at", "door", "reason", "address", "digest_head")
    list_filter: ClassVar[Any] = (("door", ExactFilter), ("created_at", DateRangeFilter))
    search_fields = ("address__exact",)
    search_help_text = _("Exact network address.")
    ordering: ClassVar[Any] = ("-created_at", "-id")
    sortable_by = ()

    @admin.display(description=_("digest"))
    def digest_head(self, event: SecurityEvent) -> str:
        """Enough of it to tell two apart."""
        return event.digest[:16]

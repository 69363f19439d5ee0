"""What lists of quotas, details and statements are narrowed by; each served by an index."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.queries import tenant_by_code
from config.kernel.console.filters import ExactFilter
from config.kernel.days import between
from config.kernel.errors import Missing
from quotas.admin.levels import Level, with_level
from quotas.models import QuotaStatement

# A return is told its time before it waits for the row, a closing before it locks it.
SLACK = timedelta(days=1)


class LevelFilter(admin.SimpleListFilter):
    """`left=nearly`: elapsed periods count as reset."""

    title = _("free units left")
    parameter_name = "left"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The three levels."""
        return [(level.value, level.label) for level in Level]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows at that level now."""
        level = self.value()
        if level not in Level.values:
            return queryset
        return with_level(queryset, str(level), timezone.now())


class TenantFilter(ExactFilter):
    """`tenant=CODE`, the platform code as it stands."""

    hint = _("platform code")

    def meaning(self, text: str) -> Any:
        """The tenant's id."""
        try:
            return tenant_by_code(text).id
        except Missing:
            return None


class PeriodFilter(ExactFilter):
    """`period_no=N`: the lines that N's statement counts, so late returns are not among them."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Lines of that period."""
        rows = super().queryset(request, queryset)
        return rows.filter(credit_period_no=None) if rows is not queryset else rows


class CreditFilter(ExactFilter):
    """`credit_period_no=N`: returns of earlier periods' units, credited in N.

    No index has that column: the statement says when its credits were written.
    """

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Late returns, within the time their period was open."""
        rows = super().queryset(request, queryset)
        if rows is queryset or not request.GET.get("tenant"):
            return rows
        closed = QuotaStatement.objects.filter(
            tenant__platform_code=request.GET["tenant"], period_no=self.typed(self.field_path)
        )
        for statement in closed[:1] if not self.error else ():
            zone = ZoneInfo(statement.tenant.time_zone)
            start, end = between(statement.period_start, statement.period_end, zone)
            rows = rows.filter(
                created_at__gte=start - SLACK,
                created_at__lt=max(end, statement.created_at) + SLACK,
            )
        return rows

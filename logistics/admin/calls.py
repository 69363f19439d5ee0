"""调用日志: what we asked carriers, what they answered, masked; found by what indexes serve."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.kernel.console import ReadOnlyAdmin
from config.kernel.console.filters import DateRangeFilter, OneOf
from config.kernel.http import Outcome
from logistics.admin.orders.filters import TenantFilter
from logistics.admin.pretty import pretty
from logistics.admin.related import (
    RelatedList,
    known_to,
    order_ids_of,
    order_link,
    tenant_link,
)
from logistics.carriers.cainiao import tables
from logistics.models import CainiaoAccount, CallLog
from logistics.states import ErrorType

KINDS: dict[str, Any] = {
    tables.PARSE_LEVELS: gettext_lazy("address levels"),
    tables.PARSE_ADDRESS: gettext_lazy("address parsing"),
    tables.FIND_BRANCH: gettext_lazy("branch search"),
    tables.GET_WAYBILL: gettext_lazy("waybill number"),
    tables.CREATE_PICKUP: gettext_lazy("pick-up order"),
    tables.CANCEL_PICKUP: gettext_lazy("cancellation"),
    tables.QUERY: gettext_lazy("order query"),
    tables.TRACK: gettext_lazy("tracking"),
}
LABELS = {name: KINDS[kind] for kind, name in tables.NAMES.items()}
OUTCOMES: dict[str, tuple[Any, str]] = {
    Outcome.DONE: (gettext_lazy("done"), "good"),
    Outcome.REFUSED: (gettext_lazy("refused by the other side"), "bad"),
    Outcome.RETRY: (gettext_lazy("did not get through: tried again"), "warn"),
    Outcome.UNKNOWN: (gettext_lazy("unknown: to be asked about"), "bad"),
}
CHOICES = "admin/filters/choices.html"
HEAVY = ("request_params", "response_data", "error_detail")


def known_messages() -> dict[str, Any]:
    """Every name a call may have on the wire, ours and the accounts' own, and what it is for."""
    names = dict(LABELS)
    for changed in CainiaoAccount.objects.values_list("message_names", flat=True):
        for kind, given in changed.items() if isinstance(changed, dict) else ():
            name = given.get("name") if isinstance(given, dict) else given
            if isinstance(name, str) and name:
                names.setdefault(name, KINDS.get(kind, ""))
    return names


class MethodFilter(OneOf):
    """The call's name on the wire; the log itself is not asked which there are."""

    template = CHOICES
    title = gettext_lazy("API")
    parameter_name = "api_method"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """By what they are for."""
        return [(name, f"{label} {name}") for name, label in known_messages().items()]


class SuccessFilter(OneOf):
    """Whether the other side did what was asked."""

    template = CHOICES
    title = gettext_lazy("success")
    parameter_name = "success"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Yes and no."""
        return [("1", _("succeeded")), ("0", _("failed"))]

    def narrowed(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        """A truth value."""
        return queryset.filter(success=value == "1")


class ErrorTypeFilter(OneOf):
    """The seed's four kinds; only failed calls have one, and failed calls have an index."""

    template = CHOICES
    title = gettext_lazy("error")
    parameter_name = "error_type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The four."""
        return [(kind.value, kind.label) for kind in ErrorType]

    def narrowed(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        """Of the failed ones."""
        return queryset.filter(success=False, error_type=value)


@admin.register(CallLog)
class CallLogAdmin(ReadOnlyAdmin):
    """调用日志."""

    list_display = (
        "created_at", "asked", "outcome_said", "code", "took", "order_named", "tenant_named",
        "error_type",
    )  # fmt: skip
    list_filter: ClassVar[Any] = (
        ("created_at", DateRangeFilter), SuccessFilter, ErrorTypeFilter, MethodFilter,
        ("tenant_id", TenantFilter),
    )  # fmt: skip
    ordering: ClassVar[Any] = ("-created_at", "-id")
    sortable_by = ()
    search_fields = ("order_id",)
    search_help_text = gettext_lazy(
        "Exact order, waybill, mail or Cainiao number, or an order's id."
    )
    fieldsets = (
        (None, {"fields": (
            "method", "outcome_said", ("response_code", "response_sub_code"), "message",
            "error_type", "detail", "order_named", "tenant_named",
        )}),
        (gettext_lazy("times"), {"fields": (("request_time", "response_time", "took"),)}),
        (gettext_lazy("request (masked)"), {"classes": ("sole",), "fields": ("request_pretty",)}),
        (gettext_lazy("answer (masked)"), {"classes": ("sole",), "fields": ("response_pretty",)}),
        (gettext_lazy("identification"), {"fields": (("request_id", "api_version", "client_ip"),)}),
    )  # fmt: skip

    class Media:
        css: ClassVar[Any] = {"all": ("console/charts.css", "console/details.css")}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[RelatedList]:
        """Orders and tenants come with the page."""
        return RelatedList

    def get_queryset(self, request: HttpRequest) -> Any:
        """Long columns only where they are shown."""
        rows = super().get_queryset(request)
        match = request.resolver_match
        listing = match is not None and (match.url_name or "").endswith("changelist")
        return rows.defer(*HEAVY) if listing else rows

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[Any, bool]:
        """The calls of one order, by any of its numbers."""
        term = search_term.strip()
        return (queryset.filter(order_id__in=order_ids_of(term)) if term else queryset), False

    @admin.display(description=gettext_lazy("API"))
    def asked(self, row: CallLog) -> SafeString | str:
        """What it was for; the wire's name where that is all there is."""
        label = LABELS.get(row.api_method)
        return format_html('<span title="{}">{}</span>', row.api_method, label or row.api_method)

    @admin.display(description=gettext_lazy("API"))
    def method(self, row: CallLog) -> SafeString:
        """What it is for, and its name on the wire."""
        label = LABELS.get(row.api_method, "")
        return format_html('{} <span class="quiet">{}</span>', label, row.api_method)

    @admin.display(description=gettext_lazy("outcome"))
    def outcome_said(self, row: CallLog) -> SafeString:
        """In words; the colour says it again."""
        text, tone = OUTCOMES.get(row.outcome, (row.outcome, "quiet"))
        return format_html('<span class="outcome tone-{}">{}</span>', tone, text)

    @admin.display(description=gettext_lazy("code"))
    def code(self, row: CallLog) -> str:
        """What they answered, in brief."""
        message = known_to(row).hide_kept(row.response_msg or "")
        short = message if len(message) <= 40 else f"{message[:39]}…"
        return " ".join(filter(None, (row.response_code, short))) or "—"

    @admin.display(description=gettext_lazy("message"))
    def message(self, row: CallLog) -> str:
        """What they answered."""
        return str(known_to(row).hide_kept(row.response_msg) or "—")

    @admin.display(description=gettext_lazy("error detail"))
    def detail(self, row: CallLog) -> str:
        """What went wrong on the way."""
        return str(known_to(row).hide_kept(row.error_detail) or "—")

    @admin.display(description=gettext_lazy("took"))
    def took(self, row: CallLog) -> str:
        """Milliseconds."""
        return _("%(ms)d ms") % {"ms": row.duration_ms} if row.duration_ms is not None else "—"

    @admin.display(description=gettext_lazy("order"))
    def order_named(self, row: CallLog) -> SafeString | str:
        """Its number, as a link."""
        return order_link(row)

    @admin.display(description=gettext_lazy("tenant"))
    def tenant_named(self, row: CallLog) -> SafeString | str:
        """Its name, as a link."""
        return tenant_link(row)

    @admin.display(description=gettext_lazy("request (masked)"))
    def request_pretty(self, row: CallLog) -> SafeString:
        """Indented."""
        return pretty(row.request_params, known_to(row).hide_kept)

    @admin.display(description=gettext_lazy("answer (masked)"))
    def response_pretty(self, row: CallLog) -> SafeString:
        """Indented."""
        return pretty(row.response_data, known_to(row).hide_kept)

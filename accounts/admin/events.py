"""回调记录(租户): what each tenant was to be told, every attempt at it, and sending it again."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Prefetch
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin.credentials import TenantFilter
from accounts.admin.outbox_filters import ModeFilter, StatusFilter
from accounts.admin.told import due_words, masked_json, toned
from accounts.models import CallbackAttempt, Tenant, TenantEvent
from accounts.queries.callbacks import attempts_at
from accounts.services.outbox.resending import resend_event
from config.kernel.console import ActingAdmin, ReadOnlyAdmin, ReasonedAction
from config.kernel.console.filters import DateRangeFilter
from config.kernel.console.strict import KnownParameters
from config.kernel.masking import mask_text, mask_url

PARAMETERS = frozenset({
    "status__exact", "mode", "tenant", "created_at_from", "created_at_to", "q", "p", "all",
    "_popup", "_to_field", "_changelist_filters",
})  # fmt: skip
# Which page shows an order of this kind.
PAGES = {
    "express_order": "admin:logistics_expressorder_change",
    "delivery_order": "admin:delivery_deliveryorder_change",
}
NAMELESS = Tenant.objects.only("platform_code", "name", "callback_url")


def _resend(event: Any, _values: dict[str, Any], _user: Any) -> str:
    resend_event(event=event.pk, at=timezone.now())
    return "再次发送"


RESEND = ReasonedAction(
    name="resend",
    label=gettext_lazy("send again"),
    run=_resend,
    note=gettext_lazy(
        "It goes out at once, with the same event id, so that a tenant who knows it already"
        " can tell; later events of the order do not wait for it."
    ),
)


@admin.register(TenantEvent)
class TenantEventAdmin(KnownParameters, ActingAdmin, ReadOnlyAdmin):
    """What was owed, in the order it came to be."""

    reasoned = (RESEND,)
    parameters = PARAMETERS
    list_display = (
        "occurred_at", "tenant_named", "event_said", "order_named", "external_order_no",
        "status_said", "attempts", "answer_said", "due_at",
    )  # fmt: skip
    list_filter: ClassVar[Any] = (
        StatusFilter, ("tenant", TenantFilter), ModeFilter, ("created_at", DateRangeFilter),
    )  # fmt: skip
    ordering: ClassVar[Any] = ("-created_at", "-id")
    sortable_by = ()
    search_fields = ("=order_no",)
    search_help_text = gettext_lazy("Exact order or tenant's number, or event id.")
    fieldsets = (
        (None, {"fields": (
            ("status_said", "due_said"), ("tenant_named", "mode_said"),
            ("order_named", "external_order_no"), ("event_said", "sequence"), "event_id",
            "server",
        )}),
        (gettext_lazy("times"), {"fields": (
            ("occurred_at", "first_attempt_at", "delivered_at"), ("attempts", "refusals"),
            ("last_status", "error_said"),
        )}),
        (gettext_lazy("attempts of the last 30 days"), {"classes": ("sole",), "fields": (
            "attempts_table",
        )}),
        (gettext_lazy("content (masked)"), {"classes": ("sole",), "fields": ("content_said",)}),
    )  # fmt: skip

    class Media:
        css: ClassVar[Any] = {
            "all": ("console/charts.css", "console/details.css", "console/callbacks.css")
        }

    def get_queryset(self, request: HttpRequest) -> Any:
        """Tenants and servers come in one query each, without secrets."""
        tenants = Prefetch("tenant", queryset=NAMELESS.all())
        rows = super().get_queryset(request).prefetch_related(tenants, "endpoint")
        match = request.resolver_match
        listing = match is not None and (match.url_name or "").endswith("changelist")
        return rows.defer("content") if listing else rows

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[Any, bool]:
        """By one of three numbers, each by its index."""
        term = search_term.strip()
        if not term:
            return queryset, False
        if term.startswith("evt_"):
            return queryset.filter(event_id=term), False
        found = queryset.filter(order_no=term)
        return (found if found.exists() else queryset.filter(external_order_no=term)), False

    @admin.display(description=gettext_lazy("tenant"))
    def tenant_named(self, row: TenantEvent) -> SafeString:
        """Its name, as a link; test events are marked."""
        url = reverse("admin:accounts_tenant_change", args=[row.tenant_id])
        mark = format_html(' <span class="test-mark">{}</span>', _("test")) if row.is_test else ""
        return format_html('<a href="{}">{}</a>{}', url, row.tenant, mark)

    @admin.display(description=gettext_lazy("mode"))
    def mode_said(self, row: TenantEvent) -> str:
        """Live or test."""
        return _("test") if row.is_test else _("live")

    @admin.display(description=gettext_lazy("event"))
    def event_said(self, row: TenantEvent) -> SafeString:
        """Its type, as the tenant reads it; a narrow column breaks it behind the point."""
        kind, point, what = row.event_type.partition(".")
        return format_html("{}{}<wbr>{}", kind, point, what)

    @admin.display(description=gettext_lazy("order"))
    def order_named(self, row: TenantEvent) -> SafeString | str:
        """Its number, leading to its page."""
        try:
            url = reverse(PAGES[row.kind], args=[row.subject_id])
        except (KeyError, NoReverseMatch):
            return row.order_no
        return format_html('<a href="{}">{}</a>', url, row.order_no)

    @admin.display(description=gettext_lazy("status"))
    def status_said(self, row: TenantEvent) -> SafeString:
        """In words and colour."""
        return toned(row.status, row.get_status_display())

    @admin.display(description=gettext_lazy("last answer"))
    def answer_said(self, row: TenantEvent) -> str:
        """The HTTP status; what went wrong instead, or although the status is a good one."""
        good = row.last_status is not None and 200 <= row.last_status < 300
        error = mask_text(row.last_error or "") if good or row.last_status is None else ""
        if not error:
            return "—" if row.last_status is None else f"HTTP {row.last_status}"
        return error if len(error) <= 40 else f"{error[:39]}…"

    @admin.display(description=gettext_lazy("last error"))
    def error_said(self, row: TenantEvent) -> str:
        """Masked once more."""
        return mask_text(row.last_error or "") or "—"

    @admin.display(description=gettext_lazy("sent next"))
    def due_said(self, row: TenantEvent) -> str:
        """In words."""
        return due_words(row, timezone.now())

    @admin.display(description=gettext_lazy("callback endpoint"))
    def server(self, row: TenantEvent) -> SafeString:
        """Where it goes, leading to that server's page."""
        url = reverse("admin:accounts_callbackendpoint_change", args=[row.endpoint_id])
        where = mask_url(row.url or row.tenant.callback_url or "") or _("no address")
        return format_html('<a href="{}">{}</a>', url, where)

    @admin.display(description=gettext_lazy("content (masked)"))
    def content_said(self, row: TenantEvent) -> SafeString:
        """The body's own fields."""
        return masked_json(row.content)

    @admin.display(description=gettext_lazy("attempts"))
    def attempts_table(self, row: TenantEvent) -> SafeString | str:
        """Newest first: when, how long, what came back."""
        found = attempts_at(row)
        if not found:
            return _("none yet")
        heads = (_("sent at"), _("outcome"), _("HTTP status"), _("took"), _("answer (masked)"))
        return format_html(
            '<table class="attempts"><thead><tr><th>#</th>{}</tr></thead><tbody>{}</tbody></table>',
            format_html_join("", "<th>{}</th>", ((head,) for head in heads)),
            format_html_join("", "{}", ((_attempt_row(one),) for one in found)),
        )


def _attempt_row(one: CallbackAttempt) -> SafeString:
    return format_html(
        "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td>"
        '<td class="answer">{}{}</td></tr>',
        one.number,
        f"{timezone.localtime(one.created_at):%Y-%m-%d %H:%M:%S}",
        toned(one.outcome, one.get_outcome_display()),
        one.http_status or "—",
        _("%(ms)d ms") % {"ms": one.duration_ms},
        format_html("<p>{}</p>", mask_text(one.error)) if one.error else "",
        format_html("<code>{}</code>", mask_text(one.answer)) if one.answer else "",
    )

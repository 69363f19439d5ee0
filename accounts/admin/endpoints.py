"""租户回调地址: how each tenant's server does; paused, resumed, tried, and sent what it missed."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Prefetch, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin.credentials import TenantFilter
from accounts.admin.events import NAMELESS
from accounts.admin.outbox_filters import LIVE, TEST, TroubleFilter
from accounts.admin.told import toned
from accounts.models import CallbackEndpoint
from accounts.queries.callbacks import endpoint_state, waiting_by_endpoint
from accounts.services.outbox.endpoints import pause_endpoint, resume_endpoint
from accounts.services.outbox.resending import resend_events, send_test_event
from accounts.states import EndpointState
from config.kernel import days
from config.kernel.api.pagination import COUNT_CAP
from config.kernel.console import ActingAdmin, ReadOnlyAdmin, ReasonedAction, ReasonForm
from config.kernel.console.strict import KnownParameters
from config.kernel.masking import mask_text, mask_url

Values = dict[str, Any]
RESENDS = "change_tenantevent"


class ResendForm(ReasonForm):
    """Which events; without days all there are, as far as they were not delivered."""

    only_missing = forms.BooleanField(
        label=gettext_lazy("only what was not delivered"), required=False, initial=True
    )
    first = forms.DateField(
        label=gettext_lazy("from"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    last = forms.DateField(
        label=gettext_lazy("to"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    field_order = ("only_missing", "first", "last", "reason")

    def clean(self) -> Values:
        """Delivered ones are sent again by days only."""
        given = super().clean() or {}
        first, last = given.get("first"), given.get("last")
        for day in filter(None, (first, last)):
            if not 2000 <= day.year <= 2999:
                raise ValidationError(_("Write the days as 2026-02-28."))
        if first and last and first > last:
            raise ValidationError(_("The first day lies behind the last one."))
        if not given.get("only_missing") and not (first and last):
            raise ValidationError(_("Give both days, or send only what was not delivered."))
        return given


def _pause(endpoint: Any, values: Values, _user: Any) -> str:
    pause_endpoint(endpoint_id=endpoint.pk, reason=values["reason"], at=timezone.now())
    return "暂停"


def _resume(endpoint: Any, _values: Values, _user: Any) -> str:
    resume_endpoint(endpoint_id=endpoint.pk, at=timezone.now())
    return "恢复"


def _test(endpoint: Any, _values: Values, _user: Any) -> str:
    event = send_test_event(
        tenant_id=endpoint.tenant_id, is_test=endpoint.is_test, at=timezone.now()
    )
    return f"发送测试事件 {event.event_id}"


def _resend(endpoint: Any, values: Values, _user: Any) -> str:
    window, zone = Q(), endpoint.tenant.zone
    if values["first"]:
        window &= Q(created_at__gte=days.start_of(values["first"], zone))
    if values["last"]:
        window &= Q(created_at__lt=days.between(values["last"], values["last"], zone)[1])
    sent = resend_events(
        tenant_id=endpoint.tenant_id, is_test=endpoint.is_test, at=timezone.now(), window=window,
        missing=values["only_missing"], endpoint_id=endpoint.pk,
    )  # fmt: skip
    return f"再次发送 {sent} 个事件"


ACTIONS = (
    ReasonedAction(
        name="resume", label=gettext_lazy("resume"), run=_resume,
        applies=lambda endpoint: endpoint.paused_at is not None,
        note=gettext_lazy("Everything that waited goes out, each order's events in their order."),
    ),
    ReasonedAction(
        name="test", label=gettext_lazy("send a test event"), run=_test, permission=RESENDS,
        applies=lambda endpoint: not endpoint.host,
        note=gettext_lazy("An event of an order that does not exist, to the tenant's own URL."),
        in_bulk=False,
    ),
    ReasonedAction(
        # In bites of its own: a long list must not hold its rows until the last one is through.
        name="resend", label=gettext_lazy("send again"), run=_resend, permission=RESENDS,
        form=ResendForm, asks_outside=True,
        note=gettext_lazy("Oldest first. Without days, everything that was not delivered."),
    ),
    ReasonedAction(
        name="pause", label=gettext_lazy("pause"), run=_pause, danger=True,
        applies=lambda endpoint: endpoint.paused_at is None,
        note=gettext_lazy("Nothing is sent there until somebody resumes it; nothing is lost."),
    ),
)  # fmt: skip


@admin.register(CallbackEndpoint)
class CallbackEndpointAdmin(KnownParameters, ActingAdmin, ReadOnlyAdmin):
    """One server of a tenant each, test and live apart."""

    reasoned = ACTIONS
    parameters = frozenset({"state", "tenant", "p", "all", "_popup", "_changelist_filters"})
    list_display = (
        "tenant_named", "server", "state_said", "failing_since", "last_attempt_at",
        "last_success_at", "events_link",
    )  # fmt: skip
    # The tenant's name leads to the tenant.
    list_display_links = ("server",)
    list_filter: ClassVar[Any] = (TroubleFilter, ("tenant", TenantFilter))
    sortable_by = ()
    fieldsets = (
        (None, {"fields": (
            ("tenant_named", "mode_said"), "server", "state_said", "waiting", "events_link",
        )}),
        (gettext_lazy("calls"), {"fields": (
            ("failures", "failing_since"), ("last_attempt_at", "last_success_at"), "due_at",
        )}),
        (gettext_lazy("pause"), {"fields": (("paused_at", "reason_said"),)}),
    )  # fmt: skip

    class Media:
        css: ClassVar[Any] = {
            "all": ("console/charts.css", "console/details.css", "console/callbacks.css")
        }

    def get_queryset(self, request: HttpRequest) -> Any:
        """Tenants come in one query, without secrets."""
        tenants = Prefetch("tenant", queryset=NAMELESS.only("time_zone", "platform_code", "name",
                                                           "callback_url"))  # fmt: skip
        return super().get_queryset(request).prefetch_related(tenants)

    @admin.display(description=gettext_lazy("tenant"))
    def tenant_named(self, row: CallbackEndpoint) -> SafeString:
        """Its name, as a link; test ones are marked."""
        url = reverse("admin:accounts_tenant_change", args=[row.tenant_id])
        mark = format_html(' <span class="test-mark">{}</span>', _("test")) if row.is_test else ""
        return format_html('<a href="{}">{}</a>{}', url, row.tenant, mark)

    @admin.display(description=gettext_lazy("mode"))
    def mode_said(self, row: CallbackEndpoint) -> str:
        """Live or test."""
        return _("test") if row.is_test else _("live")

    @admin.display(description=gettext_lazy("host"))
    def server(self, row: CallbackEndpoint) -> SafeString | str:
        """A host that orders name, or the tenant's own URL as it is now."""
        if row.host:
            return row.host
        if not row.tenant.callback_url:
            return _("the tenant's own URL: none is set")
        own = _("the tenant's own URL")
        return format_html(
            '{} <span class="quiet">{}</span>', mask_url(row.tenant.callback_url), own
        )

    @admin.display(description=gettext_lazy("state"))
    def state_said(self, row: CallbackEndpoint) -> SafeString:
        """In words and colour."""
        state = EndpointState(endpoint_state(row))
        return toned(state.value, state.label)

    @admin.display(description=gettext_lazy("why paused"))
    def reason_said(self, row: CallbackEndpoint) -> str:
        """As it was typed in, or the 72 hours without a success."""
        return mask_text(row.paused_reason or "") or "—"

    @admin.display(description=gettext_lazy("events to be sent"))
    def waiting(self, row: CallbackEndpoint) -> str:
        """Counted on its page only, up to ten thousand of the tenant's."""
        counts = waiting_by_endpoint(tenant_id=row.tenant_id, is_test=row.is_test)
        count = counts.get(row.pk, 0)
        return f"{COUNT_CAP}+" if count > COUNT_CAP else str(count)

    @admin.display(description=gettext_lazy("callbacks"))
    def events_link(self, row: CallbackEndpoint) -> SafeString:
        """To the tenant's events of this mode."""
        query = {"tenant": row.tenant.platform_code, "mode": TEST if row.is_test else LIVE}
        url = reverse("admin:accounts_tenantevent_changelist")
        return format_html('<a href="{}?{}">{}</a>', url, urlencode(query), _("events"))

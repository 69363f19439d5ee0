"""公司管理: tenants are opened, renamed, pointed elsewhere and suspended; none is ever deleted."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin.forms import ModeForm, NewTenantForm, TenantForm
from accounts.admin.issuing import issue_view, may_issue, show_secrets
from accounts.admin.rotating import may_rotate, rotate_view
from accounts.models import Tenant
from accounts.services.outbox.resending import send_test_event
from accounts.services.tenants import create_tenant, set_tenant_status, update_tenant
from accounts.states import Mode, TenantStatus
from config.kernel import audit
from config.kernel.console import ActingAdmin, AuditedAdmin, ReasonedAction
from config.kernel.console.refusals import ToldRefusals

Values = dict[str, Any]


def _switch(to: str) -> Any:
    def run(tenant: Tenant, _values: Values, _user: Any) -> str:
        set_tenant_status(tenant_id=tenant.pk, status=to)
        return audit.changed_text(tenant, changes={"status": (tenant.status, to)})

    return run


def _send_test(tenant: Tenant, values: Values, _user: Any) -> str:
    is_test = values["mode"] == Mode.TEST
    event = send_test_event(tenant_id=tenant.pk, is_test=is_test, at=timezone.now())
    return f"发送测试事件 {event.event_id}"


ACTIONS = (
    ReasonedAction(
        name="test-event", label=_("send a test event"), run=_send_test, form=ModeForm,
        permission="change_tenantevent", in_bulk=False,
        applies=lambda tenant: bool(tenant.callback_url),
        note=_("An event of an order that does not exist, to the tenant's own URL."),
    ),
    ReasonedAction(
        name="enable", label=_("Resume tenant"), run=_switch(TenantStatus.ENABLED),
        applies=lambda tenant: tenant.status != TenantStatus.ENABLED,
        note=_("Its keys work again within 30 seconds."),
    ),
    ReasonedAction(
        name="suspend", label=_("Suspend tenant"), run=_switch(TenantStatus.SUSPENDED),
        applies=lambda tenant: tenant.status != TenantStatus.SUSPENDED, danger=True,
        note=_("Every request of its keys is refused within 30 seconds; parcels booked go on."),
    ),
)  # fmt: skip


CALLBACKS = ("callback_url", "callback_hosts", "callback_ack")
REQUESTS = ("external_addresses", "requests_per_minute")


@admin.register(Tenant)
class TenantAdmin(ToldRefusals, ActingAdmin, AuditedAdmin):
    """A code never changes; secrets are shown once, when they are made."""

    form = TenantForm
    reasoned = ACTIONS
    list_display = (
        "platform_code", "name", "status", "time_zone", "quota_link", "keys_link", "created_at",
    )  # fmt: skip
    list_filter: ClassVar[Any] = ("status",)
    ordering = ("platform_code",)
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    search_fields = ("platform_code__startswith", "name__startswith")
    search_help_text = _("Beginning of the platform code or of the name.")
    sortable_by = ("platform_code", "name", "created_at")
    fieldsets = (
        (None, {"fields": ("platform_code", "name", "status", "time_zone")}),
        (_("callbacks to the tenant"), {"fields": CALLBACKS}),
        (_("requests of the tenant"), {"fields": REQUESTS}),
        (_("more"), {"fields": (
            "quota_link", "keys_link", "events_link", "endpoints_link", "created_at", "updated_at",
        )}),
    )  # fmt: skip
    readonly_fields = (
        "platform_code", "status", "quota_link", "keys_link", "events_link", "endpoints_link",
        "created_at", "updated_at",
    )  # fmt: skip
    add_fieldsets = (
        (None, {"fields": ("platform_code", "name", "time_zone", "mode")}),
        (_("callbacks to the tenant"), {"fields": CALLBACKS}),
        (_("requests of the tenant"), {"fields": REQUESTS}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """A new one has a code to choose."""
        return self.add_fieldsets if obj is None else self.fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What only actions change."""
        return self.readonly_fields if obj is not None else ()

    def get_form(
        self,
        request: HttpRequest,
        obj: Any = None,
        change: bool = False,  # noqa: FBT001, FBT002 - Django's signature
        **kwargs: Any,
    ) -> Any:
        """A new one's form asks for more."""
        if obj is None:
            kwargs["form"] = NewTenantForm
        return super().get_form(request, obj, change=change, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001
        """By the use cases."""
        if change:
            update_tenant(tenant_id=obj.pk, **form.changes())
            return
        given = form.cleaned_data
        obj.issued = create_tenant(
            code=given["platform_code"],
            name=given["name"],
            at=timezone.now(),
            callback_url=given["callback_url"] or None,
            callback_hosts=given["callback_hosts"],
            callback_ack=given["callback_ack"],
            external_addresses=given["external_addresses"],
            requests_per_minute=given["requests_per_minute"],
            mode=given["mode"],
            only_new=True,
        )
        obj.pk = obj.issued.tenant.pk
        update_tenant(tenant_id=obj.pk, time_zone=given["time_zone"])

    def construct_change_message(
        self,
        request: HttpRequest,
        form: Any,
        formsets: Any,
        add: bool = False,  # noqa: FBT001, FBT002 - Django's signature
    ) -> Any:
        """A new one says which key it got, never the secret; a company's name is no person's."""
        tenant, name = form.instance, form.cleaned_data["name"]
        if add:
            what = f"开通：{tenant.platform_code} {name}，首个密钥 {tenant.issued.api_key}"
            return audit.changed_text(tenant, what=what, changes={})
        what = f"名称：{form.initial['name']} → {name}" if "name" in form.changed_data else ""
        changes = {
            column: (form.initial[column], value)
            for column, value in form.changes().items()
            if column != "name"
        }
        return audit.changed_text(tenant, what=what, changes=changes)

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        """The only page that ever shows the secrets."""
        issued = obj.issued
        secrets = [(_("key id"), issued.api_key), (_("secret"), issued.api_secret),
                   (_("callback secret"), issued.callback_secret)]  # fmt: skip
        return show_secrets(self, request, issued.tenant, secrets)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Tenants are suspended, not deleted."""
        return False

    def get_urls(self) -> list[Any]:
        """Issuing a key and changing the callback secret beside the stock pages."""

        def issue(request: HttpRequest, object_id: str) -> HttpResponse:
            return issue_view(self, request, object_id)

        def rotate(request: HttpRequest, object_id: str) -> HttpResponse:
            return rotate_view(self, request, object_id)

        own = [
            path(f"<path:object_id>/{end}/", self.admin_site.admin_view(view), name=name)
            for end, view, name in (
                ("issue-key", issue, "accounts_tenant_issue"),
                ("rotate-callback-secret", rotate, "accounts_tenant_rotate"),
            )
        ]
        return [*own, *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """Two buttons more, for those who may make secrets."""
        tenant = context.get("original")
        if tenant is not None:
            own = []
            if may_issue(request):
                url = reverse("admin:accounts_tenant_issue", args=[tenant.pk])
                own.append({"url": url, "label": _("issue a key")})
            if may_rotate(request):
                url = reverse("admin:accounts_tenant_rotate", args=[tenant.pk])
                own.append({"url": url, "label": _("new callback secret")})
            context["row_actions"] = [*own, *context.get("row_actions", ())]
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=_("quota"))
    def quota_link(self, tenant: Tenant) -> SafeString | str:
        """To its quota, where that app has a page."""
        return _link("quotas_tenantquota", tenant, _("quota"))

    @admin.display(description=_("API credentials"))
    def keys_link(self, tenant: Tenant) -> SafeString | str:
        """To its keys."""
        return _link("accounts_apicredential", tenant, _("keys"))

    @admin.display(description=_("callbacks to tenants"))
    def events_link(self, tenant: Tenant) -> SafeString | str:
        """To what it was told."""
        return _link("accounts_tenantevent", tenant, _("events"))

    @admin.display(description=_("callback endpoints"))
    def endpoints_link(self, tenant: Tenant) -> SafeString | str:
        """To its servers."""
        return _link("accounts_callbackendpoint", tenant, _("servers"))


def _link(model: str, tenant: Tenant, text: Any) -> SafeString | str:
    try:
        url = reverse(f"admin:{model}_changelist")
    except NoReverseMatch:
        return "—"
    return format_html('<a href="{}?tenant={}">{}</a>', url, tenant.platform_code, text)

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

from accounts.admin.forms import NewTenantForm, TenantForm
from accounts.admin.issuing import issue_view, may_issue, show_secrets
from accounts.models import Tenant
from accounts.services.tenants import create_tenant, set_tenant_status, update_tenant
from accounts.states import TenantStatus
from config.kernel import audit
from config.kernel.console import ActingAdmin, AuditedAdmin, ReasonedAction
from config.kernel.console.refusals import ToldRefusals

Values = dict[str, Any]


def _switch(to: str) -> Any:
    def run(tenant: Tenant, _values: Values, _user: Any) -> str:
        set_tenant_status(tenant_id=tenant.pk, status=to)
        return audit.changed_text(tenant, changes={"status": (tenant.status, to)})

    return run


ACTIONS = (
    ReasonedAction(
        name="enable", label=_("enable"), run=_switch(TenantStatus.ENABLED),
        applies=lambda tenant: tenant.status != TenantStatus.ENABLED,
        note=_("Its keys work again within 30 seconds."),
    ),
    ReasonedAction(
        name="suspend", label=_("suspend"), run=_switch(TenantStatus.SUSPENDED),
        applies=lambda tenant: tenant.status != TenantStatus.SUSPENDED, danger=True,
        note=_("Every request of its keys is refused within 30 seconds; parcels booked go on."),
    ),
)  # fmt: skip


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
        (_("callbacks to the tenant"), {"fields": ("callback_url", "callback_hosts")}),
        (_("more"), {"fields": ("quota_link", "keys_link", "created_at", "updated_at")}),
    )
    readonly_fields = (
        "platform_code", "status", "quota_link", "keys_link", "created_at", "updated_at",
    )  # fmt: skip
    add_fieldsets = (
        (None, {"fields": ("platform_code", "name", "time_zone", "mode")}),
        (_("callbacks to the tenant"), {"fields": ("callback_url", "callback_hosts")}),
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
        """Issuing a key beside the stock pages."""

        def page(request: HttpRequest, object_id: str) -> HttpResponse:
            return issue_view(self, request, object_id)

        view = self.admin_site.admin_view(page)
        name = "accounts_tenant_issue"
        return [path("<path:object_id>/issue-key/", view, name=name), *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """One button more, for those who may issue keys."""
        tenant = context.get("original")
        if tenant is not None and may_issue(request):
            url = reverse("admin:accounts_tenant_issue", args=[tenant.pk])
            issue = {"url": url, "label": _("issue a key")}
            context["row_actions"] = [issue, *context.get("row_actions", ())]
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=_("quota"))
    def quota_link(self, tenant: Tenant) -> SafeString | str:
        """To its quota, where that app has a page."""
        return _link("quotas_tenantquota", tenant, _("quota"))

    @admin.display(description=_("API credentials"))
    def keys_link(self, tenant: Tenant) -> SafeString | str:
        """To its keys."""
        return _link("accounts_apicredential", tenant, _("keys"))


def _link(model: str, tenant: Tenant, text: Any) -> SafeString | str:
    try:
        url = reverse(f"admin:{model}_changelist")
    except NoReverseMatch:
        return "—"
    return format_html('<a href="{}?tenant={}">{}</a>', url, tenant.platform_code, text)

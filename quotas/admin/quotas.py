"""租户配额: settings that operators change, counters and ledgers that nobody does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from config.kernel.console import ActingAdmin, AuditedAdmin
from config.kernel.console.refusals import ToldRefusals
from quotas.admin.acting import ACTIONS, closing_note
from quotas.admin.bar import quota_bar
from quotas.admin.books import prove
from quotas.admin.filters import LevelFilter, TenantFilter
from quotas.admin.forms import QuotaForm
from quotas.admin.statements import details_url, period_of
from quotas.models import QuotaDetail, QuotaStatement, TenantQuota
from quotas.money import to_yuan
from quotas.queries import as_of
from quotas.services.settings import save_quota

MOST_STATEMENTS, MOST_DETAILS = 12, 10


@admin.register(TenantQuota)
class TenantQuotaAdmin(ToldRefusals, ActingAdmin, AuditedAdmin):
    """One row a tenant, as it stands now: elapsed periods are shown as reset."""

    form = QuotaForm
    reasoned = ACTIONS
    change_form_template = "admin/quotas/quota_change_form.html"
    list_display = ("tenant_column", "status", "bar", "overage", "period")
    show_facets = admin.ShowFacets.NEVER
    list_filter: ClassVar[Any] = (
        LevelFilter, "status", "overage_enabled", ("tenant", TenantFilter),
    )  # fmt: skip
    list_select_related = ("tenant",)
    list_per_page = 50
    ordering = ("tenant__platform_code",)
    sortable_by = ("tenant_column", "status")
    search_fields = ("tenant__platform_code__startswith", "tenant__name__startswith")
    search_help_text = _("Beginning of the platform code or of the name.")
    autocomplete_fields = ("tenant",)
    readonly_fields = ("status", "bar", "overage", "period", "total_used", "last_reset")
    fieldsets = (
        (None, {"fields": ("tenant", "status", "bar", "overage", "period", "last_reset",
                           "total_used")}),
        (_("settings"), {"fields": (
            "monthly_free_quota", "overage_enabled", "overage_price", "quota_reset_day",
        )}),
    )  # fmt: skip

    class Media:
        css: ClassVar[Any] = {"all": ("console/quotas.css",)}

    def get_queryset(self, request: HttpRequest) -> Any:
        """Removed ones do not appear any more."""
        rows = super().get_queryset(request)
        return rows.filter(hidden_at=None).select_related("tenant")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """A new one has nothing but settings."""
        if obj is not None:
            return self.fieldsets
        return ((None, {"fields": ("tenant", *self.fieldsets[1][1]["fields"])}),)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Whose quota it is stays."""
        return (*self.readonly_fields, "tenant") if obj is not None else self.readonly_fields

    @admin.display(description=_("tenant"), ordering="tenant__platform_code")
    def tenant_column(self, quota: TenantQuota) -> SafeString:
        """Name above code."""
        code = quota.tenant.platform_code
        return format_html('{} <span class="quota-code">{}</span>', quota.tenant.name, code)

    @admin.display(description=_("used this period"))
    def bar(self, quota: TenantQuota) -> SafeString:
        """Drawn and said."""
        return quota_bar(as_of(quota, timezone.now()))

    @admin.display(description=_("period"))
    def period(self, quota: TenantQuota) -> SafeString:
        """The open one, as its days."""
        now = as_of(quota, timezone.now())
        return period_of(now.period_no, now.period_start, now.period_end)

    @admin.display(description=_("last reset on"))
    def last_reset(self, quota: TenantQuota) -> str:
        """When the open period began."""
        return str(as_of(quota, timezone.now()).last_reset_at)

    @admin.display(description=_("overage"))
    def overage(self, quota: TenantQuota) -> str:
        """The price where it is allowed."""
        if not quota.overage_enabled:
            return str(_("not allowed"))
        return str(_("%(price)s yuan a unit") % {"price": quota.overage_price})

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001
        """Save what was changed by the use case: counters belong to the bookings beside us."""
        given = form.changes() if change else dict(form.cleaned_data)
        given.pop("tenant", None)
        saved = save_quota(tenant_id=obj.tenant_id, at=timezone.now(), only_new=not change, **given)
        obj.pk, obj.tenant_name = saved.pk, saved.tenant_name

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """By the action that keeps the ledger, not by the stock one."""
        return False

    def get_urls(self) -> list[Any]:
        """The proof of the books beside the stock pages."""
        page = self.admin_site.admin_view(self.books_view)
        name = "quotas_tenantquota_books"
        return [path("<path:object_id>/books/", page, name=name), *super().get_urls()]

    def books_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Prove one tenant's books before the operator's eyes; nothing is changed."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        quota: Any = self.get_object(request, unquote(object_id))
        if quota is None:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            "title": _("Books of %(name)s") % {"name": quota.tenant},
            "opts": self.opts,
            "original": quota,
            "books": prove(quota.tenant_id),
            "at": timezone.now(),
            "details_url": details_url(quota.tenant.platform_code),
            "media": self.media,
        }
        return TemplateResponse(request, "admin/quotas/books.html", context)

    def act_view(self, request: HttpRequest, object_id: str, action: str) -> HttpResponse:
        """A reset says what it will close; what was removed has no page to go back to."""
        answer = super().act_view(request, object_id, action)
        if isinstance(answer, TemplateResponse) and action == "reset":
            context = answer.context_data or {}
            note = closing_note(context["rows"][0])
            answer.context_data = {**context, "action": replace(context["action"], note=note)}
        gone = action == "remove" and self.get_object(request, unquote(object_id)) is None
        if gone and answer.status_code == 302:
            return HttpResponseRedirect(reverse("admin:quotas_tenantquota_changelist"))
        return answer

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """Below the settings: closed periods and the newest lines."""
        quota = context.get("original")
        if quota is not None:
            code, tenant_id = quota.tenant.platform_code, quota.tenant_id
            books = reverse("admin:quotas_tenantquota_books", args=[quota.pk])
            statements = QuotaStatement.objects.filter(tenant_id=tenant_id)
            details = QuotaDetail.objects.filter(tenant_id=tenant_id)
            url = reverse("admin:quotas_quotastatement_changelist")
            context["row_actions"] = [
                *context.get("row_actions", ()), {"url": books, "label": _("prove the books")},
            ]  # fmt: skip
            context["statements"] = [
                (row, to_yuan(row.amount_minor), details_url(code, period_no=row.period_no))
                for row in statements.order_by("-period_no")[:MOST_STATEMENTS]
            ]
            context["details"] = details.order_by("-created_at", "-id")[:MOST_DETAILS]
            context["statements_url"] = f"{url}?tenant={code}"
            context["details_url"] = details_url(code)
        return super().render_change_form(request, context, *args, **kwargs)

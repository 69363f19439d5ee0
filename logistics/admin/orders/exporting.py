"""The filtered list as a file, masked; in full for those who may, with a reason, on record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.queries import TenantInfo, tenant_by_id
from config.kernel import audit
from config.kernel.console import ReasonForm
from config.kernel.console.exporting import (
    counted,
    newest_first,
    spoken_filters,
    stream_csv,
    stream_xlsx,
)
from config.kernel.masking import mask_address, mask_name, mask_phone
from logistics.admin.orders.listing import OrderListing
from logistics.models import ExpressOrder
from logistics.queries.known_values import PEOPLE, known_of
from logistics.states import OrderStatus, WaybillStatus

REVEAL = "logistics.reveal_expressorder"
CSV, XLSX = "csv", "xlsx"
WRITERS = {CSV: stream_csv, XLSX: stream_xlsx}
COLUMNS = (
    "order_no", "tenant_order_no", "status", "cp_code", "cp_name", "waybill_no", "waybill_status",
    "mail_no", "cainiao_order_id", "receiver_name", "receiver_phone", "receiver_province",
    "receiver_city", "receiver_district", "receiver_address", "sender_name", "sender_phone",
    "sender_address", "goods_name", "goods_count", "weight", "volume", "freight", "remark",
    "exception_reason", "is_test", "created_at", "waybill_time", "dispatch_time", "pick_time",
    "sign_time", "cancel_time",
)  # fmt: skip
MASKS: dict[str, Callable[[str], str]] = {
    "receiver_name": mask_name, "receiver_phone": mask_phone, "receiver_address": mask_address,
    "sender_name": mask_name, "sender_phone": mask_phone, "sender_address": mask_address,
}  # fmt: skip
PROSE = frozenset({"goods_name", "remark", "exception_reason"})
KNOWN = tuple(name for name in PEOPLE if name not in COLUMNS)


class FullExportForm(ReasonForm):
    """Why names, phones and addresses are needed in full."""

    kind = forms.ChoiceField(
        label=gettext_lazy("File format"),
        choices=[(CSV, "CSV"), (XLSX, "XLSX")],
        widget=forms.RadioSelect,
        initial=CSV,
    )


class OrderExporting(OrderListing):
    """Files of what the list shows, every page of it."""

    def get_urls(self) -> list[Any]:
        """Before the stock pages, whose last takes anything."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        masked: Any = self.admin_site.admin_view(self.export_view)
        full: Any = self.admin_site.admin_view(self.full_export_view)
        return [
            path("export.<slug:kind>", masked, name=name),
            path("export/full/", full, name=f"{name}_full"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """With links to the files, of the list as it is filtered."""
        query = request.GET.copy()
        query.pop("p", None)
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_export"
        at = self.admin_site.name
        urls = [
            (
                _("Export %(kind)s") % {"kind": kind.upper()},
                reverse(name, args=[kind], current_app=at),
            )
            for kind in WRITERS
        ]
        if request.user.has_perm(REVEAL):
            urls.append((_("Export in full"), reverse(f"{name}_full", current_app=at)))
        tools = [{"label": label, "url": f"{url}?{query.urlencode()}"} for label, url in urls]
        given = extra_context or {}
        return super().changelist_view(
            request, {**given, "tools": [*given.get("tools", ()), *tools]}
        )

    def export_view(self, request: HttpRequest, kind: str) -> HttpResponseBase:
        """Names, phones and addresses masked."""
        if kind not in WRITERS:
            raise Http404
        return self._exported(request, kind, full=False)

    def full_export_view(self, request: HttpRequest) -> HttpResponseBase:
        """Asked once more, with a reason."""
        if not request.user.has_perm(REVEAL):
            raise PermissionDenied
        form = FullExportForm(request.POST or None)
        if form.is_valid():
            values = form.cleaned_data
            return self._exported(request, values["kind"], full=True, why=values["reason"])
        note = _("Names, phones and addresses in full; the export is recorded with your name.")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Export in full"),
            "opts": self.opts,
            "action": {"label": _("Export in full"), "note": note},
            "rows": [_("filter: %(query)s") % {"query": _spoken(request)}],
            "form": form,
            "back": self._list_url(request.GET.urlencode()),
            "media": self.media + form.media,
        }
        return TemplateResponse(request, "admin/reasoned_action.html", context)

    def _exported(
        self, request: HttpRequest, kind: str, *, full: bool, why: str = ""
    ) -> HttpResponseBase:
        if not self.has_view_permission(request):
            raise PermissionDenied
        query = request.GET.urlencode()
        if self.unknown_parameters(request):
            return HttpResponseRedirect(self._list_url(query))
        listing = self.get_changelist_instance(request)
        if any(getattr(spec, "error", "") for spec in listing.filter_specs):
            return HttpResponseRedirect(self._list_url(query))
        with translation.override(audit.LANGUAGE):
            text = _("exported in full as %(kind)s") if full else _("exported masked as %(kind)s")
            filters = _("filter: %(query)s") % {"query": _spoken(request)}
            what = f"{text % {'kind': kind.upper()}}；{filters}"
        entry = audit.record_list(user=request.user, model=self.model, what=what, why=why)
        stem = _("express orders")
        filename = f"{stem}-{timezone.localtime():%Y%m%d-%H%M%S}.{kind}"
        rows = counted(export_rows(listing.queryset, full=full), entry)
        return WRITERS[kind](filename, export_header(), rows)

    def _list_url(self, query: str) -> str:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"
        url = reverse(name, current_app=self.admin_site.name)
        return f"{url}?{query}" if query else url


def _spoken(request: HttpRequest) -> str:
    return spoken_filters(request) or _("none")


def export_header() -> list[str]:
    """The columns as the pages name them, the tenant's first."""
    fields: list[Any] = [ExpressOrder._meta.get_field(name) for name in COLUMNS]
    return [_("tenant"), _("platform code"), *(str(field.verbose_name) for field in fields)]


def export_rows(orders: Any, *, full: bool) -> Iterator[list[Any]]:
    """The orders' rows, newest first, read bit by bit; words for states."""
    tenants: dict[int | None, tuple[str, str]] = {None: ("", "")}
    labels = {
        "status": {value: str(label) for value, label in OrderStatus.choices},
        "waybill_status": {value: str(label) for value, label in WaybillStatus.choices},
    }
    plain = orders.prefetch_related(None).defer(None)
    rows = plain.values_list("id", "tenant_id", *COLUMNS, *KNOWN, named=True)
    return _rows(rows, tenants, labels, full)


def _rows(
    orders: Any,
    tenants: dict[int | None, tuple[str, str]],
    labels: dict[str, dict[str, str]],
    full: bool,  # noqa: FBT001 - a private helper's
) -> Iterator[list[Any]]:
    for row in newest_first(orders):
        tenant = tenants.get(row.tenant_id)
        if tenant is None:
            tenant = tenants[row.tenant_id] = _named(tenant_by_id(row.tenant_id))
        shown = row._asdict() if full else _masked(row)
        yield [*tenant, *(labels.get(name, {}).get(shown[name], shown[name]) for name in COLUMNS)]


def _named(tenant: TenantInfo) -> tuple[str, str]:
    return tenant.name, tenant.platform_code


def _masked(row: Any) -> dict[str, Any]:
    values: dict[str, Any] = row._asdict()
    values |= {name: mask(values[name]) for name, mask in MASKS.items() if values[name]}
    if prose := [name for name in PROSE if values[name]]:
        known = known_of(row)
        values |= {name: known.hide(values[name]) for name in prose}
    return values

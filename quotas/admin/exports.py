"""A list leaves as a file exactly as it is filtered, and who took it is recorded."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from config.kernel import audit
from config.kernel.console import ReadOnlyAdmin
from config.kernel.console.exporting import (
    counted,
    newest_first,
    spoken_filters,
    stream_csv,
    stream_xlsx,
)

WRITERS = {"csv": stream_csv, "xlsx": stream_xlsx}


class ExportingAdmin(ReadOnlyAdmin):
    """A read-only list with `export.csv` and `export.xlsx` of what its filters leave."""

    change_list_template = "admin/quotas/exporting_change_list.html"
    export_columns: ClassVar[tuple[str, ...]] = ()

    class Media:
        css: ClassVar[Any] = {"all": ("console/quotas.css",)}

    def export_row(self, row: Any) -> Iterable[Any]:
        """The cells of a row, as many as `export_columns`."""
        raise NotImplementedError

    def get_urls(self) -> list[Any]:
        """The two files, before the stock pages."""
        page = self.admin_site.admin_view(self.export_view)
        return [path("export.<str:kind>", page, name=self._export_name), *super().get_urls()]

    def export_view(self, request: HttpRequest, kind: str) -> HttpResponseBase:
        """Stream the filtered list."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if kind not in WRITERS:
            raise Http404
        try:
            listing = self.get_changelist_instance(request)
        except IncorrectLookupParameters:
            return HttpResponseRedirect("./?e=1")  # where the stock list leads
        if any(getattr(spec, "error", "") for spec in listing.filter_specs):
            return HttpResponseRedirect(f"./?{request.GET.urlencode()}")
        what = _("exported as %(kind)s: %(filters)s") % {
            "kind": kind.upper(),
            "filters": spoken_filters(request) or _("no filter"),
        }
        entry = audit.record_list(user=request.user, model=self.model, what=what)
        day = timezone.localtime().strftime("%Y%m%d-%H%M")
        filename = f"{self.opts.verbose_name_plural}-{day}.{kind}"
        cells = map(self.export_row, newest_first(listing.queryset))
        return WRITERS[kind](filename, self.export_header(), counted(cells, entry))

    def export_header(self) -> list[Any]:
        """The columns' names, as on the pages."""
        fields: list[Any] = [self.opts.get_field(name) for name in self.export_columns]
        return [field.verbose_name for field in fields]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Links to the files, with the list's own filters."""
        query = request.GET.copy()
        query.pop("p", None)
        links = []
        for kind in WRITERS:
            url = reverse(f"admin:{self._export_name}", args=[kind])
            links.append((kind.upper(), f"{url}?{query.urlencode()}"))
        return super().changelist_view(request, {**(extra_context or {}), "exports": links})

    @property
    def _export_name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_export"

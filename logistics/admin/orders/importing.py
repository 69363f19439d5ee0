"""A file of parcels: every error shown before anything is booked, then booked by the workers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.kernel import audit
from config.kernel.console import ActingAdmin
from config.kernel.console.acting import both_or_neither
from config.kernel.console.exporting import stream_csv, stream_xlsx
from config.kernel.errors import Malformed, Missing, Refusal
from logistics.admin.orders.forms import add_refusal
from logistics.admin.orders.uploading import ImportForm, sample_row
from logistics.models import OrderImport
from logistics.services.importing import LABELS, label_of
from logistics.services.imports import (
    LARGEST_FILE,
    confirm_import,
    discard_import,
    find_import,
    find_outlook,
    preview_import,
    stop_import,
)
from logistics.states import ImportStatus, LineOutcome

MAY = "logistics.add_expressorder"
RECENT = 20
# The page shows as many faulty lines; the file to download has all.
MOST_SHOWN = 1_000
REFRESH_SECONDS = 3
LINES_CHUNK = 2_000
CONFIRM, STOP, DISCARD = "confirm", "stop", "discard"
TOLD = {
    CONFIRM: gettext_lazy("import confirmed: its good lines are being booked"),
    STOP: gettext_lazy("import stopped: no further line is booked"),
    DISCARD: gettext_lazy("import discarded: nothing was booked"),
}


class OrderImporting(ActingAdmin):
    """Upload, look, confirm, watch."""

    def get_urls(self) -> list[Any]:
        """Before the stock pages, whose last takes anything."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_import"

        def page(route: str, view: Callable[..., HttpResponseBase], suffix: str = "") -> Any:
            return path(route, self.admin_site.admin_view(view), name=name + suffix)

        return [
            page("import/", self.import_view),
            page("import/template.<slug:kind>", self.import_template_view, "_template"),
            page("import/<int:import_id>/", self.import_detail_view, "_detail"),
            page("import/<int:import_id>/lines.csv", self.import_lines_view, "_lines"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """With a link to the upload."""
        given = extra_context or {}
        tools = list(given.get("tools", ()))
        if self.may_import(request):
            tools.append({"label": _("Import a file"), "url": self._url()})
        return super().changelist_view(request, {**given, "tools": tools})

    def may_import(self, request: HttpRequest) -> bool:
        """Whether this operator may book."""
        return request.user.has_perm(MAY)

    def import_view(self, request: HttpRequest) -> HttpResponseBase:
        """The file is chosen here, and read; below stand the latest ones."""
        self._require(request)
        posted = request.method == "POST"
        form = ImportForm(self.admin_site, *((request.POST, request.FILES) if posted else ()))
        if posted and form.is_valid():
            made = self._uploaded(request, form)
            if made is not None:
                return HttpResponseRedirect(self._url(made.pk))
        recent = OrderImport.objects.order_by("-created_at").prefetch_related("tenant")[:RECENT]
        return self._page(
            request, "import", _("Import a file"), form=form, recent=recent,
            media=self.media + form.media,
        )  # fmt: skip

    def import_detail_view(self, request: HttpRequest, import_id: int) -> HttpResponseBase:
        """What stands in the file, how far it is booked, what came of it."""
        self._require(request)
        try:
            row = find_import(import_id=import_id)
        except Missing:
            raise Http404 from None
        if request.method == "POST":
            return self._done(request, row)
        running = row.status == ImportStatus.RUNNING
        previewed = row.status == ImportStatus.PREVIEWED
        outlook = find_outlook(order_import=row, at=timezone.now()) if previewed else None
        troubles = row.lines.filter(outcome__in=[LineOutcome.BAD, LineOutcome.REFUSED])
        shown = [
            (line.line, line.tenant_order_no, column_of(name), "；".join(texts))
            for line in troubles.order_by("line")[:MOST_SHOWN]
            for name, texts in line.errors.items()
        ]
        answer = self._page(
            request, "import_detail", row.filename, row=row, outlook=outlook, troubles=shown,
            left_out=max(0, row.bad_lines + row.refused_lines - MOST_SHOWN), running=running,
            previewed=previewed, media=self.media,
        )  # fmt: skip
        if running:
            answer.headers["Refresh"] = str(REFRESH_SECONDS)
        return answer

    def import_lines_view(self, request: HttpRequest, import_id: int) -> HttpResponseBase:
        """Every line and what became of it, as CSV."""
        self._require(request)
        try:
            row = find_import(import_id=import_id)
        except Missing:
            raise Http404 from None
        header = [_("line"), _("tenant's number"), _("outcome"), _("order number"), _("errors")]
        return stream_csv(f"import-{row.pk}.csv", header, _lines(row))

    def import_template_view(self, request: HttpRequest, kind: str) -> HttpResponseBase:
        """An empty file with every column and a line as an example."""
        self._require(request)
        write = {"csv": stream_csv, "xlsx": stream_xlsx}.get(kind)
        if write is None:
            raise Http404
        return write(f"import-template.{kind}", list(LABELS), [sample_row()])

    def _require(self, request: HttpRequest) -> None:
        if not self.may_import(request):
            raise PermissionDenied

    def _uploaded(self, request: HttpRequest, form: ImportForm) -> OrderImport | None:
        file = form.cleaned_data["file"]

        def note(made: OrderImport) -> None:
            with translation.override(audit.LANGUAGE):
                text = _("file uploaded: %(lines)d lines, %(bad)d of them faulty")
                what = text % {"lines": made.total_lines, "bad": made.bad_lines}
            audit.record(user=request.user, row=made, what=what, flag=audit.ADDITION)

        try:
            if file.size > LARGEST_FILE:
                raise Malformed(fields={"file": [f"文件超过 {LARGEST_FILE // 1_000_000} MB。"]})
            return preview_import(
                content=file.read(),
                filename=file.name or "",
                tenant_id=form.cleaned_data["tenant_id"],
                by=request.user.pk,
                at=timezone.now(),
                note=note,
            )
        except Malformed as exc:
            add_refusal(form, exc, {})
            return None

    def _done(self, request: HttpRequest, row: OrderImport) -> HttpResponseBase:
        """Confirm, stop or discard; who comes second is told."""
        wish = request.POST.get("do", "")
        if wish not in TOLD:
            return HttpResponseRedirect(self._url(row.pk))

        def carry_out() -> None:
            _carry_out(wish, row.pk, request.user.pk)
            with translation.override(audit.LANGUAGE):
                audit.record(user=request.user, row=row, what=str(TOLD[wish]))

        try:
            both_or_neither(carry_out)
        except Refusal as exc:
            self.message_user(request, exc.text, messages.ERROR)
            gone = isinstance(exc, Missing)
            return HttpResponseRedirect(self._url() if gone else self._url(row.pk))
        self.message_user(request, f"{row.filename}：{TOLD[wish]}", messages.SUCCESS)
        return HttpResponseRedirect(self._url() if wish == DISCARD else self._url(row.pk))

    def _url(self, import_id: int | None = None) -> str:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_import"
        at = self.admin_site.name
        if import_id is None:
            return reverse(name, current_app=at)
        return reverse(f"{name}_detail", args=[import_id], current_app=at)

    def _page(
        self, request: HttpRequest, template: str, title: str, **context: Any
    ) -> TemplateResponse:
        context |= self.admin_site.each_context(request)
        context |= {"title": title, "opts": self.opts}
        return TemplateResponse(request, f"admin/logistics/expressorder/{template}.html", context)


def _carry_out(wish: str, import_id: int, by: int | None) -> None:
    if wish == CONFIRM:
        confirm_import(import_id=import_id, by=by, at=timezone.now())
    elif wish == STOP:
        stop_import(import_id=import_id, at=timezone.now())
    else:
        discard_import(import_id=import_id)


def column_of(name: str) -> str:
    """The column at fault; the whole line where it is none in particular."""
    return _("whole line") if name in {"", "file"} else label_of(name)


def _lines(row: OrderImport) -> Iterator[list[Any]]:
    outcomes = {value: str(label) for value, label in LineOutcome.choices}
    whole = _("whole line")
    return _read_lines(row, outcomes, whole)


def _read_lines(row: OrderImport, outcomes: dict[str, str], whole: str) -> Iterator[list[Any]]:
    last = 0
    lines = row.lines.defer("draft").order_by("line")
    while some := list(lines.filter(line__gt=last)[:LINES_CHUNK]):
        for line in some:
            errors = [
                f"{whole if name in {'', 'file'} else label_of(name)}：{'；'.join(texts)}"
                for name, texts in line.errors.items()
            ]
            yield [
                line.line, line.tenant_order_no, outcomes[line.outcome], line.order_no,
                " ".join(errors),
            ]  # fmt: skip
        last = some[-1].line

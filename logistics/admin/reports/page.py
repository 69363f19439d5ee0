"""A report's page: a form, what it asks for as plots and a table, the same table as a file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from config.kernel.console.exporting import stream_csv, stream_xlsx
from logistics.admin.reports.forms import ReportForm
from logistics.admin.reports.tables import Cell, Table
from logistics.queries.reports.window import counted_until, today

PAGE_ROWS = 100
LAST_PAGE = 100
FILES: Mapping[str, Callable[..., HttpResponseBase]] = {"csv": stream_csv, "xlsx": stream_xlsx}
# What is about the page and not about the figures.
_PAGING = ("page", "after", "file")


@dataclass(frozen=True, slots=True)
class Part:
    """Some of the table's rows; `following` is what the next part's address says more."""

    rows: list[list[Cell]]
    following: Mapping[str, Any] | None = None


class Report(ABC):
    """One report, asked by a valid form, at `at`; subclasses say what is in it."""

    name: ClassVar[str]
    title: ClassVar[Any]
    note: ClassVar[Any] = ""
    needs: ClassVar[tuple[str, ...]] = ("logistics.view_expressorder",)
    form_class: ClassVar[type[ReportForm]]

    def __init__(self, form: Any, at: datetime, *, linked: bool = True) -> None:
        """A file needs no links (`linked`): making them takes longer than reading the rows."""
        self.form, self.at, self.linked = form, at, linked

    @property
    @abstractmethod
    def days(self) -> tuple[date, date]:
        """The first and the last business day it is about."""

    @abstractmethod
    def header(self) -> Sequence[Any]:
        """The columns' names."""

    @abstractmethod
    def rows(self, *, skip: int = 0, most: int | None = None) -> Iterator[list[Cell]]:
        """The rows, or a part of them."""

    @abstractmethod
    def totals(self) -> list[Cell]:
        """The sum of all rows, whatever part is shown."""

    def back(self) -> tuple[Any, str] | None:
        """Where it was come from: a name and an address."""
        return None

    def plots(self) -> list[SafeString]:
        """The figures as pictures."""
        return []

    def tables(self) -> list[Table]:
        """What stands before the rows."""
        return []

    def part(self, query: Mapping[str, str]) -> Part:
        """The rows of the page that the address asks for."""
        page = min(max(whole_number(query.get("page", "")) or 1, 1), LAST_PAGE)
        found = list(
            islice(self.rows(skip=(page - 1) * PAGE_ROWS, most=PAGE_ROWS + 1), PAGE_ROWS + 1)
        )
        more = len(found) > PAGE_ROWS and page < LAST_PAGE
        return Part(found[:PAGE_ROWS], {"page": page + 1} if more else None)

    def filename(self, kind: str) -> str:
        """Says what and when."""
        first, last = self.days
        return f"{self.name.removeprefix('report_')}-{first:%Y%m%d}-{last:%Y%m%d}.{kind}"


def whole_number(text: str) -> int | None:
    """The number an address says; None where that is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def report_view(
    report: type[Report], among: Sequence[type[Report]]
) -> Callable[[HttpRequest], HttpResponseBase]:
    """The admin's view of a report, which leads to those it is `among`."""

    def view(request: HttpRequest) -> HttpResponseBase:
        if not may(request.user, report):
            raise PermissionDenied
        at = timezone.now()
        form = report.form_class.read(request.GET.dict(), today(at))
        siblings = [one for one in among if may(request.user, one)]
        if not form.is_valid():
            return _page(request, report, form, siblings)
        kind = request.GET.get("file", "")
        if kind in FILES:
            made = report(form, at, linked=False)
            values = ([cell.value for cell in row] for row in made.rows())
            return FILES[kind](made.filename(kind), list(made.header()), values)
        return _page(request, report, form, siblings, **_shown(request, report(form, at)))

    return admin.site.admin_view(view)


def may(user: Any, report: type[Report]) -> bool:
    """Whether this operator may see it."""
    return bool(user.has_perms(report.needs))


def _shown(request: HttpRequest, made: Report) -> dict[str, Any]:
    part = made.part(request.GET.dict())
    following = part.following
    return {
        "back": made.back(),
        "counted": counted_until(*made.days),
        "plots": made.plots(),
        "tables": made.tables(),
        "main": Table("", made.header(), part.rows, made.totals()),
        "following": _query(request, following) if following else "",
        "start": _query(request, {}) if any(request.GET.get(name) for name in _PAGING) else "",
        "files": [(kind.upper(), _query(request, {"file": kind})) for kind in FILES],
    }  # fmt: skip


def _query(request: HttpRequest, more: Mapping[str, Any]) -> str:
    """The address's query for the same figures."""
    query = request.GET.copy()
    for name in _PAGING:
        query.pop(name, None)
    for name, value in more.items():
        query[name] = str(value)
    return f"?{query.urlencode()}"


def _page(
    request: HttpRequest,
    report: type[Report],
    form: Any,
    siblings: Sequence[type[Report]],
    **shown: Any,
) -> TemplateResponse:
    context = {
        **admin.site.each_context(request),
        "title": report.title,
        "note": report.note,
        "form": form,
        "siblings": [
            {"title": one.title, "url": reverse(f"admin:{one.name}"), "here": one is report}
            for one in siblings
        ],
        **shown,
    }
    return TemplateResponse(request, "admin/reports/report.html", context)

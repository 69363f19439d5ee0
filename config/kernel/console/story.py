"""The page of one row tells its story, and its history, as whoever looks may see people."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.http import HttpRequest, HttpResponse

MOST_HISTORY = 100
Show = Callable[[str], str]


class StoryAdmin(admin.ModelAdmin[Model]):
    """A ModelAdmin whose page is given a `story`, masked unless it was `revealed`."""

    def story(self, request: HttpRequest, row: Any, *, revealed: bool) -> dict[str, Any]:
        """What the page's template needs."""
        raise NotImplementedError

    def masking_of(self, row: Any) -> Show:
        """How a message of the row's history is shown."""
        raise NotImplementedError

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The same number of statements, however much has happened to the row."""
        extra = dict(extra_context or {})
        row: Any = self.get_object(request, object_id)
        if row is not None and self.has_view_permission(request, row):
            extra |= self.story(request, row, revealed=bool(extra.get("revealed")))
        return super().change_view(request, object_id, form_url, extra)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The stock page; what an operator wrote may name people."""
        answer: Any = super().history_view(request, object_id, extra_context)
        shown = getattr(answer, "context_data", None) or {}
        if "action_list" in shown:
            _shown_by(self.masking_of(shown["object"]), shown["action_list"])
        return answer  # type: ignore[no-any-return]


def history_of(row: Model, show: Show) -> list[LogEntry]:
    """Who did what, newest first; operators come along."""
    kind = ContentType.objects.get_for_model(row)
    entries = LogEntry.objects.filter(content_type_id=kind.pk, object_id=str(row.pk))
    return _shown_by(show, entries.select_related("user").order_by("-pk")[:MOST_HISTORY])


def _shown_by(show: Show, entries: Iterable[LogEntry]) -> list[LogEntry]:
    """The entries, their messages changed on the rows in memory alone."""
    found = list(entries)
    for entry in found:
        entry.change_message = show(entry.get_change_message())
    return found

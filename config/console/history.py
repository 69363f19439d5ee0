"""操作记录: every change by a person, newest first, by whom and of what; nobody rewrites it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib.admin import ShowFacets, SimpleListFilter, display
from django.contrib.admin.models import LogEntry
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from config.kernel.console import ReadOnlyAdmin
from delivery.queries.known_values import known_values as known_of_deliveries
from logistics.queries.known_values import known_values

MOST_OPERATORS = 200
ORDER = ("logistics", "expressorder")
DELIVERY = ("delivery", "deliveryorder")


class ActorFilter(SimpleListFilter):
    """By operator: staff alone, however many users there are."""

    title = _("operator")
    parameter_name = "by"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Who may work in the console."""
        staff = get_user_model()._default_manager.filter(is_staff=True).order_by("username")  # noqa: SLF001
        rows = staff.values_list("pk", "username")[:MOST_OPERATORS]
        return [(str(pk), str(username)) for pk, username in rows]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """By the foreign key's index."""
        return _of(queryset, "user_id", self.value())


class KindFilter(SimpleListFilter):
    """By what was changed: the models of the console."""

    title = _("kind")
    parameter_name = "of"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The registered models, read once per process."""
        models = model_admin.admin_site._registry  # noqa: SLF001
        kinds = ContentType.objects.get_for_models(*models, for_concrete_models=False)
        named = [(str(kind.pk), str(capfirst(m._meta.verbose_name))) for m, kind in kinds.items()]
        return sorted(named, key=lambda kind: kind[1])

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """By the foreign key's index."""
        return _of(queryset, "content_type_id", self.value())


def _of(queryset: Any, column: str, value: str | None) -> Any:
    """The rows of one key; of no key all, of what is none nothing."""
    if not value:
        return queryset
    return queryset.filter(**{column: int(value)}) if _is_key(value) else queryset.none()


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


class HistoryList(ChangeList):
    """Knows which of the page's objects still exist: one query per kind, not per row."""

    def get_results(self, request: HttpRequest) -> None:
        """Note on each row whether its object is there."""
        super().get_results(request)
        by_kind: dict[ContentType, set[str]] = defaultdict(set)
        for entry in self.result_list:
            if entry.content_type is not None and not entry.is_deletion():
                by_kind[entry.content_type].add(str(entry.object_id))
        there = {kind.pk: _existing(kind, keys) for kind, keys in by_kind.items()}
        for entry in self.result_list:
            entry.exists = str(entry.object_id) in there.get(entry.content_type_id, ())
        hide_people(self.result_list)


def _existing(kind: ContentType, keys: set[str]) -> set[str]:
    model = kind.model_class()
    if model is None:
        return set()
    rows = model._default_manager.filter(pk__in=filter(_is_key, keys))  # noqa: SLF001
    return {str(pk) for pk in rows.values_list("pk", flat=True)}


def hide_people(entries: Iterable[Any]) -> None:
    """What was written about orders names none of their people: one query for each kind."""
    entries = list(entries)
    about = _about(ORDER, entries)
    known = known_values(about.values())
    for entry, order_id in about.items():
        entry.change_message = known[order_id].hide_kept(entry.get_change_message())
    about = _about(DELIVERY, entries)
    deliveries = known_of_deliveries(about.values())
    for entry, order_id in about.items():
        entry.change_message = deliveries[order_id].hide(entry.get_change_message())


def _about(wanted: tuple[str, str], entries: Iterable[LogEntry]) -> dict[Any, int]:
    return {
        entry: int(entry.object_id or 0)
        for entry in entries
        if (kind := entry.content_type) is not None
        and (kind.app_label, kind.model) == wanted
        and _is_key(entry.object_id or "")
    }


class HistoryAdmin(ReadOnlyAdmin):
    """Django's own admin log, which both the console and the API write."""

    list_display = ("action_time", "operator", "kind", "object", "told")
    list_display_links = ("action_time",)
    list_filter: ClassVar[Any] = (ActorFilter, KindFilter)
    show_facets = ShowFacets.NEVER  # they count the whole log
    search_fields = ("=object_id",)
    search_help_text = _("An object's exact id.")
    fields = ("action_time", "operator", "kind", "object_id", "object_repr", "told")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> Any:
        """Operators and kinds come in one query each."""
        return super().get_queryset(request).prefetch_related("user", "content_type")

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        """As the list shows it."""
        entry: Any = super().get_object(request, object_id, from_field)
        hide_people([entry] if entry is not None else [])
        return entry

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """The list that knows what exists."""
        return HistoryList

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[Any, bool]:
        """Exact ids, of the console's models: the kind leads the index on both."""
        term = search_term.strip()
        if not term:
            return queryset, False
        models = self.admin_site._registry  # noqa: SLF001
        kinds = ContentType.objects.get_for_models(*models, for_concrete_models=False)
        ids = [kind.pk for kind in kinds.values()]
        return queryset.filter(content_type_id__in=ids, object_id=term), False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Under our name."""
        title = {"title": _("Operation log")}
        return super().changelist_view(request, {**title, **(extra_context or {})})

    @display(description=_("operator"))
    def operator(self, entry: LogEntry) -> str:
        """The login name."""
        return str(entry.user.get_username())

    @display(description=_("kind"))
    def kind(self, entry: LogEntry) -> str:
        """What it was done to."""
        return capfirst(entry.content_type.name) if entry.content_type else "—"

    @display(description=_("object"))
    def object(self, entry: Any) -> str:
        """A link while there is something to see."""
        url = entry.get_admin_url() if getattr(entry, "exists", False) else None
        return (
            format_html('<a href="{}">{}</a>', url, entry.object_repr) if url else entry.object_repr
        )

    @display(description=_("what was done"))
    def told(self, entry: LogEntry) -> str:
        """From what to what, and why."""
        return str(entry.get_change_message() or entry.get_action_flag_display())

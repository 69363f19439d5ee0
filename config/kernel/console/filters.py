"""Filters into which something is typed: a range of days, one exact value. Neither reads a row.

Both stand in `list_filter` beside the column: `("created_at", DateRangeFilter)`,
`("tenant_id", ExactFilter)`. What cannot be read shows no rows, the reason and what was typed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.contrib.admin import FieldListFilter, SimpleListFilter
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.kernel import days

LONGEST_TEXT = 200


class TypedFilter(FieldListFilter):
    """A form of GET fields that keeps every other parameter of the list.

    The template finds all it shows in the one item of `choices`.
    """

    error = ""

    def typed(self, name: str) -> str:
        """What stands in the parameter, without blanks around it."""
        value = self.used_parameters.get(name, "")
        last = value[-1] if isinstance(value, list) else value
        return str(last).strip()[:LONGEST_TEXT]

    def form(self, changelist: Any, **more: Any) -> list[dict[str, Any]]:
        """The form as the template draws it."""
        own = [name for name in self.expected_parameters() if name is not None]
        kept = [
            (name, value)
            for name, values in changelist.filter_params.items()
            if name not in own
            for value in (values if isinstance(values, list) else [values])
        ]
        used = any(self.typed(name) for name in own)
        clear = changelist.get_query_string(remove=own) if used else ""
        return [{"kept": kept, "error": self.error, "clear": clear, **more}]


class DateRangeFilter(TypedFilter):
    """The inclusive local days `<column>_from` to `<column>_to`, either of which may be open."""

    template = "admin/filters/date_range.html"
    zone: ClassVar[ZoneInfo | None] = None
    SHORTCUTS: ClassVar[tuple[tuple[Any, int], ...]] = (
        (gettext_lazy("Today"), 1),
        (gettext_lazy("Past 7 days"), 7),
        (gettext_lazy("Past 30 days"), 30),
    )

    @property
    def names(self) -> tuple[str, str]:
        """The parameters of the first and of the last day."""
        return f"{self.field_path}_from", f"{self.field_path}_to"

    def expected_parameters(self) -> list[str | None]:
        """The two ends."""
        return list(self.names)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """A half-open range of instants, which the column's index serves."""
        try:
            first, last = map(self._day, self.names)
        except ValueError:
            self.error = _("Write the days as 2026-02-28.")
            return queryset.none()
        if first and last and first > last:
            self.error = _("The first day lies behind the last one.")
            return queryset.none()
        zone = self._zone()
        if first:
            queryset = queryset.filter(**{f"{self.field_path}__gte": days.start_of(first, zone)})
        if last:
            end = days.between(last, last, zone)[1]
            queryset = queryset.filter(**{f"{self.field_path}__lt": end})
        return queryset

    def choices(self, changelist: Any) -> list[dict[str, Any]]:  # type: ignore[override]
        """Two date inputs, and links to the usual ranges."""
        today = days.local_date(timezone.now(), self._zone())
        names, now = self.names, tuple(map(self.typed, self.names))
        shortcuts = []
        for label, length in self.SHORTCUTS:
            ends = (str(today - timedelta(days=length - 1)), str(today))
            to = changelist.get_query_string(dict(zip(names, ends, strict=True)))
            shortcuts.append({"display": label, "query_string": to, "selected": now == ends})
        inputs = [
            {"name": name, "label": label, "value": value}
            for name, label, value in zip(names, (_("from"), _("to")), now, strict=True)
        ]
        return self.form(changelist, shortcuts=shortcuts, ends=inputs)

    def _day(self, name: str) -> date | None:
        text = self.typed(name)
        return days.read_day(text) if text else None

    def _zone(self) -> ZoneInfo:
        return self.zone or ZoneInfo(str(timezone.get_default_timezone()))


class ExactFilter(TypedFilter):
    """The column is exactly what was typed; subclasses may say what a text stands for."""

    template = "admin/filters/exact.html"
    hint: ClassVar[Any] = ""

    def expected_parameters(self) -> list[str | None]:
        """One parameter, named as the column."""
        return [self.field_path]

    def meaning(self, text: str) -> Any:
        """The column's value that `text` stands for; None where there is no such thing."""
        try:
            value = self.field.to_python(text)
            self.field.run_validators(value)  # a number may be beyond its column
        except ValidationError:
            return None
        return value

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Equality, which an index serves."""
        text = self.typed(self.field_path)
        if not text:
            return queryset
        value = self.meaning(text)
        if value is None:
            self.error = _("There is none of this name.")
            return queryset.none()
        return queryset.filter(**{self.field_path: value})

    def choices(self, changelist: Any) -> list[dict[str, Any]]:  # type: ignore[override]
        """One text input."""
        value = self.typed(self.field_path)
        return self.form(changelist, name=self.field_path, value=value, hint=self.hint)


class OneOf(SimpleListFilter):
    """One of a few values; another one shows no rows and says so."""

    error = ""
    parameter_name = ""

    def known(self) -> Iterable[str]:
        """The values offered."""
        return [value for value, _label in self.lookup_choices]

    def narrowed(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        """The rows of a value."""
        return queryset.filter(**{self.parameter_name: value})

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """All rows without a value."""
        value = self.value()
        if value is None:
            return queryset
        if value not in self.known():
            self.error = _("There is no such choice.")
            return queryset.none()
        return self.narrowed(queryset, value)

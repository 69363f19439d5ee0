"""Filters of the callback lists: each is served by an index, alone and with the others."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.queries.attention import failing_long
from accounts.states import EventStatus
from config.kernel.console.filters import OneOf

LIVE, TEST = "live", "test"
PAUSED, LASTING, FAILING = "paused", "lasting", "failing"
# An index serves "later than" where it does not serve "not null".
EVER = datetime(1970, 1, 1, tzinfo=UTC)
CHOICES = "admin/filters/choices.html"


class StatusFilter(OneOf):
    """What became of the event."""

    template = CHOICES
    title = gettext_lazy("status")
    parameter_name = "status__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The five."""
        return [(status.value, status.label) for status in EventStatus]


class ModeFilter(OneOf):
    """Of one tenant, live events unless test ones are asked for; without a tenant, both.

    A tenant's events are indexed by mode: both kinds in one order would have to be sorted, and
    one kind of everybody's looked for.
    """

    title = gettext_lazy("mode")
    parameter_name = "mode"

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.of_one = bool(request.GET.get("tenant", "").strip())
        self.exact = bool(request.GET.get("q", "").strip())
        super().__init__(request, *args, **kwargs)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Live and test."""
        return [(LIVE, _("live")), (TEST, _("test"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Never a tenant's without a mode."""
        asked = self.value()
        value = asked or (LIVE if self.of_one and not self.exact else None)
        if value is None:
            return queryset
        if value not in self.known():
            self.error = _("There is no such choice.")
            return queryset.none()
        if not self.of_one and not self.exact:
            self.error = _("Choose a tenant too.")
            return queryset.none()
        # Not `is_test=False`: that is `NOT is_test` on SQLite, for which it uses no index.
        return queryset.filter(is_test__in=[value == TEST])

    def choices(self, changelist: Any) -> Iterator[Any]:
        """The one in force is marked, whether it was asked for or not."""
        if not self.of_one:
            yield from super().choices(changelist)
            return
        value = self.value() or (None if self.exact else LIVE)
        for choice, label in self.lookup_choices:
            yield {
                "selected": value == choice,
                "query_string": changelist.get_query_string({self.parameter_name: choice}),
                "display": label,
            }


class TroubleFilter(OneOf):
    """Servers that were paused, and those whose calls fail; each by its own index."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Three kinds of trouble."""
        return [
            (PAUSED, _("paused")),
            (LASTING, _("failing for 24 hours, not paused")),
            (FAILING, _("failing")),
        ]

    def narrowed(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        """Few rows."""
        if value == LASTING:
            return queryset.filter(failing_long(timezone.now()))
        name = "paused_at" if value == PAUSED else "failing_since"
        return queryset.filter(**{f"{name}__gt": EVER})

"""The list's filters: each is served by an index, and a value not on offer is called wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.queries import tenant_by_code, tenant_by_id
from config.kernel.console.filters import ExactFilter, OneOf
from config.kernel.errors import Missing
from delivery.states import DeliveryStatus

LIVE, TEST = "live", "test"


class StatusFilter(OneOf):
    """The order's state."""

    title = gettext_lazy("status")
    parameter_name = "status__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The eight words."""
        return [(status.value, status.label) for status in DeliveryStatus]


class TenantFilter(ExactFilter):
    """A tenant by its code, or by its number."""

    hint = gettext_lazy("platform code or number")

    def meaning(self, text: str) -> Any:
        """The tenant's key."""
        finders: list[Callable[[], Any]] = [lambda: tenant_by_code(text)]
        if text.isascii() and text.isdigit() and len(text) < 19:
            finders.append(lambda: tenant_by_id(int(text)))
        for find in finders:
            try:
                return find().id
            except Missing:
                continue
        return None


class ModeFilter(OneOf):
    """Live orders unless test ones are asked for; whoever searches finds either.

    Every index begins with the mode: both kinds in one order would have to be sorted.
    """

    title = gettext_lazy("mode")
    parameter_name = "mode"

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.searching = bool(request.GET.get("q", "").strip())
        super().__init__(request, *args, **kwargs)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """One of both."""
        return [(LIVE, _("live")), (TEST, _("test"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Never without a mode, but where exact numbers are searched for."""
        value = self.value()
        if value is None and self.searching:
            return queryset
        if value not in {None, *self.known()}:
            self.error = _("There is no such choice.")
            return queryset.none()
        # Not `is_test=False`: that is `NOT is_test` on SQLite, for which it uses no index.
        return queryset.filter(is_test__in=[value == TEST])

    def choices(self, changelist: Any) -> Iterator[Any]:
        """The one in force is marked, whether it was asked for or not."""
        value = self.value() or ("" if self.searching else LIVE)
        for choice, label in self.lookup_choices:
            yield {
                "selected": value == choice,
                "query_string": changelist.get_query_string({self.parameter_name: choice}),
                "display": label,
            }

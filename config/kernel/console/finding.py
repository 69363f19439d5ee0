"""A list of a big table: rows are found by exact numbers and phones, each by its own index."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from config.kernel.encryption import lookup_hash
from config.kernel.phones import is_phone, search_form


class ExactFinding(admin.ModelAdmin[Model]):
    """A ModelAdmin searched by `number_columns`, in that order, and by `phone_hash_column`.

    Its list reads what `read_along` names in one query each, and no `list_deferred` column.
    """

    number_columns: ClassVar[tuple[str, ...]] = ()
    phone_hash_column: ClassVar[str] = ""
    read_along: ClassVar[tuple[str, ...]] = ()
    list_deferred: ClassVar[tuple[str, ...]] = ()

    def get_queryset(self, request: HttpRequest) -> Any:
        """Long columns only where they are shown."""
        rows = super().get_queryset(request).prefetch_related(*self.read_along)
        match = request.resolver_match
        listing = match is not None and (match.url_name or "").endswith("changelist")
        return rows.defer(*self.list_deferred) if listing else rows

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[Any, bool]:
        """Exact numbers only; a phone by its keyed hash."""
        term = search_term.strip()
        if not term:
            return queryset, False
        if is_phone(term):
            hashed = queryset.filter(**{self.phone_hash_column: lookup_hash(search_form(term))})
            if hashed.exists():
                return hashed, False
        for column in self.number_columns:
            found = queryset.filter(**{column: term})
            if found.exists():
                return found, False
        return queryset.none(), False

"""What the console's pages share: ledgers nobody can change, counts that are capped."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Model
from django.http import HttpRequest
from django.utils.functional import cached_property

COUNT_CAP = 10_000


class CappedPaginator(Paginator[Any]):
    """Counts at most ten thousand rows: COUNT(*) over a big table is never run for a page."""

    @cached_property
    def count(self) -> int:
        """The capped number of rows."""
        rows: Any = self.object_list
        return int(rows.order_by()[:COUNT_CAP].count())


class BigTableAdmin(admin.ModelAdmin[Model]):
    """A list that costs the same at a million rows: no full count, no join, newest first."""

    paginator = CappedPaginator
    show_full_result_count = False
    list_select_related = ()
    list_per_page = 50
    ordering = ("-id",)


class ReadOnlyAdmin(BigTableAdmin):
    """Ledgers, logs and statements: seen by those who may, changed and deleted by nobody."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never."""
        return False

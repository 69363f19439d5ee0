"""Lists that stay fast, ledgers that nobody changes, histories that say from what to what."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import BadRequest, ValidationError
from django.core.paginator import Paginator
from django.db.models import Field, Model
from django.http import HttpRequest
from django.utils.functional import cached_property

from config.kernel.api.pagination import COUNT_CAP, capped_count
from config.kernel.audit import changed_text

# What a list may be asked about a column, besides being equal.
COMPARISONS = frozenset({"exact", "in", "isnull", "gt", "gte", "lt", "lte"})


class CappedPaginator(Paginator[Any]):
    """Counts at most ten thousand rows: COUNT(*) over a big table is never run for a page."""

    @cached_property
    def count(self) -> int:
        """The capped number of rows."""
        rows: Any = self.object_list
        return min(capped_count(rows.order_by()), COUNT_CAP)


class AuditedAdmin(admin.ModelAdmin[Model]):
    """The stock history says from what to what, not only which fields.

    Its list answers only questions that an index may serve, whatever is typed into the address.
    """

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """No search by pattern, nor by a range of one end: the stock list fails on some of them."""
        last = lookup.rpartition("__")[2] if "__" in lookup else ""
        if last in Field.class_lookups.keys() - COMPARISONS:
            return False
        return super().lookup_allowed(lookup, value, request)  # type: ignore[arg-type]

    def response_action(self, request: HttpRequest, *given: Any, **more: Any) -> Any:
        """As stock, of keys that are such."""
        try:
            for key in request.POST.getlist(ACTION_CHECKBOX_NAME):
                self.opts.pk.to_python(key)
        except ValidationError as error:
            raise BadRequest("a selected row's key is none") from error
        return super().response_action(request, *given, **more)

    def construct_change_message(
        self,
        request: HttpRequest,
        form: Any,
        formsets: Any,
        add: bool = False,  # noqa: FBT001, FBT002 - Django's signature
    ) -> Any:
        """Compare the form with what it was opened on; masked, secrets only named."""
        changes = {
            name: (None if add else _before(form, name), _plain(form.cleaned_data.get(name)))
            for name in form.changed_data
            if name in form.fields
        }
        return changed_text(form.instance, changes=changes)


def _before(form: Any, name: str) -> Any:
    """What the field held: a choice of rows is opened on their keys."""
    value = form.initial.get(name)
    rows = getattr(form.fields[name], "queryset", None)
    if rows is None or value is None or isinstance(value, list):
        return _plain(value)
    return _plain(rows.filter(pk=value).first())


def _plain(value: Any) -> Any:
    """A related row by its name, a set of rows by theirs."""
    if isinstance(value, Model):
        return str(value)
    if hasattr(value, "all") or isinstance(value, list | tuple | set):
        rows = value.all() if hasattr(value, "all") else value
        return "、".join(sorted(str(row) for row in rows))
    return value


class BigTableAdmin(AuditedAdmin):
    """A list that costs the same at a million rows: no full count, no join, newest first."""

    paginator = CappedPaginator
    show_full_result_count = False
    list_select_related = ()
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER  # they count the whole table
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

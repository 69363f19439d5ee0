"""A list understands the parameters it names and no other: what makes no sense is said.

The stock list would take any column's look-up: a search through what is masked, and one that no
index serves.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import Model
from django.http import HttpRequest, HttpResponseRedirect, QueryDict
from django.utils.translation import gettext as _


class KnownParameters(admin.ModelAdmin[Model]):
    """A ModelAdmin whose list takes `parameters` alone."""

    parameters: ClassVar[frozenset[str]] = frozenset()

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Say what in the address makes no sense, and go on without it."""
        strange = self.unknown_parameters(request)
        if strange:
            text = _("The list has no filter “%(names)s”.")
            self.message_user(request, text % {"names": "、".join(strange)[:100]}, messages.ERROR)
            return HttpResponseRedirect(_without(request, strange))
        return super().changelist_view(request, extra_context)

    def unknown_parameters(self, request: HttpRequest) -> list[str]:
        """What the address asks for that the list has not."""
        return [name for name in request.GET if name not in self.parameters]

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """A page that is not there is the first one; what a filter cannot read is said above."""
        try:
            listing = super().get_changelist_instance(request)
        except IncorrectLookupParameters:
            self.message_user(request, _("There is no such page."), messages.ERROR)
            request.GET = QueryDict(_without(request, ["p"]).partition("?")[2])
            listing = super().get_changelist_instance(request)
        for spec in listing.filter_specs:
            if error := getattr(spec, "error", ""):
                self.message_user(request, f"{spec.title}：{error}", messages.WARNING)
        return listing


def _without(request: HttpRequest, names: list[str]) -> str:
    query = request.GET.copy()
    for name in names:
        query.pop(name, None)
    return f"{request.path}?{query.urlencode()}"

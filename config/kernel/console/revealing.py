"""Names, phones and addresses in full: on the one answer to a request, and that is recorded."""

from __future__ import annotations

from copy import copy
from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

from config.kernel import audit


class RevealingAdmin(admin.ModelAdmin[Model]):
    """A ModelAdmin whose page is shown unmasked once to who has `reveal_permission`.

    The page is that of `StoryAdmin`; `revealed_what` is what the history says of it, in Chinese.
    """

    reveal_permission: ClassVar[str]
    revealed_what: ClassVar[str]

    def get_urls(self) -> list[Any]:
        """Before the stock ones, whose last takes anything."""
        return [self.posted_url("reveal", self.reveal_view), *super().get_urls()]

    def posted_url(self, name: str, view: Any) -> Any:
        """The address of something that is asked of a row by a form, and by no link."""
        page = self.admin_site.admin_view(require_POST(view))
        base = f"{self.opts.app_label}_{self.opts.model_name}"
        return path(f"<path:object_id>/{name}/", page, name=f"{base}_{name}")

    def reveal_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """On record before it is shown; no browser keeps the answer."""
        row = self.revealable(request, object_id)
        audit.record(user=request.user, row=row, what=self.revealed_what)
        shown = copy(request)
        shown.method = "GET"
        # The admin's views are never cached (`no-store`): a reload asks, and records, again.
        return self.change_view(shown, object_id, extra_context={"revealed": True})

    def revealable(self, request: HttpRequest, object_id: str) -> Any:
        """The row, of whom may see it whole."""
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        user: Any = request.user
        if not (user.has_perm(self.reveal_permission) and self.has_view_permission(request, row)):
            raise PermissionDenied
        return row

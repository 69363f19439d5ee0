"""A form whose service refuses at the last moment says why instead of breaking."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponseRedirect

from config.kernel.errors import Refusal
from config.kernel.work.claims import again_if_deadlocked


class ToldRefusals(admin.ModelAdmin[Model]):
    """What the form could not foresee (somebody else was faster) is told on the page."""

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        """While a form is saved its row is nobody else's: the form is compared with what it is."""
        row = super().get_object(request, object_id, from_field)
        connection = transaction.get_connection()
        if row is None or request.method != "POST" or not connection.in_atomic_block:
            return row
        if not self.model._default_manager.select_for_update().filter(pk=row.pk).exists():  # noqa: SLF001
            return None
        return super().get_object(request, object_id, from_field)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """As ever; nothing of a refused form was saved, and a deadlock's victim tries again."""
        show = super().changeform_view
        try:
            return again_if_deadlocked(lambda: show(request, object_id, form_url, extra_context))
        except Refusal as exc:
            details = "；".join(text for texts in exc.fields.values() for text in texts)
            self.message_user(request, f"{exc.text}{details}", messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

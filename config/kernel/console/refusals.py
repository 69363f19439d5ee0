"""A form whose service refuses at the last moment says why instead of breaking."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponseRedirect

from config.kernel.errors import Refusal


class ToldRefusals(admin.ModelAdmin[Model]):
    """What the form could not foresee (somebody else was faster) is told on the page."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """As ever; nothing of a refused form was saved."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except Refusal as exc:
            details = "；".join(text for texts in exc.fields.values() for text in texts)
            self.message_user(request, f"{exc.text}{details}", messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

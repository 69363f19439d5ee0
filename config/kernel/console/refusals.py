"""A form whose service refuses at the last moment says why instead of breaking."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponseRedirect

from config.kernel.errors import Malformed, Refusal
from config.kernel.work.claims import again_if_deadlocked


class _Refused(forms.BaseModelForm[Any]):
    """A form as it was typed, with what its service said of it."""

    refusal: Refusal

    def clean(self) -> dict[str, Any]:
        """Each text beside its field; above the form where it has no such field."""
        cleaned = super().clean() or {}
        # That the input is wrong the page says itself; other refusals have words of their own.
        if type(self.refusal) is not Malformed:
            self.add_error(None, self.refusal.text)
        for name, texts in self.refusal.fields.items():
            # Services speak of keys (`tenant_id`), forms of the rows behind them (`tenant`).
            names = (name, name.removesuffix("_id"))
            field = next((known for known in names if known in self.fields), None)
            for text in texts:
                self.add_error(field, text)
        return cleaned


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

    def get_form(
        self,
        request: HttpRequest,
        obj: Any = None,
        change: bool = False,  # noqa: FBT001, FBT002 - Django's signature
        **kwargs: Any,
    ) -> Any:
        """After a refusal, the form that tells it."""
        form = super().get_form(request, obj, change=change, **kwargs)
        refusal = getattr(request, "refusal", None)
        if refusal is None:
            return form
        return type(form.__name__, (_Refused, form), {"refusal": refusal})

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """As ever; nothing of a refused form was saved, and a deadlock's victim tries again.

        A refusal that names fields shows the form once more, with what was typed.
        """
        show = super().changeform_view

        def once() -> Any:
            return show(request, object_id, form_url, extra_context)

        try:
            return again_if_deadlocked(once)
        except Refusal as exc:
            if exc.fields:
                told: Any = request
                told.refusal = exc
                return again_if_deadlocked(once)
            self.message_user(request, exc.text, messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

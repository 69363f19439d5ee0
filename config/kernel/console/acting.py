"""Acting on rows: asked once more with a reason, each row for itself, told what could not be done.

An action is one function over one row; the same one serves the row's own page and a selection in
the list. A refusal of one row costs no other. Each row acted on leaves an entry in its history.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar, TypeVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import translation
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config.kernel import audit
from config.kernel.console.coming_back import came_from
from config.kernel.errors import Refusal
from config.kernel.work.claims import again_if_deadlocked

MOST_ROWS = 1_000
MOST_TOLD = 20
MOST_SHOWN = 20
Result = TypeVar("Result")


class PlainForm(forms.Form):
    """Asks only whether it is meant."""


class ReasonForm(forms.Form):
    """Asks why; subclasses may ask for more."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=audit.LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 60}),
        help_text=gettext_lazy("Kept in the history, with your name."),
    )


@dataclass(frozen=True, slots=True)
class ReasonedAction:
    """One thing an operator may do to a row.

    `run(row, form values, user)` does it, in one transaction with its entry in the history unless
    it `asks_outside`, raises a `Refusal` for what cannot be done and may return a sentence on what
    came of it. `applies(row)` says on whose page the button is shown; a selection is tried row by
    row. `opened_on(row)` are the form's first values on a row's page. `permission` is a codename's
    verb of the model (`change`) or a whole codename. `danger` draws the button in red.
    """

    name: str
    label: Any
    run: Callable[[Any, dict[str, Any], Any], str | None]
    permission: str = "change"
    form: type[forms.Form] = ReasonForm
    applies: Callable[[Any], bool] = field(default=lambda _row: True)
    opened_on: Callable[[Any], dict[str, Any]] = field(default=lambda _row: {})
    asks_outside: bool = False
    note: Any = ""
    danger: bool = False
    in_bulk: bool = True
    on_page: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a selection."""

    done: list[str]
    refused: list[tuple[str, str]]


def act_on(
    action: ReasonedAction, rows: Sequence[Model], values: dict[str, Any], user: Any
) -> Outcome:
    """Try every row; returns what was done and what was refused, and why."""
    outcome = Outcome([], [])
    for row in rows:
        act = partial(_act, action, row, values, user)
        try:
            told = act() if action.asks_outside else both_or_neither(act)
        except Refusal as exc:
            details = "；".join(text for texts in exc.fields.values() for text in texts)
            outcome.refused.append((str(row), f"{exc.text}{details}"))
        else:
            outcome.done.append(f"{row}：{told}" if told else str(row))
    return outcome


def both_or_neither(act: Callable[[], Result]) -> Result:
    """Run what changes something and says so in the history as one transaction."""

    def once() -> Result:
        with transaction.atomic():
            return act()

    return again_if_deadlocked(once)


def _act(action: ReasonedAction, row: Model, values: dict[str, Any], user: Any) -> str | None:
    told = action.run(row, values, user)
    with translation.override(audit.LANGUAGE):
        what = str(told or action.label)
    audit.record(user=user, row=row, what=what, why=values.get("reason", ""))
    return told


class ActingAdmin(admin.ModelAdmin[Model]):
    """A ModelAdmin whose `reasoned` actions stand in its list and on each row's page.

    The change page finds the buttons as `row_actions` in its context (`admin/row_actions.html`).
    """

    reasoned: ClassVar[tuple[ReasonedAction, ...]] = ()
    change_form_template = "admin/acting_change_form.html"

    def may(self, request: HttpRequest, action: ReasonedAction) -> bool:
        """Whether this operator may."""
        verb, meta = action.permission, self.opts
        codename = verb if "_" in verb else f"{verb}_{meta.model_name}"
        user: Any = request.user
        return bool(user.has_perm(f"{meta.app_label}.{codename}"))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """The stock ones and ours."""
        found = dict(super().get_actions(request))
        for action in self.reasoned:
            if action.in_bulk and self.may(request, action):
                run = partial(self._in_bulk, action)
                found[action.name] = (lambda _a, req, rows, run=run: run(req, rows), action.name,
                                      action.label)  # fmt: skip
        return found

    def _in_bulk(
        self, action: ReasonedAction, request: HttpRequest, rows: QuerySet[Model]
    ) -> HttpResponse | None:
        if "apply" in request.POST:
            # As they were chosen: one that the list's filter shows no more is told of, not dropped.
            keys = request.POST.getlist(ACTION_CHECKBOX_NAME)
            rows = self.get_queryset(request).filter(pk__in=keys)
        picked = list(rows[: MOST_ROWS + 1])
        if len(picked) > MOST_ROWS:
            text = _("At most %(most)d rows at once; narrow the list down.")
            self.message_user(request, text % {"most": MOST_ROWS}, messages.ERROR)
            return None
        back = request.get_full_path()
        return self._asked(request, action, picked, back, confirmed="apply" in request.POST)

    def get_urls(self) -> list[Any]:
        """One page per action and row, before the stock ones, whose last takes anything."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_act"
        page = self.admin_site.admin_view(self.act_view)
        return [path("<path:object_id>/act/<slug:action>/", page, name=name), *super().get_urls()]

    def act_view(self, request: HttpRequest, object_id: str, action: str) -> HttpResponse:
        """Ask once more; then do it."""
        wanted = next((a for a in self.reasoned if a.name == action and a.on_page), None)
        if wanted is None:
            raise Http404
        if not self.may(request, wanted):
            raise PermissionDenied
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        back = came_from(request) or self._page_of(row)
        answer = self._asked(request, wanted, [row], back, confirmed=request.method == "POST")
        return answer if answer is not None else HttpResponseRedirect(back)

    def _page_of(self, row: Model) -> str:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return reverse(name, args=[row.pk], current_app=self.admin_site.name)

    def _asked(
        self,
        request: HttpRequest,
        action: ReasonedAction,
        rows: list[Model],
        back: str,
        *,
        confirmed: bool,
    ) -> HttpResponse | None:
        first = action.opened_on(rows[0]) if len(rows) == 1 else {}
        form = action.form(request.POST if confirmed else None, initial=first)
        if confirmed and form.is_valid():
            outcome = act_on(action, rows, form.cleaned_data, request.user)
            # Elsewhere than on the row's own page, the message leads there.
            page = self._page_of(rows[0]) if came_from(request) else ""
            self._tell(request, action, outcome, page)
            return HttpResponseRedirect(back)
        context = {
            **self.admin_site.each_context(request),
            "title": capfirst(str(action.label)),
            "opts": self.opts,
            "action": action,
            "rows": rows[:MOST_SHOWN],
            "more": max(0, len(rows) - MOST_SHOWN),
            "selected": rows if request.POST.get("action") else [],
            "form": form,
            "back": back,
            "media": self.media + form.media,
        }
        return TemplateResponse(request, "admin/reasoned_action.html", context)

    def _tell(
        self, request: HttpRequest, action: ReasonedAction, outcome: Outcome, page: str
    ) -> None:
        done, refused = outcome.done, outcome.refused
        if len(done) == 1 and page:
            link = format_html('{}：<a href="{}">{}</a>', action.label, page, done[0])
            self.message_user(request, link, messages.SUCCESS)
        elif len(done) == 1:
            self.message_user(request, f"{action.label}：{done[0]}", messages.SUCCESS)
        elif done:
            text = ngettext("%(count)d done", "%(count)d done", len(done)) % {"count": len(done)}
            self.message_user(request, f"{action.label}：{text}", messages.SUCCESS)
        for name, why in refused[:MOST_TOLD]:
            self.message_user(request, f"{name}：{why}", messages.ERROR)
        if len(refused) > MOST_TOLD:
            text = _("%(count)d more could not be done.") % {"count": len(refused) - MOST_TOLD}
            self.message_user(request, text, messages.ERROR)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Show the buttons of what this operator may do to this row now."""
        extra = dict(extra_context or {})
        row = self.get_object(request, object_id) if object_id and self.reasoned else None
        if row is not None:
            name = f"admin:{self.opts.app_label}_{self.opts.model_name}_act"
            extra["row_actions"] = [
                {
                    "url": reverse(name, args=[row.pk, action.name]),
                    "label": action.label,
                    "danger": action.danger,
                }
                for action in self.reasoned
                if action.on_page and self.may(request, action) and action.applies(row)
            ]
        return super().changeform_view(request, object_id, form_url, extra)

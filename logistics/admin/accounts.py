"""菜鸟账号: one live, at most one test account; secrets are write-only, the wire is tried here."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone, translation
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.kernel import audit
from config.kernel.console import ActingAdmin, AuditedAdmin, PlainForm, ReasonedAction
from config.kernel.console.fresh import FreshForm
from config.kernel.console.refusals import ToldRefusals
from logistics.admin.pretty import pretty
from logistics.carriers.cainiao.fields import without_literals
from logistics.carriers.cainiao.overrides import BadAccount
from logistics.carriers.cainiao.profile import ENDPOINT
from logistics.errors import AccountTestFailed, AlreadySo
from logistics.models import CainiaoAccount
from logistics.services.account_settings import (
    SECRETS,
    SETTINGS,
    save_account,
    set_account_status,
    test_account,
)
from logistics.services.accounts import check_endpoint, profile_of
from logistics.states import SwitchStatus

OVERRIDES = (
    "message_names", "question_fields", "answer_fields", "status_map", "retry_codes",
    "not_found_codes",
)  # fmt: skip


class AccountForm(FreshForm):
    """Secrets are write-only: an empty field keeps what is stored."""

    app_secret = forms.CharField(label="AppSecret", required=False, max_length=500)
    callback_secret = forms.CharField(label=_("callback secret"), required=False, max_length=200)

    class Meta:
        model = CainiaoAccount
        fields = ("mode", *(name for name in SETTINGS if name != "status"))
        error_messages = {
            "mode": {"unique": _("There is an account of this mode already; change that one.")}
        }
        help_texts = {
            "mode": _("One live account, and at most one for test orders."),
            "endpoint_url": _("Known gateways of Cainiao, or the sandbox's."),
            "provider_id": _("Empty: the AppKey."),
            "callback_url": _("What was entered with Cainiao; kept here for reference."),
            "message_names": _('Call → name on the wire: {"query": "…"}, or {"name", "to_code"}.'),
            "question_fields": _(
                'Call → {path on the wire: source}: {"query": {"no": "order_no"}}.'
            ),
            "answer_fields": _('Call → {our name: path}: {"query": {"code": "state"}}.'),
            "status_map": _('Their code → our state, null: the timeline only: {"1000": "signed"}.'),
            "retry_codes": _('Refusals that are tried again later: ["B98"].'),
            "not_found_codes": _('Refusals that mean "no such number"; empty: ORDER_NOT_FOUND.'),
        }
        widgets = {name: forms.Textarea(attrs={"rows": 4, "spellcheck": "false"})
                   for name in OVERRIDES}  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values() if self.instance.pk is None else ():
            # Django carries along what a callable default gave; nobody can outrun a new row.
            field.show_hidden_initial = False
        for name in SECRETS:
            if name not in self.fields:
                continue
            field = self.fields[name]
            field.widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
            # What is stored stays here: neither shown nor carried along to be compared.
            self.initial.pop(name, None)
            field.show_hidden_initial = False
            unset = "" if name == "app_secret" else gettext("Empty: the AppSecret.")
            kept = gettext("Is set; leave it empty to keep it.")
            # The bound field has been made by now, with the help of before.
            self[name].help_text = kept if getattr(self.instance, name) else unset

    def clean(self) -> dict[str, Any]:
        """Keep secrets that were not given."""
        cleaned = super().clean()
        for name in SECRETS:
            cleaned[name] = cleaned.get(name) or getattr(self.instance, name)
        if not cleaned["app_secret"]:
            self.add_error("app_secret", gettext("Enter the AppSecret."))
        return cleaned

    def _post_clean(self) -> None:
        """Refuse columns no account could be made of, at the field that says so."""
        super()._post_clean()  # type: ignore[misc]
        if self.errors:
            return
        try:
            check_endpoint(self.instance.endpoint_url or ENDPOINT)
        except ValueError as exc:
            self.add_error("endpoint_url", str(exc))
            return
        try:
            profile_of(self.instance)
        except BadAccount as exc:
            column, _colon, part = exc.column.partition(":")
            text = f"{part.strip()}: {exc.problem}" if part else exc.problem
            self.add_error(column if column in self.fields else None, text)


def _test(account: Any, _values: dict[str, Any], user: Any) -> str:
    start = time.monotonic()
    tried = test_account(account_id=account.pk, at=timezone.now())
    ms = round((time.monotonic() - start) * 1000)
    with translation.override(audit.LANGUAGE):
        if tried.test_passed:
            return gettext("connection tested: passed in %(ms)d ms") % {"ms": ms}
        what = gettext("connection tested: failed after %(ms)d ms") % {"ms": ms}
    audit.record(user=user, row=account, what=f"{what}：{tried.test_error}")
    raise AccountTestFailed(ms=ms, error=tried.test_error)


def _switch(to: SwitchStatus) -> Callable[[Any, dict[str, Any], Any], str]:
    def run(account: Any, _values: dict[str, Any], _user: Any) -> str:
        if account.status == to:
            raise AlreadySo(state=to.label)
        set_account_status(account_id=account.pk, status=to, at=timezone.now())
        return audit.changed_text(account, changes={"status": (account.status, to)})

    return run


ACTIONS = (
    ReasonedAction(
        name="test", label=_("test the connection"), run=_test, form=PlainForm,
        asks_outside=True,
        permission="add_expressorder",  # whoever books may try the account, as by API
        note=_("Asks Cainiao's address library one question with these keys; no order is touched."),
    ),
    ReasonedAction(
        name="enable", label=_("enable"), run=_switch(SwitchStatus.ENABLED), in_bulk=False,
        applies=lambda account: account.status != SwitchStatus.ENABLED,
    ),
    ReasonedAction(
        name="disable", label=_("disable"), run=_switch(SwitchStatus.DISABLED), in_bulk=False,
        applies=lambda account: account.status == SwitchStatus.ENABLED, danger=True,
        note=_("Its orders wait and its callbacks are not believed until it is enabled again."),
    ),
)  # fmt: skip


@admin.register(CainiaoAccount)
class AccountAdmin(ToldRefusals, ActingAdmin, AuditedAdmin):
    """菜鸟账号."""

    form = AccountForm
    reasoned = ACTIONS
    list_display = (
        "app_key", "mode", "status", "connection", "last_test_at", "sign_method", "endpoint_url",
    )  # fmt: skip
    show_facets = admin.ShowFacets.NEVER
    list_filter: ClassVar[Any] = ("mode", "status", "test_passed")
    fieldsets = (
        (None, {"fields": (
            "mode", "status", "app_key", "app_secret", "secrets", "sign_method", "endpoint_url",
            "provider_id",
        )}),
        (_("connection test"), {"fields": (("connection", "last_test_at"), "test_error")}),
        (_("callbacks"), {"fields": ("callback_url", "callback_secret")}),
        (_("the wire of this account"), {
            "classes": ("collapse",),
            "description": _("Only what differs from the defaults; null takes a key away."),
            "fields": ("waybill_at_order", *OVERRIDES, "in_effect"),
        }),
    )  # fmt: skip
    shown_only = (
        "status", "secrets", "connection", "last_test_at", "test_error", "in_effect",
    )  # fmt: skip

    class Media:
        css: ClassVar[Any] = {"all": ("console/charts.css", "console/details.css")}

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """An account keeps its mode; it is switched by its buttons."""
        return (*self.shown_only, "mode") if obj is not None else self.shown_only

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who may only look sees that secrets are set, never what they are."""
        hidden: set[str] = {"secrets"}
        if obj is None:
            hidden |= set(self.shown_only)
        elif not self.has_change_permission(request, obj):
            hidden = {*SECRETS, *CainiaoAccount.may_hold_tokens}
        kept = (
            (title, {**options, "fields": [n for n in options["fields"] if n not in hidden]})
            for title, options in super().get_fieldsets(request, obj)
        )
        return [(title, options) for title, options in kept if options["fields"]]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Orders refer to their account for ever: it is disabled instead."""
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001
        """By the service, with what was changed and nothing else."""
        values = form.changes() if change else form.cleaned_data
        saved = save_account(mode=obj.mode, values=values, by=request.user.pk, only_new=not change)
        obj.pk, obj._state.adding = saved.pk, False
        obj.refresh_from_db()

    @admin.display(description=_("connection"))
    def connection(self, account: CainiaoAccount) -> SafeString:
        """Passed, failed, or never tried."""
        text, tone = gettext("not tested"), "quiet"
        if account.test_passed:
            text, tone = gettext("passed"), "good"
        elif account.last_test_at:
            text, tone = gettext("failed"), "bad"
        return format_html('<span class="outcome tone-{}">{}</span>', tone, text)

    @admin.display(description=_("secrets"))
    def secrets(self, account: CainiaoAccount) -> str:
        """Which are set."""
        names = {"app_secret": "AppSecret", "callback_secret": gettext("callback secret")}
        words = {True: gettext("is set"), False: gettext("is not set")}
        return "；".join(
            f"{label}：{words[bool(getattr(account, name))]}" for name, label in names.items()
        )

    @admin.display(description=_("in effect"))
    def in_effect(self, account: CainiaoAccount) -> SafeString | str:
        """What calls are named and codes mean, the defaults included."""
        stored = CainiaoAccount.objects.get(pk=account.pk)  # not what a refused form said
        try:
            profile = profile_of(stored)
        except ValueError as exc:
            return str(exc)
        return pretty(
            {
                "message_names": {kind: each.name for kind, each in profile.messages.items()},
                "question_fields": without_literals(profile.questions),
                "answer_fields": {kind: dict(each) for kind, each in profile.answers.items()},
                "status_map": dict(profile.status_map),
                "retry_codes": sorted(profile.retry_codes),
                "not_found_codes": sorted(profile.not_found_codes),
            }
        )

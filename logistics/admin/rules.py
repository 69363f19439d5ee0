"""快递规则: one default at a time, kept so by the database; the sender as labels will show it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils import timezone, translation
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.kernel import audit
from config.kernel.console import ActingAdmin, AuditedAdmin, ReasonedAction
from config.kernel.console.fresh import FreshForm
from config.kernel.console.refusals import ToldRefusals
from config.kernel.masking import mask_address, mask_name, mask_phone
from config.kernel.phones import is_phone
from logistics.admin.senders import sender_hints, sender_preview
from logistics.errors import AlreadySo
from logistics.models import ExpressRule
from logistics.services.rule_settings import (
    SETTINGS,
    make_default,
    remove_rule,
    save_rule,
    set_rule_status,
)
from logistics.states import SwitchStatus

SENDER = tuple(name for name in SETTINGS if name.startswith("sender_"))
SWITCHED = ("is_default", "status")


class RuleForm(FreshForm):
    """What a rule supplies; its switches are buttons."""

    class Meta:
        model = ExpressRule
        fields = tuple(name for name in SETTINGS if name != "status")
        help_texts = {
            "cp_code": _("Orders that name this carrier take this rule, the others the default."),
            "sender_phone": _("A mobile, a landline with its area code, or a service line."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "is_default" in self.fields:
            text = gettext("Takes the mark from whichever rule has it now.")
            self["is_default"].help_text = text

    def clean_cp_code(self) -> str:
        """A code is compared with what orders say, character by character."""
        code: str = self.cleaned_data["cp_code"]
        if any(character.isspace() for character in code):
            raise forms.ValidationError(gettext("A code has no blanks."))
        return code

    def clean_sender_phone(self) -> str | None:
        """A courier must be able to ring it."""
        phone: str | None = self.cleaned_data["sender_phone"]
        if phone and not is_phone(phone):
            raise forms.ValidationError(gettext("This is no phone number."))
        return phone


def _default(rule: Any, _values: dict[str, Any], user: Any) -> str:
    if rule.is_default:
        raise AlreadySo(state=gettext("default"))
    before = _default_now()
    make_default(rule_id=rule.pk)
    _tell_the_old_one(before, user)
    return audit.changed_text(rule, changes={"is_default": (False, True)})


def _default_now() -> ExpressRule | None:
    return ExpressRule.objects.filter(is_default=True).first()


def _tell_the_old_one(before: ExpressRule | None, user: Any) -> None:
    """A mark that was taken away stands in the history of who had it."""
    if before is not None:
        audit.record(user=user, row=before, changes={"is_default": (True, False)})


def _switch(to: SwitchStatus) -> Callable[[Any, dict[str, Any], Any], str]:
    def run(rule: Any, _values: dict[str, Any], _user: Any) -> str:
        if rule.status == to:
            raise AlreadySo(state=to.label)
        set_rule_status(rule_id=rule.pk, status=to)
        return audit.changed_text(rule, changes={"status": (rule.status, to)})

    return run


def _remove(rule: Any, _values: dict[str, Any], _user: Any) -> str:
    gone = remove_rule(rule_id=rule.pk, at=timezone.now())
    with translation.override(audit.LANGUAGE):
        return gettext("removed") if gone else gettext("hidden: orders may refer to it")


ACTIONS = (
    ReasonedAction(
        name="make_default", label=_("make default"), run=_default, in_bulk=False,
        applies=lambda rule: not rule.is_default and rule.status == SwitchStatus.ENABLED,
        note=_("Supplies what orders and their carrier's own rule leave open, from now on."),
    ),
    ReasonedAction(
        name="enable", label=_("enable"), run=_switch(SwitchStatus.ENABLED),
        applies=lambda rule: rule.status != SwitchStatus.ENABLED,
    ),
    ReasonedAction(
        name="disable", label=_("disable"), run=_switch(SwitchStatus.DISABLED), danger=True,
        applies=lambda rule: rule.status == SwitchStatus.ENABLED,
        note=_("It supplies nothing until it is enabled again, the default one included."),
    ),
    ReasonedAction(
        name="remove", label=_("remove"), run=_remove, permission="delete", danger=True,
        applies=lambda rule: not rule.is_default,
        note=_("Deleted where surely no order used it, else hidden; orders keep what it supplied."),
    ),
)  # fmt: skip


@admin.register(ExpressRule)
class RuleAdmin(ToldRefusals, ActingAdmin, AuditedAdmin):
    """快递规则."""

    form = RuleForm
    reasoned = ACTIONS
    list_display = (
        "rule_name", "cp_code", "cp_name", "sender_brief", "is_default", "status", "updated_at",
    )  # fmt: skip
    show_facets = admin.ShowFacets.NEVER
    list_filter: ClassVar[Any] = ("status",)
    search_fields = ("=rule_name", "=cp_code")
    ordering = ("-is_default", "id")
    fieldsets = (
        (None, {"fields": ("rule_name", ("cp_code", "cp_name"), "is_default", "status")}),
        (_("sender"), {"fields": (
            ("sender_name", "sender_phone"),
            ("sender_province", "sender_city"), ("sender_district", "sender_town"),
            "sender_address",
        )}),
        (_("service and payment"), {"fields": (("service_type", "pay_method"),)}),
        (_("preview"), {"classes": ("sole",), "fields": ("preview",)}),
    )  # fmt: skip

    class Media:
        css: ClassVar[Any] = {"all": ("console/details.css",)}

    def get_queryset(self, request: HttpRequest) -> Any:
        """Removed rules are hidden."""
        return super().get_queryset(request).filter(hidden_at=None)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A rule that exists is switched by its buttons."""
        return ("status",) if obj is None else (*SWITCHED, "preview", "sender_brief")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """A new rule has nothing to preview; who sees no names sees them masked."""
        general, sender, service, preview = super().get_fieldsets(request, obj)
        if obj is None:
            rest = [name for name in general[1]["fields"] if name != "status"]
            return [(general[0], {"fields": rest}), sender, service]
        if self.has_change_permission(request, obj) or self._reveals(request):
            return [general, sender, service, preview]
        return [general, (sender[0], {"fields": ("sender_brief",)}), service]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rules are removed by their button: used ones are hidden, not deleted."""
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001
        """By the service, with what was changed and nothing else."""
        values = form.changes() if change else form.cleaned_data
        before = _default_now() if values.get("is_default") else None
        saved = save_rule(rule_id=obj.pk if change else None, values=values)
        _tell_the_old_one(before, request.user)
        obj.pk, obj._state.adding = saved.pk, False
        obj.refresh_from_db()
        for hint in sender_hints(obj):
            self.message_user(request, hint, messages.WARNING)

    @admin.display(description=_("sender"))
    def sender_brief(self, rule: ExpressRule) -> str:
        """Masked."""
        levels = (rule.sender_province, rule.sender_city, rule.sender_district)
        return " ".join(
            filter(
                None,
                (
                    mask_name(rule.sender_name or ""),
                    mask_phone(rule.sender_phone or ""),
                    "".join(dict.fromkeys(filter(None, levels))),
                    mask_address(rule.sender_address or ""),
                ),
            )
        )

    @admin.display(description=_("preview"))
    def preview(self, rule: ExpressRule) -> SafeString:
        """The sender on the label and on the wire, as it was saved."""
        return sender_preview(rule)

    def _reveals(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("logistics.reveal_expressorder"))

"""Tenants and operators as they are typed in; what cannot be used is named by field."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.contrib.auth.forms import AdminPasswordChangeForm, AdminUserCreationForm
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin.words import target_of, verb_of
from accounts.errors import CallbackUrlRefused
from accounts.models import Tenant, User
from accounts.services.addresses import callback_host, clean_networks
from accounts.services.operators import forget_tokens, may_give
from accounts.services.tenants import MOST_REQUESTS
from accounts.states import Mode, Role
from config.kernel.console import ReasonForm
from config.kernel.console.fresh import FreshForm
from config.kernel.errors import Malformed

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
# None is picked before somebody picks it.
ROLES = [("", "---------"), *Role.choices]
HOST = re.compile(r"[A-Za-z0-9.-]{1,253}|::1")


class LinesField(forms.CharField):
    """Small words, one a line, kept as a list."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        """Lines."""
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """Each once, in small letters."""
        lines = value if isinstance(value, list) else (value or "").split()
        return list(dict.fromkeys(line.strip().lower() for line in lines))

    def run_validators(self, value: Any) -> None:
        """Those of a text do not fit a list."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compared as lists."""
        return bool(self.to_python(initial) != self.to_python(data))


class HostsField(LinesField):
    """Host names."""

    def validate(self, value: Any) -> None:
        """Name the line at fault."""
        for host in value:
            if not HOST.fullmatch(host):
                raise ValidationError(_("“%(host)s” is no host name."), params={"host": host})


class NetworksField(LinesField):
    """Addresses and networks."""

    def validate(self, value: Any) -> None:
        """Name the line at fault."""
        try:
            clean_networks(value)
        except Malformed as exc:
            raise ValidationError(
                [text for texts in exc.fields.values() for text in texts]
            ) from None


TENANT_FIELDS = (
    "name", "time_zone", "callback_url", "callback_hosts", "callback_ack",
    "external_addresses", "requests_per_minute",
)  # fmt: skip


class TenantForm(FreshForm):
    """Name, zone, where its events go, and what it may do at our doors."""

    callback_url = forms.URLField(
        label=gettext_lazy("callback URL"), max_length=500, required=False,
        assume_scheme="https", widget=forms.URLInput(attrs={"size": 72}),
    )  # fmt: skip
    callback_hosts = HostsField(
        label=gettext_lazy("callback hosts"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 60}),
        help_text=gettext_lazy("One a line; the callback URL's own host is added by itself."),
    )
    external_addresses = NetworksField(
        label=gettext_lazy("addresses allowed at /api/external"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 60}),
        help_text=gettext_lazy(
            "Addresses or networks (203.0.113.0/24), one a line; empty lets any in."
        ),
    )
    requests_per_minute = forms.IntegerField(
        label=gettext_lazy("requests a minute"),
        required=False,
        min_value=1,
        max_value=MOST_REQUESTS,
        help_text=gettext_lazy("At /api/v1 and /api/external; empty: no throttle of its own."),
    )

    class Meta:
        model = Tenant
        fields = TENANT_FIELDS

    def clean_callback_url(self) -> str:
        """One we may call."""
        url = str(self.cleaned_data["callback_url"] or "")
        if url:
            try:
                callback_host(url)
            except CallbackUrlRefused as exc:
                raise ValidationError(exc.text) from None
        return url


class NewTenantForm(TenantForm):
    """A tenant and its first key."""

    platform_code = forms.CharField(
        label=gettext_lazy("platform code"),
        max_length=64,
        help_text=gettext_lazy("Letters, digits, dot, dash and underscore; it never changes."),
    )
    mode = forms.ChoiceField(
        label=gettext_lazy("first key"), choices=Mode.choices, initial=Mode.LIVE
    )

    class Meta:
        model = Tenant
        fields = ("platform_code", *TENANT_FIELDS)

    def clean_platform_code(self) -> str:
        """Taken codes are refused by the form's own look for them."""
        code = str(self.cleaned_data["platform_code"])
        if not CODE.fullmatch(code):
            raise ValidationError(_("Only letters, digits, dot, dash and underscore."))
        return code


class IssueForm(ReasonForm):
    """Which key; `known` is the newest one of each mode, so that asking twice issues one."""

    mode = forms.ChoiceField(label=gettext_lazy("mode"), choices=Mode.choices)
    known_live = forms.CharField(required=False, widget=forms.HiddenInput)
    known_test = forms.CharField(required=False, widget=forms.HiddenInput)
    field_order = ("mode", "reason")


class RotateForm(ReasonForm):
    """Why; `known` is until when the former secret signs, so that asking twice rotates once."""

    known = forms.CharField(required=False, widget=forms.HiddenInput)


class ModeForm(forms.Form):
    """Which of a tenant's two modes."""

    mode = forms.ChoiceField(label=gettext_lazy("mode"), choices=Mode.choices)


class NewOperatorForm(AdminUserCreationForm[User]):
    """An operator with a password and one of the five roles."""

    usable_password: Any = None
    role = forms.ChoiceField(label=gettext_lazy("role"), choices=ROLES)
    actor: User | None = None

    class Meta:
        model = User
        fields = ("username", "first_name", "last_name", "email")

    def clean_role(self) -> str:
        """Nobody gives a role that may more than he may."""
        role = str(self.cleaned_data["role"])
        if not may_give(self.actor, role):
            raise ValidationError(_("You may not give this role: it may more than you."))
        return role


class PermissionsField(forms.ModelMultipleChoiceField[Any]):
    """Permissions in words."""

    def label_from_instance(self, obj: Any) -> str:
        """Rows, then what may be done."""
        return f"{target_of(obj)}：{verb_of(obj)}"


class UserForm(FreshForm):
    """A person's names; for superusers also what only they may set."""

    actor: User | None = None

    class Meta:
        model = User
        fields = (
            "username", "first_name", "last_name", "email", "is_staff", "is_superuser",
            "user_permissions",
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Nobody locks himself out."""
        cleaned = super().clean()
        if self.actor is not None and self.instance.pk == self.actor.pk:
            for name in ("is_staff", "is_superuser"):
                if name in self.changed_data and not cleaned.get(name):
                    self.add_error(name, _("Nobody takes this from himself."))
        return cleaned


class RoleForm(ReasonForm):
    """Another role, and why."""

    role = forms.ChoiceField(label=gettext_lazy("role"), choices=ROLES)
    field_order = ("role", "reason")


class NewPasswordForm(AdminPasswordChangeForm):  # type: ignore[type-arg]
    """Whoever knew the old password keeps nothing that was got with it."""

    def save(self, commit: bool = True) -> User:  # noqa: FBT001, FBT002 - Django's signature
        """Sessions end by themselves; so do the tokens for the API."""
        with transaction.atomic():
            user: User = super().save(commit)
            forget_tokens(user=user)
        return user

"""骑手: made with a user of their own, shut out and let in with a reason, never deleted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.auth.password_validation import validate_password
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.kernel import audit
from config.kernel.console import ActingAdmin, BigTableAdmin, ReasonedAction, ReasonForm
from config.kernel.console.filters import OneOf
from config.kernel.console.fresh import FreshForm
from config.kernel.console.refusals import ToldRefusals
from config.kernel.console.strict import KnownParameters
from config.kernel.masking import mask_phone
from config.kernel.phones import is_phone, is_plain_mobile, search_form, squeeze
from delivery.admin.orders.revealing import REVEAL
from delivery.models import Rider
from delivery.services.riders import (
    create_rider,
    set_rider_enabled,
    set_rider_password,
    update_rider,
)

PROFILE = ("name", "phone", "vehicle", "area", "most_orders")
MOST_AT_ONCE = 50
Values = dict[str, Any]


class RiderForm(FreshForm):
    """The profile."""

    class Meta:
        model = Rider
        fields = PROFILE

    def clean_phone(self) -> str:
        """A receiver must be able to ring it."""
        phone = str(self.cleaned_data["phone"]).strip()
        if not is_phone(phone):
            raise forms.ValidationError(_("This is no phone number."))
        return phone

    def clean_most_orders(self) -> int:
        """One at least."""
        most = int(self.cleaned_data["most_orders"])
        if not 1 <= most <= MOST_AT_ONCE:
            raise forms.ValidationError(_("From 1 to %(most)d.") % {"most": MOST_AT_ONCE})
        return most


def _written_forms(phone: str) -> set[str]:
    """How the number may stand in a profile: as it was typed, bare, and with the usual dashes."""
    digits = search_form(phone)
    forms = {phone.strip(), squeeze(phone), digits, f"+86{digits}", f"+86 {digits}"}
    if is_plain_mobile(digits):
        return forms | {f"{digits[:3]}{gap}{digits[3:7]}{gap}{digits[7:]}" for gap in " -"}
    return forms | {f"{digits[:area]}-{digits[area:]}" for area in (3, 4)}


def _password(label: Any) -> forms.CharField:
    widget = forms.PasswordInput({"autocomplete": "new-password"})
    return forms.CharField(label=label, strip=False, widget=widget, max_length=128)


def _check_same(form: forms.Form | forms.ModelForm[Any]) -> None:
    given = form.cleaned_data
    if given.get("password") and given.get("repeated") != given["password"]:
        form.add_error("repeated", _("The two passwords differ."))


class NewRiderForm(RiderForm):
    """The profile, and what the rider logs in with."""

    username = forms.CharField(
        label=gettext_lazy("user name"), max_length=150,
        help_text=gettext_lazy("What the rider logs in with; no operator's."),
    )  # fmt: skip
    password = _password(gettext_lazy("password"))
    repeated = _password(gettext_lazy("password again"))

    def clean(self) -> dict[str, Any]:
        """Typed twice alike."""
        cleaned = super().clean()
        _check_same(self)
        return cleaned


class PasswordForm(ReasonForm):
    """A new password for the rider."""

    password = _password(gettext_lazy("password"))
    repeated = _password(gettext_lazy("password again"))
    field_order = ("password", "repeated", "reason")

    def clean_password(self) -> str:
        """Too weak a one is refused here, where it can be typed anew, each reason on its line."""
        password = str(self.cleaned_data["password"])
        validate_password(password)
        return password

    def clean(self) -> dict[str, Any]:
        """Typed twice alike."""
        _check_same(self)
        return self.cleaned_data


def _switch(to: bool) -> Callable[[Any, Values, Any], str]:  # noqa: FBT001
    def run(rider: Rider, _values: Values, user: Any) -> str:
        set_rider_enabled(rider_id=rider.pk, enabled=to, user_id=user.pk)
        return audit.changed_text(rider, changes={"enabled": (rider.enabled, to)})

    return run


def _set_password(rider: Rider, values: Values, _user: Any) -> str:
    set_rider_password(rider_id=rider.pk, password=values["password"])
    return _("password replaced")


ACTIONS = (
    ReasonedAction(
        name="enable", label=gettext_lazy("let in again"), run=_switch(True),
        applies=lambda rider: not rider.enabled,
    ),
    ReasonedAction(
        name="disable", label=gettext_lazy("shut out"), run=_switch(False), danger=True,
        applies=lambda rider: rider.enabled,
        note=gettext_lazy(
            "Off duty and logged out at once; orders in hand stay until they are reassigned."
        ),
    ),
    ReasonedAction(
        name="password", label=gettext_lazy("set a password"), run=_set_password,
        form=PasswordForm, in_bulk=False,
        note=gettext_lazy("The rider is logged out everywhere."),
    ),
)  # fmt: skip


class DutyFilter(OneOf):
    """On or off duty, or shut out."""

    title = gettext_lazy("duty")
    parameter_name = "duty"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Three kinds."""
        return [("on", _("on duty")), ("off", _("off duty")), ("out", _("shut out"))]

    def narrowed(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        """By the index on both columns."""
        if value == "out":
            return queryset.filter(on_duty__in=[False], enabled__in=[False])
        return queryset.filter(on_duty__in=[value == "on"], enabled__in=[True])


@admin.register(Rider)
class RiderAdmin(KnownParameters, ToldRefusals, ActingAdmin, BigTableAdmin):
    """骑手."""

    form = RiderForm
    reasoned = ACTIONS
    parameters = frozenset({"duty", "q", "p", "o", "all", "_popup"})
    list_display = (
        "name", "phone_masked", "vehicle", "area", "on_duty", "enabled", "most_orders", "seen",
    )  # fmt: skip
    list_filter: ClassVar[Any] = (DutyFilter,)
    ordering = ("-id",)
    sortable_by = ()
    # Riders are hundreds, not millions: a part of a name may be looked for.
    search_fields = ("name", "^user__username")
    search_help_text = gettext_lazy(
        "Part of the name, a whole phone number, or the beginning of the user name."
    )
    profile: ClassVar[Any] = (None, {"fields": PROFILE})
    fieldsets: ClassVar[Any] = (
        profile,
        (gettext_lazy("state"), {"fields": (
            "username", "enabled", "on_duty", "located_at", "created_at",
        )}),
    )  # fmt: skip
    add_fieldsets: ClassVar[Any] = (
        profile,
        (gettext_lazy("log-in"), {"fields": ("username", "password", "repeated")}),
    )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """A phone number however it is written, whole: who sees it masked does not guess it."""
        if is_phone(search_term):
            return queryset.filter(phone__in=_written_forms(search_term)), False
        return super().get_search_results(request, queryset, search_term)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Shut out, not deleted: the orders' history names them."""
        return False

    def get_form(
        self,
        request: HttpRequest,
        obj: Any = None,
        change: bool = False,  # noqa: FBT001, FBT002 - Django's signature
        **kwargs: Any,
    ) -> Any:
        """A new one's form asks for more."""
        if obj is None:
            kwargs["form"] = NewRiderForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Whoever may neither change riders nor reveal people sees the phone masked."""
        if obj is None:
            return self.add_fieldsets
        user: Any = request.user
        if self.has_change_permission(request, obj) or user.has_perm(REVEAL):
            return self.fieldsets
        names = tuple("phone_masked" if name == "phone" else name for name in PROFILE)
        return ((None, {"fields": names}), *self.fieldsets[1:])

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What only actions and riders change."""
        if obj is None:
            return ()
        return ("username", "enabled", "on_duty", "located_at", "created_at", "phone_masked")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001
        """By the use cases, with what was changed and nothing else."""
        if change:
            update_rider(rider_id=obj.pk, **form.changes())
            return
        given = dict(form.cleaned_data)
        most = given.pop("most_orders")
        given.pop("repeated")
        made = create_rider(at=timezone.now(), **given)
        update_rider(rider_id=made.pk, most_orders=most)
        obj.pk, obj.user_id, obj._state.adding = made.pk, made.user_id, False

    def construct_change_message(
        self,
        request: HttpRequest,
        form: Any,
        formsets: Any,
        add: bool = False,  # noqa: FBT001, FBT002 - Django's signature
    ) -> Any:
        """A new one's log-in stands nowhere but in the user's row."""
        if not add:
            return super().construct_change_message(request, form, formsets, add)
        given = form.cleaned_data
        return audit.changed_text(
            form.instance, changes={name: (None, given[name]) for name in PROFILE}
        )

    @admin.display(description=gettext_lazy("phone"))
    def phone_masked(self, rider: Rider) -> str:
        """Not in full in a list."""
        return mask_phone(rider.phone)

    @admin.display(description=gettext_lazy("user name"))
    def username(self, rider: Rider) -> str:
        """What the rider logs in with."""
        return str(rider.user.get_username())

    @admin.display(description=gettext_lazy("last seen"))
    def seen(self, rider: Rider) -> str:
        """To the second."""
        at = rider.located_at
        return f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S}" if at else "—"

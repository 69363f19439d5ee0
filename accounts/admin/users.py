"""用户管理: operators get a role and a password, are shut out and let in, never deleted.

Nobody changes a person who may more than himself, and nobody gives what he has not.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.forms import CheckboxSelectMultiple
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from knox.models import AuthToken

from accounts.admin.forms import (
    NewOperatorForm,
    NewPasswordForm,
    PermissionsField,
    UserForm,
)
from accounts.admin.user_actions import ACTIONS
from accounts.admin.words import told
from accounts.models import User
from accounts.services.operators import create_operator, may_manage
from accounts.states import Role
from config.kernel import audit
from config.kernel.console import ActingAdmin, AuditedAdmin
from config.kernel.console.refusals import ToldRefusals

# knox ships no Chinese, and a token's row says nothing an operator could use.
admin.site.unregister(AuthToken)

SUPERUSERS_ONLY = ("is_staff", "is_superuser", "user_permissions")


class RoleFilter(admin.SimpleListFilter):
    """`role=finance`."""

    title = _("role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The five."""
        return list(Role.choices)

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """By their groups."""
        if self.value() not in Role.values:
            return queryset
        return queryset.filter(groups__name=Role(str(self.value())).label)


@admin.register(User)
class OperatorAdmin(ToldRefusals, ActingAdmin, AuditedAdmin, UserAdmin[User]):
    """Superusers set staff, superuser and single permissions; roles suffice for the others."""

    form = UserForm
    add_form = NewOperatorForm
    change_password_form = NewPasswordForm
    add_form_template = None
    reasoned = ACTIONS
    list_display = (
        "username", "full_name", "role", "is_active", "is_staff", "is_superuser", "last_login",
    )  # fmt: skip
    list_filter: ClassVar[Any] = (RoleFilter, "is_active", "is_staff", "is_superuser")
    list_per_page = 50
    search_fields = ("username__startswith",)
    search_help_text = _("Beginning of the user name.")
    sortable_by = ("username", "last_login")
    filter_horizontal = ()
    show_facets = admin.ShowFacets.NEVER
    fieldsets = (
        (None, {"fields": ("username", "first_name", "last_name", "email")}),
        (_("access"), {"fields": ("role", "is_active", "password_state", "tokens")}),
        (_("for superusers only"), {"fields": SUPERUSERS_ONLY}),
        (_("times"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "role", "password1", "password2")}),
        (_("person"), {"fields": ("first_name", "last_name", "email")}),
    )
    readonly_fields = (
        "role", "is_active", "password_state", "tokens", "last_login", "date_joined",
    )  # fmt: skip

    class Media:
        css: ClassVar[Any] = {"all": ("console/people.css",)}

    def get_queryset(self, request: HttpRequest) -> Any:
        """Roles come in one query of their own."""
        return super().get_queryset(request).prefetch_related("groups")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only of who may no more than oneself."""
        allowed = super().has_change_permission(request, obj)
        by: Any = request.user
        return allowed and (obj is None or may_manage(by, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Shut out, not deleted: the history names him."""
        return False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Single permissions in words for those who only read them."""
        found = super().get_fieldsets(request, obj)
        if obj is None or _is_superuser(request):
            return found
        shown = {"fields": (*SUPERUSERS_ONLY[:2], "own_permissions")}
        return [
            (name, shown if options["fields"] == SUPERUSERS_ONLY else options)
            for name, options in found
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What only superusers set is read by the others."""
        if obj is None:
            return ()
        if _is_superuser(request):
            return self.readonly_fields
        return (*self.readonly_fields, *SUPERUSERS_ONLY, "own_permissions")

    def get_form(
        self,
        request: HttpRequest,
        obj: Any = None,
        change: bool = False,  # noqa: FBT001, FBT002 - Django's signature
        **kwargs: Any,
    ) -> Any:
        """The form knows who fills it in."""
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (form,), {"actor": request.user})

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Permissions in words, of what has pages."""
        if db_field.name == "user_permissions":
            kinds = ContentType.objects.get_for_models(*admin.site._registry).values()  # noqa: SLF001
            rows = Permission.objects.filter(content_type__in=kinds)
            kwargs["queryset"] = rows.select_related("content_type").order_by("content_type", "id")
            kwargs["form_class"] = PermissionsField
            kwargs["widget"] = CheckboxSelectMultiple
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001
        """A new one by the use case; of an old one the changed columns, never the password."""
        if change:
            columns = [name for name in form.changed_data if name != "user_permissions"]
            obj.save(update_fields=columns)
            return
        given = form.cleaned_data
        user, _token = create_operator(
            username=given["username"],
            role=given["role"],
            password=given["password1"],
            only_new=True,
            by=request.user,  # type: ignore[arg-type]
        )
        for name in ("first_name", "last_name", "email"):
            setattr(user, name, given[name])
        user.save(update_fields=["first_name", "last_name", "email"])
        obj.pk = user.pk

    def construct_change_message(
        self,
        request: HttpRequest,
        form: Any,
        formsets: Any,
        add: bool = False,  # noqa: FBT001, FBT002 - Django's signature
    ) -> Any:
        """That a password was set, never which."""
        if formsets is None and hasattr(form, "user"):
            return audit.changed_text(form.user, changes={"password": (None, None)})
        if add:
            role = Role(form.cleaned_data["role"]).label
            return audit.changed_text(form.instance, what=f"新增，角色：{role}", changes={})
        return super().construct_change_message(request, form, formsets, add)

    def act_view(self, request: HttpRequest, object_id: str, action: str) -> HttpResponse:
        """Not even asked about who may more than oneself."""
        user: Any = self.get_object(request, object_id)
        if user is not None and not self.has_change_permission(request, user):
            raise PermissionDenied
        return super().act_view(request, object_id, action)

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """Buttons only where they would work; the stock page for a new password among them."""
        user = context.get("original")
        if user is not None:
            may = self.has_change_permission(request, user)
            url = reverse("admin:auth_user_password_change", args=[user.pk])
            password = {"url": url, "label": _("set a new password")}
            context["row_actions"] = [password, *context.get("row_actions", ())] if may else []
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=_("person"))
    def full_name(self, user: User) -> str:
        """First and last name."""
        return user.get_full_name() or "—"

    @admin.display(description=_("role"))
    def role(self, user: User) -> str:
        """Names of the groups."""
        return "、".join(group.name for group in user.groups.all()) or "—"

    @admin.display(description=_("password"))
    def password_state(self, user: User) -> str:
        """Whether there is one."""
        return str(_("set") if user.has_usable_password() else _("none: cannot log in"))

    @admin.display(description=_("API tokens in force"))
    def tokens(self, user: User) -> int:
        """Not expired yet."""
        return int(AuthToken.objects.filter(user=user, expiry__gt=timezone.now()).count())

    @admin.display(description=_("permissions of his own"))
    def own_permissions(self, user: User) -> str:
        """In words."""
        held = told(Permission.objects.filter(user=user).select_related("content_type"))
        return "；".join(f"{rows}：{'、'.join(verbs)}" for rows, verbs in held) or "—"


def _is_superuser(request: HttpRequest) -> bool:
    user: Any = request.user
    return bool(user.is_superuser)

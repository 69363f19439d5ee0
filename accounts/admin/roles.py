"""角色: what each of the five may do, as the table says; nobody changes it by hand."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group, Permission
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin.words import told
from accounts.models import User
from accounts.states import Role
from config.kernel.console import ReadOnlyAdmin

admin.site.unregister(Group)


@admin.register(Group)
class RoleAdmin(ReadOnlyAdmin, GroupAdmin):
    """Made by `sync_roles` from `config/roles.py`."""

    list_display = ("name", "members", "how_many")
    ordering = ("id",)
    fields = ("name", "members", "in_words")
    readonly_fields = ("members", "in_words")
    search_fields = ()
    filter_horizontal = ()
    sortable_by = ()

    class Media:
        css: ClassVar[Any] = {"all": ("console/people.css",)}

    def get_queryset(self, request: HttpRequest) -> Any:
        """Permissions come in one query of their own."""
        return super().get_queryset(request).prefetch_related("permissions")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Under the sidebar's name."""
        title = {"title": _("Roles")}
        return super().changelist_view(request, {**title, **(extra_context or {})})

    @admin.display(description=_("operators"))
    def members(self, group: Group) -> SafeString | str:
        """To those who hold it."""
        role = next((role for role in Role if role.label == group.name), None)
        count = User.objects.filter(groups=group, is_active=True).count()
        if role is None:
            return str(count)
        url = reverse("admin:accounts_user_changelist")
        return format_html('<a href="{}?role={}">{}</a>', url, role.value, count)

    @admin.display(description=_("permissions"))
    def how_many(self, group: Group) -> int:
        """Read already."""
        return len(group.permissions.all())

    @admin.display(description=_("may"))
    def in_words(self, group: Group) -> SafeString:
        """One line for each kind of rows."""
        held = Permission.objects.filter(group=group).select_related("content_type")
        lines = ((rows, "、".join(verbs)) for rows, verbs in told(held))
        return format_html(
            '<table class="people-permissions">{}</table>',
            format_html_join("", "<tr><th>{}</th><td>{}</td></tr>", lines),
        )

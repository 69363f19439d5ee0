"""The one admin site: our name, our order of things, our home page; apps register on it as ever."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.models import LogEntry
from django.core.exceptions import BadRequest
from django.db import transaction
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import include, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.services.operators import forget_tokens
from config.console import pages
from config.console.attention import matters_for
from config.console.history import HistoryAdmin
from config.console.login import LoginForm, OwnPasswordView
from config.console.navigation import arranged
from config.console.plots import plots_for
from config.kernel import audit


class ConsoleSite(AdminSite):
    """The stock admin with a grouped sidebar, what needs a person first, and a throttled login."""

    site_header = _("Tonglu console")
    site_title = _("Tonglu")
    index_title = _("Home")
    enable_nav_sidebar = True
    login_form = LoginForm

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self.register(LogEntry, HistoryAdmin)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """The groups of `navigation.GROUPS`; with an app, those that hold one of its models."""
        apps = self._build_app_dict(request).values()
        models = {model["model"]._meta.label: model for app in apps for model in app["models"]}
        groups = arranged(models, request.user)
        if app_label is None:
            return groups
        return [group for group in groups if any(_of(app_label, item) for item in group["models"])]

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """What needs a person, then how things go."""
        at = timezone.now()
        more = {
            "matters": matters_for(request.user, at=at),
            "plots": plots_for(request.user, at=at),
        }
        return super().index(request, {**more, **(extra_context or {})})

    def app_index(
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """The groups an app's models stand in, under the groups' names."""
        groups = self.get_app_list(request, app_label)
        title = "、".join(str(group["name"]) for group in groups)
        return super().app_index(request, app_label, {"title": title, **(extra_context or {})})

    def get_log_entries(self, request: HttpRequest) -> Any:
        """Newest first by key: the log has no index on its time."""
        return LogEntry.objects.prefetch_related("content_type", "user").order_by("-pk")

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """One's own: whoever knew the old one keeps nothing that was got with it."""
        user: Any = request.user
        view = OwnPasswordView.as_view(
            success_url=reverse("admin:password_change_done", current_app=self.name),
            extra_context={**self.each_context(request), **(extra_context or {})},
        )
        with transaction.atomic():
            answer: Any = view(request)
            if request.method == "POST" and answer.status_code == HTTPStatus.FOUND:
                forget_tokens(user=user)
                audit.record(user=user, row=user, changes={"password": (None, None)})
        return answer

    def admin_view(
        self,
        view: Any,
        cacheable: bool = False,  # noqa: FBT001, FBT002 - Django's signature
    ) -> Any:
        """Every page of the console, the apps' own included."""
        return super().admin_view(_within_bounds(view), cacheable)

    def get_urls(self) -> list[Any]:
        """Our own pages before the stock ones, whose last takes anything."""
        ours = [
            path("due-work/", self.admin_view(pages.due_work_view), name="due_work"),
            path("operator-tokens/", self.admin_view(pages.tokens_view), name="operator_tokens"),
            path("reports/", include("logistics.admin.reports.urls")),
            path("dispatch/", include("delivery.admin.board.urls")),
        ]
        return [*ours, *super().get_urls()]


def _within_bounds(view: Callable[..., Any]) -> Callable[..., Any]:
    """A number that no column holds, which SQLite cannot even be asked about, is a bad request."""

    @wraps(view)
    def bounded(request: HttpRequest, *args: Any, **named: Any) -> Any:
        try:
            return view(request, *args, **named)
        except OverflowError as error:
            raise BadRequest("a number in the query or the path is too large") from error

    return bounded


def _of(app_label: str, item: dict[str, Any]) -> bool:
    model = item.get("model")
    return model is not None and model._meta.app_label == app_label

"""The console's passwords: tries throttled by account and address, failures in the security log."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.forms import AdminAuthenticationForm, AdminPasswordChangeForm
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.services.logins import WINDOW_SECONDS, PasswordTry, password_try
from config.kernel.api.addresses import client_address
from config.kernel.errors import Throttled


class LoginForm(AdminAuthenticationForm):
    """The stock form; too many wrong tries are told so, whatever the password."""

    def clean(self) -> dict[str, Any]:
        """Verify the password, unless too many were wrong; count a wrong one."""
        username = str(self.cleaned_data.get("username") or "")
        address = client_address(self.request) if self.request is not None else ""
        try:
            with password_try(username=username, address=address, door="admin") as tried:
                return self._verified(tried)
        except Throttled:
            raise throttled() from None

    def _verified(self, tried: PasswordTry) -> dict[str, Any]:
        try:
            return super().clean()
        except ValidationError:
            tried.failed()
            raise


class OwnPasswordForm(AdminPasswordChangeForm):
    """The stock form; the old password is guessed no more often than at the login.

    Whoever found a session open counts as one who knocks for its account.
    """

    def __init__(self, *args: Any, address: str = "", **named: Any) -> None:
        self.address = address
        super().__init__(*args, **named)

    def clean_old_password(self) -> str:
        """Verify it, unless too many were wrong; count a wrong one."""
        username = self.user.get_username()
        try:
            with password_try(username=username, address=self.address, door="admin") as tried:
                return self._verified(tried)
        except Throttled:
            raise throttled() from None

    def _verified(self, tried: PasswordTry) -> str:
        try:
            return super().clean_old_password()
        except ValidationError:
            tried.failed()
            raise


class OwnPasswordView(PasswordChangeView):
    """The stock page, whose form knows from where it is filled in."""

    form_class = OwnPasswordForm

    def get_form_kwargs(self) -> dict[str, Any]:
        """With the caller's address."""
        return {**super().get_form_kwargs(), "address": client_address(self.request)}


def throttled() -> ValidationError:
    """What is said to who tried too often, whatever the password."""
    text = _("Too many failed logins. Please try again in %(minutes)d minutes.")
    minutes = {"minutes": WINDOW_SECONDS // 60}
    return ValidationError(text, code="throttled", params=minutes)

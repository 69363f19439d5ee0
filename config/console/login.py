"""The console's login: throttled by account and by address, every failure in the security log."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.services.logins import WINDOW_SECONDS, note_failure, refuse_if_throttled
from config.kernel.api.addresses import client_address
from config.kernel.errors import Throttled


class LoginForm(AdminAuthenticationForm):
    """The stock form; too many wrong tries are told so, whatever the password."""

    error_messages = {
        **AdminAuthenticationForm.error_messages,
        "throttled": _("Too many failed logins. Please try again in %(minutes)d minutes."),
    }

    def clean(self) -> dict[str, Any]:
        """Verify the password, unless too many were wrong; count a wrong one."""
        username = str(self.cleaned_data.get("username") or "")
        address = client_address(self.request) if self.request is not None else ""
        try:
            refuse_if_throttled(username=username, address=address)
        except Throttled:
            minutes = {"minutes": WINDOW_SECONDS // 60}
            text = self.error_messages["throttled"]
            raise ValidationError(text, code="throttled", params=minutes) from None
        try:
            return super().clean()
        except ValidationError:
            note_failure(username=username, address=address, door="admin", at=timezone.now())
            raise

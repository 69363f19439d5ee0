"""The app's name and label."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """accounts."""

    name = "accounts"
    verbose_name = _("Companies and users")

    def ready(self) -> None:
        """Make the OpenAPI document know our proofs of identity."""
        import accounts.authentication.openapi  # noqa: F401, PLC0415 - registers itself

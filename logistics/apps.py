"""The app's name and label."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LogisticsConfig(AppConfig):
    """logistics."""

    name = "logistics"
    verbose_name = _("Logistics console")

    def ready(self) -> None:
        """Register the system checks."""
        import logistics.checks  # noqa: F401, PLC0415 - registers itself

"""The composition root as an installed app: it has commands and checks, no models."""

from __future__ import annotations

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class ConfigConfig(AppConfig):
    """Registers what belongs to no single app."""

    name = "config"
    default = True

    def ready(self) -> None:
        """Register the system checks."""
        import config.checks  # noqa: F401, PLC0415 - registers itself


class ConsoleConfig(admin_apps.AdminConfig):
    """The stock admin, with our site in the place of its default one."""

    default = False
    default_site = "config.console.ConsoleSite"

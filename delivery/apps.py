"""The app's name and label."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeliveryConfig(AppConfig):
    """delivery."""

    name = "delivery"
    verbose_name = _("Same-city delivery")

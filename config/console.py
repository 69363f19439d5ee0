"""The operators' console: the stock Django admin under our name."""

from __future__ import annotations

from django.contrib.admin import AdminSite
from django.utils.translation import gettext_lazy as _


class ConsoleSite(AdminSite):
    """The one admin site; apps register on it through `django.contrib.admin`."""

    site_header = _("Tonglu console")
    site_title = _("Tonglu")
    index_title = _("Console")
    enable_nav_sidebar = True

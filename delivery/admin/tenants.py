"""A row's tenant, read with the page: one statement for all rows, and a link to its page."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString


def tenant_link(row: Any) -> SafeString | str:
    """Its name and code."""
    if row.tenant_id is None:
        return "—"
    url = reverse("admin:accounts_tenant_change", args=[row.tenant_id])
    return format_html('<a href="{}">{}</a>', url, row.tenant)

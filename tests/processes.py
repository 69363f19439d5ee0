"""Other processes on the test's own database."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from django.db import connection


def environment(**more: str) -> dict[str, str]:
    """The environment in which a process sees the database that this test sees."""
    name = str(connection.settings_dict["NAME"])
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    if connection.vendor == "sqlite":
        url = f"sqlite:///{name}"
    return {**os.environ, "DATABASE_URL": url, **more}

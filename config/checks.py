"""What the database itself must be set to; run by `check --database default`."""

from __future__ import annotations

from typing import Any

from django.core import checks
from django.db import connections


@checks.register(checks.Tags.database)
def check_server(**options: Any) -> list[checks.CheckMessage]:
    """MariaDB and MySQL: binary, non-padding text and READ COMMITTED, or identifiers collide."""
    found: list[checks.CheckMessage] = []
    for alias in options.get("databases") or []:
        connection = connections[alias]
        if connection.vendor != "mysql":
            continue
        with connection.cursor() as cursor:
            cursor.execute("SELECT @@collation_database")
            collation = cursor.fetchone()[0]
            # MariaDB before 11.1 knows the first name alone, MySQL 8 the second.
            cursor.execute("SHOW VARIABLES WHERE Variable_name RLIKE '^(tx|transaction)_isolation'")
            isolation = cursor.fetchone()[1]
        if collation not in {"utf8mb4_nopad_bin", "utf8mb4_0900_bin"}:
            found.append(
                checks.Warning(
                    f"the database's collation is {collation}",
                    hint="CREATE DATABASE … CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin"
                    " (MySQL: utf8mb4_0900_bin)",
                    id="tonglu.W001",
                )
            )
        if isolation != "READ-COMMITTED":
            found.append(
                checks.Error(f"transactions are {isolation}, not READ-COMMITTED", id="tonglu.E002")
            )
    return found

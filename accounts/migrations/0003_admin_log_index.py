"""The history of one object is found by its kind and id: the admin's own log has no such index."""

from __future__ import annotations

from typing import Any

from django.db import migrations

NAME, TABLE = "idx_admin_log_object", "django_admin_log"


def create(apps: Any, schema_editor: Any) -> None:
    # `object_id` is a text column, of which MariaDB and MySQL index a beginning only.
    length = "(40)" if schema_editor.connection.vendor == "mysql" else ""
    schema_editor.execute(f"CREATE INDEX {NAME} ON {TABLE} (content_type_id, object_id{length})")


def drop(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "mysql":
        # The foreign key on the kind leans on it since its own index gave way.
        kind = "django_admin_log_content_type_id"
        schema_editor.execute(
            f"ALTER TABLE {TABLE} ADD INDEX {kind} (content_type_id), DROP INDEX {NAME}"
        )
    else:
        schema_editor.execute(f"DROP INDEX {NAME}")


class Migration(migrations.Migration):
    atomic = False  # MariaDB and MySQL cannot take a CREATE INDEX back
    dependencies = [
        ("accounts", "0002_security_lookups"),
        ("admin", "0003_logentry_add_action_flag_choices"),
    ]
    operations = [migrations.RunPython(create, drop)]

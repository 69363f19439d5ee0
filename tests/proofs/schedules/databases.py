"""A process of its own gets a database of its own, migrated and empty, and leaves nothing."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests import engines

MEMORY = Path("/dev/shm")


@contextlib.contextmanager
def own_database(server: str) -> Iterator[None]:
    """Load Django on a fresh database: on the MariaDB `server`, or on SQLite where it is empty."""
    where = MEMORY if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) else None
    var = Path(tempfile.mkdtemp(prefix="tonglu-schedules-", dir=where))
    try:
        engines._replace_environment(var, server or f"sqlite:///{var / 'tonglu.sqlite3'}")
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
        import django

        django.setup()
        from django.db import connection
        from django.test.utils import setup_test_environment

        setup_test_environment(debug=False)
        connection.settings_dict["TEST"]["NAME"] = _name(var) if server else str(var / "test")
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        from tests.proofs.schedules import moves

        moves.watch()
        try:
            yield
        finally:
            connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)
    finally:
        shutil.rmtree(var, ignore_errors=True)


def _name(var: Path) -> str:
    return f"schedules_{os.getpid()}_{var.name[-8:]}".lower()

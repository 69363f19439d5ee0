"""After a transactional test only the tables it wrote to are emptied.

Django's own way deletes from every table and makes all permissions and content types anew, which
is a third of a short test's time. Those two tables hold what `migrate` wrote and stay.
"""

from __future__ import annotations

from django.core.management.color import no_style
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import TransactionTestCase

STAY = frozenset({"django_content_type", "auth_permission"})


def install() -> None:
    """Have transactional tests end so."""
    TransactionTestCase._fixture_teardown = _empty  # type: ignore[attr-defined]


def _empty(case: TransactionTestCase) -> None:
    for alias in case._databases_names(include_mirrors=False):  # type: ignore[attr-defined]
        empty(connections[alias])


def empty(connection: BaseDatabaseWrapper) -> None:
    """Empty each table that holds a row."""
    written = _written(connection)
    if written:
        connection.ops.execute_sql_flush(connection.ops.sql_flush(no_style(), written))


def _written(connection: BaseDatabaseWrapper) -> list[str]:
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    tables = sorted(set(names) - STAY)
    quote = connection.ops.quote_name
    some = " UNION ALL ".join(
        f"SELECT {number} WHERE EXISTS (SELECT 1 FROM {quote(table)})"
        for number, table in enumerate(tables)
    )
    with connection.cursor() as cursor:
        cursor.execute(some)
        return [tables[number] for (number,) in cursor.fetchall()]

"""A row written here is the row that `save()` or `update()` would have left, at half their time.

For what is written at every request: a statement is made once for each set of columns, values go
through their fields as always. What `save()` does besides is left out and must not be needed:
signals, parents, defaults of the database.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, models

from config.kernel.rows.making import AS_THEY_ARE, column_named, is_plain, make_row, prepared

Row = TypeVar("Row", bound=models.Model)


def insert(model: type[Row], columns: Mapping[str, Any]) -> Row:
    """Insert a row of these columns, the others at their defaults; returns it with its key.

    Names are column attributes (`order_id`).

    :raises django.db.IntegrityError: as `save()`.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    made = _insert_template(model, tuple(columns))
    values = made.whole(columns)
    with connection.cursor() as cursor:
        cursor.execute(f"{made.sql} {made.places}", made.given(values, connection))
        values[made.key] = cursor.lastrowid
    return make_row(model, values, connection)


def insert_all(model: type[models.Model], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that name the same columns, with one statement; their keys are not told.

    :raises django.db.IntegrityError: none of them is written.
    """
    if not rows:
        return
    connection = connections[DEFAULT_DB_ALIAS]
    made = _insert_template(model, tuple(rows[0]))
    given = [value for row in rows for value in made.given(made.whole(row), connection)]
    with connection.cursor() as cursor:
        cursor.execute(f"{made.sql} {', '.join([made.places] * len(rows))}", given)


def update(model: type[models.Model], where: Mapping[str, Any], values: Mapping[str, Any]) -> int:
    """Write `values` where every column of `where` holds its value; returns how many rows it met.

    Names are fields' names or column attributes (`order_id`); expressions are not for here, nor is
    NULL in `where`.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    sql, fields = _update_template(model, tuple(values), tuple(where))
    given = (*values.values(), *where.values())
    with connection.cursor() as cursor:
        cursor.execute(
            sql,
            [
                prepared(value, field, connection)
                for value, field in zip(given, fields, strict=True)
            ],
        )
        return int(cursor.rowcount)


@cache
def _update_template(
    model: type[models.Model], changed: tuple[str, ...], known: tuple[str, ...]
) -> tuple[str, list[models.Field[Any, Any]]]:
    quote = connections[DEFAULT_DB_ALIAS].ops.quote_name
    meta = model._meta
    fields = [column_named(model, name) for name in (*changed, *known)]
    columns = [f"{quote(str(field.column))} = %s" for field in fields]
    changes, tests = ", ".join(columns[: len(changed)]), " AND ".join(columns[len(changed) :])
    return f"UPDATE {quote(meta.db_table)} SET {changes} WHERE {tests}", fields  # noqa: S608


@dataclass(frozen=True, slots=True)
class _Insert:
    """A statement for one set of columns.

    `written` are of its places the names, what prepares a value, and whether plain ones need none;
    `defaults` and `fresh` what the columns not given hold (values, and what makes a new one).
    """

    sql: str
    places: str
    written: list[tuple[str, Callable[[Any, Any], Any], bool]]
    defaults: dict[str, Any]
    fresh: list[tuple[str, Callable[[], Any]]]
    key: str

    def whole(self, columns: Mapping[str, Any]) -> dict[str, Any]:
        """The columns given and all others."""
        values = {**self.defaults, **columns}
        for name, default in self.fresh:
            values[name] = default()
        return values

    def given(self, values: Mapping[str, Any], connection: Any) -> list[Any]:
        """What the driver is given for the places."""
        return [
            value
            if (value := values[name]) is None or (plain and type(value) in AS_THEY_ARE)
            else prepare(value, connection)
            for name, prepare, plain in self.written
        ]


@cache
def _insert_template(model: type[models.Model], given: tuple[str, ...]) -> _Insert:
    """The statement for these columns; those that hold NULL when not given are not named."""
    quote = connections[DEFAULT_DB_ALIAS].ops.quote_name
    meta = model._meta
    key, *fields = meta.local_concrete_fields
    if meta.parents or not isinstance(key, models.AutoField | models.BigAutoField):
        msg = f"{meta.label} has parents or no automatic key"
        raise TypeError(msg)
    if any(getattr(field, "auto_now", 0) or getattr(field, "auto_now_add", 0) for field in fields):
        msg = f"{meta.label} has columns that set themselves"
        raise TypeError(msg)
    if model.__init__ is not models.Model.__init__:
        msg = f"{meta.label} does more than hold its columns"
        raise TypeError(msg)
    if unknown := sorted(set(given) - {field.attname for field in fields}):
        msg = f"{model.__name__} has no {unknown}"
        raise TypeError(msg)
    left = [field for field in fields if field.attname not in given]
    fresh = [field for field in left if callable(field.default)]
    defaults = {field.attname: field.get_default() for field in left if field not in fresh}
    written = [field for field in fields if defaults.get(field.attname, ...) is not None]
    columns = ", ".join(quote(str(field.column)) for field in written)
    places = ", ".join(["%s"] * len(written))
    return _Insert(
        f"INSERT INTO {quote(meta.db_table)} ({columns}) VALUES",
        f"({places})",
        [(field.attname, _preparing(field), is_plain(field)) for field in written],
        defaults,
        [(field.attname, field.get_default) for field in fresh],
        key.attname,
    )


def _preparing(field: models.Field[Any, Any]) -> Callable[[Any, Any], Any]:
    """What makes of a value what the driver is given."""
    if type(field) is not models.DateTimeField:
        return field.get_db_prep_save

    def prepare(value: Any, connection: Any) -> Any:
        if type(value) is datetime and value.tzinfo is not None:
            return connection.ops.adapt_datetimefield_value(value)
        return field.get_db_prep_save(value, connection)

    return prepare

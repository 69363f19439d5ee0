"""A row written here is the row that `save()` or `update()` would have left, at half their time.

For what is written at every request: a statement is made once for each set of columns, values go
through their fields as always. What `save()` does besides is left out and must not be needed:
signals, parents, defaults of the database.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, models

Row = TypeVar("Row", bound=models.Model)
# Values of these types are what their plain fields would have made of them.
_AS_THEY_ARE = frozenset({str, int, bool})
_PLAIN_FIELDS = frozenset({
    models.CharField, models.TextField, models.BooleanField, models.IntegerField,
    models.BigIntegerField, models.PositiveIntegerField, models.PositiveSmallIntegerField,
    models.BigAutoField,
})  # fmt: skip


def insert(model: type[Row], columns: Mapping[str, Any]) -> Row:
    """Insert a row of these columns, the others at their defaults; returns it with its key.

    Names are column attributes (`order_id`).

    :raises django.db.IntegrityError: as `save()`.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    sql, fields, names = _insert_template(model)
    if not columns.keys() <= names.keys():
        msg = f"{model.__name__} has no {sorted(columns.keys() - names.keys())}"
        raise TypeError(msg)
    values = [
        columns[field.attname] if field.attname in columns else field.get_default()
        for field in fields
    ]
    prepared = [
        _prepared(value, field, connection) for value, field in zip(values, fields, strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.execute(sql, prepared)
        key = cursor.lastrowid
    return model.from_db(connection.alias, names, [key, *values])


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
                _prepared(value, field, connection)
                for value, field in zip(given, fields, strict=True)
            ],
        )
        return int(cursor.rowcount)


def _prepared(value: Any, field: models.Field[Any, Any], connection: Any) -> Any:
    if value is None or (type(value) in _AS_THEY_ARE and type(field) in _PLAIN_FIELDS):
        return value
    return field.get_db_prep_save(value, connection)


@cache
def _update_template(
    model: type[models.Model], changed: tuple[str, ...], known: tuple[str, ...]
) -> tuple[str, list[models.Field[Any, Any]]]:
    quote = connections[DEFAULT_DB_ALIAS].ops.quote_name
    meta = model._meta
    by_name = {field.attname: field for field in meta.local_concrete_fields}
    by_name |= {field.name: field for field in meta.local_concrete_fields}
    by_name["pk"] = meta.pk
    fields = [by_name[name] for name in (*changed, *known)]
    columns = [f"{quote(str(field.column))} = %s" for field in fields]
    changes, tests = ", ".join(columns[: len(changed)]), " AND ".join(columns[len(changed) :])
    return f"UPDATE {quote(meta.db_table)} SET {changes} WHERE {tests}", fields  # noqa: S608


@cache
def _insert_template(
    model: type[models.Model],
) -> tuple[str, list[models.Field[Any, Any]], dict[str, None]]:
    """The statement, its columns' fields, and the names of all columns, the key's first."""
    quote = connections[DEFAULT_DB_ALIAS].ops.quote_name
    meta = model._meta
    key, *fields = meta.local_concrete_fields
    if meta.parents or not isinstance(key, models.AutoField | models.BigAutoField):
        msg = f"{meta.label} has parents or no automatic key"
        raise TypeError(msg)
    if any(getattr(field, "auto_now", 0) or getattr(field, "auto_now_add", 0) for field in fields):
        msg = f"{meta.label} has columns that set themselves"
        raise TypeError(msg)
    columns = ", ".join(quote(str(field.column)) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    sql = f"INSERT INTO {quote(meta.db_table)} ({columns}) VALUES ({places})"  # noqa: S608
    return sql, fields, dict.fromkeys(field.attname for field in (key, *fields))

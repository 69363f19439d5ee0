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


def insert(row: Row) -> Row:
    """Insert a new row and return it, with its key.

    :raises django.db.IntegrityError: as `save()`.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    sql, fields = _template(type(row))
    values = [
        _prepared(
            field.pre_save(row, True) if changes_itself else getattr(row, field.attname),
            field,
            connection,
        )
        for field, changes_itself in fields
    ]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        row.pk = cursor.lastrowid
    row._state.adding, row._state.db = False, connection.alias
    return row


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
def _template(
    model: type[models.Model],
) -> tuple[str, list[tuple[models.Field[Any, Any], bool]]]:
    """The statement, and each column's field with whether it sets its own value (auto_now)."""
    quote = connections[DEFAULT_DB_ALIAS].ops.quote_name
    meta = model._meta
    if meta.parents or not isinstance(meta.pk, models.AutoField | models.BigAutoField):
        msg = f"{meta.label} has parents or no automatic key"
        raise TypeError(msg)
    fields = [field for field in meta.local_concrete_fields if not field.primary_key]
    columns = ", ".join(quote(str(field.column)) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    sql = f"INSERT INTO {quote(meta.db_table)} ({columns}) VALUES ({places})"  # noqa: S608
    return sql, [(field, type(field).pre_save is not models.Field.pre_save) for field in fields]

"""Rows read by a statement made once are the rows that a queryset would have given.

For what every turn of a worker reads: building and compiling a queryset costs more than the
database's answer. Values come through their columns' converters as always; signals of the model
are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, models

from config.kernel.rows.making import column_named, make_row, prepared

Row = TypeVar("Row", bound=models.Model)
_Converter = Callable[[Any, Any, Any], Any]
_UP_TO = "__lte"


def read(
    model: type[Row],
    where: Mapping[str, Any],
    *,
    order: tuple[str, ...] = (),
    most: int | None = None,
    lock: bool = False,
) -> list[Row]:
    """The rows where every column of `where` holds its value, all columns, first by `order`.

    Names are as for `update`; `<name>__lte` asks for at most the value. NULL is not for here.
    `lock` is `select_for_update()`.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    # With the connection, whose own methods the converters are.
    known = vars(connection).setdefault("_read_templates", {})
    wanted = _Wanted(model, tuple(where), order, most, lock)
    made: _Select | None = known.get(wanted)
    if made is None:
        made = known[wanted] = _make(wanted, connection)
    given = [
        prepared(value, field, connection)
        for value, field in zip(where.values(), made.fields, strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.execute(made.sql, given)
        found = cursor.fetchall()
    return [_row(model, made, values, connection) for values in found]


class _Wanted(NamedTuple):
    """What a statement is made of."""

    model: type[models.Model]
    where: tuple[str, ...]
    order: tuple[str, ...]
    most: int | None
    lock: bool


@dataclass(frozen=True, slots=True)
class _Select:
    """`fields` are of its places; `converters` by column's number, with the expression they ask."""

    sql: str
    fields: list[models.Field[Any, Any]]
    names: tuple[str, ...]
    converters: list[tuple[int, list[_Converter], Any]]


def _make(wanted: _Wanted, connection: Any) -> _Select:
    model, quote = wanted.model, connection.ops.quote_name
    table, columns = model._meta.db_table, model._meta.local_concrete_fields
    fields = [column_named(model, name.removesuffix(_UP_TO)) for name in wanted.where]
    tests = [
        f"{quote(str(field.column))} {'<=' if name.endswith(_UP_TO) else '='} %s"
        for name, field in zip(wanted.where, fields, strict=True)
    ]
    order = [quote(str(column_named(model, name).column)) for name in wanted.order]
    parts = [
        f"SELECT {', '.join(quote(str(field.column)) for field in columns)}",
        f"FROM {quote(table)} WHERE {' AND '.join(tests)}",
        f"ORDER BY {', '.join(order)}" if order else "",
        "" if wanted.most is None else f"LIMIT {wanted.most:d}",
    ]
    if wanted.lock and connection.features.has_select_for_update:
        parts.append(connection.ops.for_update_sql())
    return _Select(
        " ".join(filter(None, parts)),
        fields,
        tuple(field.attname for field in columns),
        _converters(table, columns, connection),
    )


def _converters(
    table: str, columns: Sequence[models.Field[Any, Any]], connection: Any
) -> list[tuple[int, list[_Converter], Any]]:
    """Of those columns that have any, the backend's before the field's."""
    found = []
    for number, field in enumerate(columns):
        column = field.get_col(table)
        ours = [
            *connection.ops.get_db_converters(column), *column.get_db_converters(connection)
        ]  # fmt: skip
        if ours:
            found.append((number, ours, column))
    return found


def _row(model: type[Row], made: _Select, values: Any, connection: Any) -> Row:
    if made.converters:
        values = list(values)
        for number, converting, expression in made.converters:
            for convert in converting:
                values[number] = convert(values[number], expression, connection)
    return make_row(model, dict(zip(made.names, values, strict=True)), connection)

"""The seven tables keep the seed's names, columns, lengths, nullability and indexed columns.

`seed_tables.json` holds what the seed's DDL (S001 3.2) says. The differences allowed below are
the D rows of ARCHITECTURE.md; a new one fails here until it has a row there.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

SEED: dict[str, Any] = json.loads((Path(__file__).parent / "seed_tables.json").read_text())
TEXT = "VARCHAR"
# D17: secrets are binary. D20: foreign ids and keys are 64 bits wide.
BINARY = {
    ("platform_cainiao_config", "app_secret"),
    ("platform_cainiao_config", "callback_secret"),
}
pytestmark = pytest.mark.django_db


def columns(table: str) -> dict[str, Any]:
    with connection.cursor() as cursor:
        return {
            column.name: column
            for column in connection.introspection.get_table_description(cursor, table)
        }


def leading(table: str) -> tuple[set[str], set[str]]:
    """Columns some index begins with, and columns that are unique alone."""
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, table).values()
    indexed = {c["columns"][0] for c in found if c["columns"] and (c["index"] or c["unique"])}
    unique = {c["columns"][0] for c in found if c["unique"] and len(c["columns"]) == 1}
    return indexed, unique


def fields(table: str) -> dict[str, Any]:
    model = next(m for m in apps.get_models() if m._meta.db_table == table)
    return {field.column: field for field in model._meta.concrete_fields}


@pytest.mark.parametrize("table", SEED)
def test_every_column_of_the_seed_is_there(table: str) -> None:
    ours, declared = columns(table), fields(table)
    for name, seed in SEED[table]["columns"].items():
        assert name in ours, name
        if (table, name) in BINARY:
            assert declared[name].get_internal_type() == "BinaryField"
            continue
        if seed["type"] == TEXT:
            assert declared[name].max_length == int(seed["size"]), name
        if seed["type"] == "DECIMAL":
            places = (declared[name].max_digits, declared[name].decimal_places)
            assert ",".join(map(str, places)) == seed["size"], name
        # D21: a column with a default has a value, so it is never null; the rest as the seed.
        if ours[name].null_ok != seed["null"]:
            allowed = seed["default"] and not ours[name].null_ok
            assert allowed or (table, name) in NOT_NULL, name


# Written by us alone and always known: there is no row without them (D21).
NOT_NULL = {
    ("platform_cainiao_config", "created_at"),
    ("platform_callback_records", "raw_data"),
}


@pytest.mark.parametrize("table", SEED)
def test_every_indexed_column_of_the_seed_is_indexed(table: str) -> None:
    indexed, unique = leading(table)
    assert set(SEED[table]["indexed"]) <= indexed
    assert set(SEED[table]["unique"]) <= unique


def test_every_table_of_logistics_and_quotas_is_the_platforms() -> None:
    for label in ("logistics", "quotas"):
        for model in apps.get_app_config(label).get_models():
            assert model._meta.db_table.startswith("platform_")


def test_no_table_of_the_seed_holds_a_foreign_key() -> None:
    for table in SEED:
        with connection.cursor() as cursor:
            found = connection.introspection.get_constraints(cursor, table).values()
        assert not [c for c in found if c["foreign_key"]]
        assert "company_id" not in columns(table)


def test_every_status_column_is_kept_to_its_words_by_the_database() -> None:
    from django.db.models import CharField, CheckConstraint

    for label in ("accounts", "logistics", "quotas"):
        for model in apps.get_app_config(label).get_models():
            checked = " ".join(
                str(c.condition) for c in model._meta.constraints if isinstance(c, CheckConstraint)
            )
            for field in model._meta.concrete_fields:
                if isinstance(field, CharField) and field.choices and field.name != "error_type":
                    assert f"'{field.name}" in checked, (model, field.name)

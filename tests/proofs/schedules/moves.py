"""The database itself notes every state an order passes through, however it is written.

A trigger of this proof's own: no code path, and no two moves inside one action, escape it.
"""

from __future__ import annotations

from django.db import connection

from logistics.states import ORDER_STATES
from tests.proofs.schedules.trace import Broken

TABLE = "proof_moves"
_ORDERS = "platform_express_orders"
_INSERT = f"INSERT INTO {TABLE} (order_id, old, new) VALUES (OLD.id, OLD.status, NEW.status);"


def watch() -> None:
    """Set the witness up, once per database."""
    key = "INTEGER PRIMARY KEY AUTOINCREMENT"
    begin, end = "WHEN OLD.status <> NEW.status BEGIN", "END"
    if connection.vendor != "sqlite":
        key = "INTEGER PRIMARY KEY AUTO_INCREMENT"
        begin, end = "FOR EACH ROW IF OLD.status <> NEW.status THEN", "END IF"
    columns = "order_id BIGINT, old VARCHAR(30), new VARCHAR(30)"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {TABLE} (id {key}, {columns})")
        cursor.execute(
            f"CREATE TRIGGER proof_move AFTER UPDATE ON {_ORDERS} {begin} {_INSERT} {end}"
        )


def unwatch() -> None:
    """Take the witness away."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER proof_move")
        cursor.execute(f"DROP TABLE {TABLE}")


def news() -> list[tuple[int, str, str]]:
    """(order, old state, new state) since the last look, in order; none of them forbidden."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT order_id, old, new FROM {TABLE} ORDER BY id")
        found = [(int(pk), str(old), str(new)) for pk, old, new in cursor.fetchall()]
        if found:
            cursor.execute(f"DELETE FROM {TABLE}")
    for pk, old, new in found:
        if not ORDER_STATES.allows(old, new):
            raise Broken(f"order {pk} moved from {old} to {new}")
    return found

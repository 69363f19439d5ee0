"""No call to another system is made while this thread holds a database transaction.

A slow partner would hold our locks, and a rollback would forget what the partner was asked.
"""

from __future__ import annotations

from django.conf import settings
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper


class OutsideCallInTransaction(RuntimeError):
    """A defect of ours: commit the intent first, then call."""


def forbid_in_transaction() -> None:
    """Raise `OutsideCallInTransaction` inside `atomic()`; a test case's own blocks do not count.

    Looks only at connections this thread has already made, opens none, and does nothing where
    Django is not configured: adapters are plain Python. A few microseconds: always on.
    """
    if not settings.configured:
        return
    for connection in connections.all(initialized_only=True):
        if _in_transaction(connection):
            msg = f"a call to another system inside a transaction on '{connection.alias}'"
            raise OutsideCallInTransaction(msg)


def _in_transaction(connection: BaseDatabaseWrapper) -> bool:
    if connection.in_atomic_block:
        # `_from_testcase` is how Django itself tells durable blocks from a TestCase's wrapping.
        return not all(
            getattr(block, "_from_testcase", False) for block in connection.atomic_blocks
        )
    # set_autocommit(False) by hand; unset attributes mean that nobody has connected yet.
    opened = connection.connection is not None
    return opened and not connection.autocommit and connection.settings_dict["AUTOCOMMIT"]

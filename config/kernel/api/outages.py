"""What the database says when it is away, full or overtaxed: not now, and not a defect of ours."""

from __future__ import annotations

import sqlite3

from django.db import InterfaceError, OperationalError

# Full disks (1021, 1026, 1030 with errno 28, 1114), too many connections (1040, 1203, 1226), a
# node that is not ready (1047), shutting down (1053), a lock waited for too long (1205), deadlocks
# (1213), read-only after a failover (1290, 1836), interrupted (1317, 1969, 3024), a killed
# connection (1927), and what a client says of a server that is not there.
_SERVER = frozenset(
    {1021, 1026, 1030, 1040, 1047, 1053, 1114, 1203, 1205, 1213, 1226, 1290, 1317, 1836, 1927}
    | {1969, 3024}
    | {2002, 2003, 2006, 2013, 2055}
)
_FILE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
    }
)


def is_outage(error: BaseException) -> bool:
    """Whether the same request may well succeed a little later."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    extended = getattr(error.__cause__, "sqlite_errorcode", None)
    if extended is not None:
        return extended & 0xFF in _FILE  # the primary code; the rest says where it happened
    return error.args[:1] in {(code,) for code in _SERVER} or isinstance(error, InterfaceError)
